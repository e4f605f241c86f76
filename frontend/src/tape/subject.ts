// One number of the tape: which quantity, which place in it, its value or its gradient.
// Everything that can be pointed at on the page is one of these, and has a name that is
// the same wherever it is shown.

import { type Amount, at } from "./amount";
import type { Quantity } from "./format";
import { unravel } from "./indices";
import type { Step } from "./tape";

export type Aspect = "value" | "gradient";

export interface Subject {
  readonly step: number;
  readonly quantity: number;
  /** The place in the flattened array; null for all of it. */
  readonly index: number | null;
  readonly aspect: Aspect;
}

export function subject(
  step: Step,
  quantity: number,
  index: number | null,
  aspect: Aspect = "value",
): Subject {
  return { step: step.place, quantity, index, aspect };
}

export function same(one: Subject | null, other: Subject | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.step === other.step &&
    one.quantity === other.quantity &&
    one.index === other.index &&
    one.aspect === other.aspect
  );
}

/** Its amount at a moment: the whole array. */
export function amountOf(step: Step, it: Subject, now: number): Amount | null {
  return it.aspect === "value"
    ? step.value(it.quantity, now)
    : step.gradient(it.quantity, now);
}

/** Its number at a moment; null if it is not known, or if it is a whole array. */
export function numberOf(step: Step, it: Subject, now: number): number | null {
  const amount = amountOf(step, it, now);
  if (amount?.size === 1) return at(amount, 0);
  return it.index === null ? null : at(amount, it.index);
}

/** What a quantity is called: its own name, or its number, as in the sentences. */
export function nameOf(quantity: Quantity): string {
  return quantity.name === "" ? `q${quantity.id}` : quantity.name;
}

/** What a result is: the operation that makes it and its layer; empty for a leaf. */
export function originOf(step: Step, quantity: number): string {
  const k = step.writers
    .get(quantity)
    ?.find((at) => step.deeds[at]!.kind === "operation");
  if (k === undefined) return "";
  const deed = step.deeds[k]!;
  return deed.layer === "" ? deed.op : `${deed.op} · ${deed.layer_kind} ${deed.layer}`;
}

/** The name of a number: 0.weight[2, 0]. */
export function titleOf(step: Step, it: Subject): string {
  const quantity = step.quantity(it.quantity);
  const name = nameOf(quantity);
  const single = it.index === null || quantity.shape.length === 0;
  return single ? name : `${name}[${unravel(it.index!, quantity.shape).join(", ")}]`;
}
