// A parameter at a moment: what it is worth, what its gradient is by now, and, once the
// update has moved it, what it was before.

import { type Amount, minus } from "../tape/amount";
import type { Step } from "../tape/tape";

export interface ParameterState {
  readonly now: Amount;
  readonly gradient: Amount | null;
  /** What it was before the update; null as long as it has not been moved. */
  readonly old: Amount | null;
  readonly shift: Amount | null;
}

export function parameterState(
  step: Step,
  quantity: number,
  at: number,
): ParameterState {
  const now = step.value(quantity, at)!;
  const start = step.start(quantity)!;
  const moved = step.writer(quantity, at) !== null;
  return {
    now,
    gradient: step.stored(quantity, at) ?? step.gradient(quantity, at),
    old: moved ? start : null,
    shift: moved ? minus(now, start) : null,
  };
}

/** The largest size of a number of an amount, to draw the others against. */
export function largest(amount: Amount | null): number {
  if (amount === null) return 0;
  return (
    Math.max(Math.abs(amount.spread.minimum), Math.abs(amount.spread.maximum)) || 0
  );
}
