// Numbers of the tape as parts of an explanation: named, valued, with the event that
// made them.

import { at } from "../tape/amount";
import { eventBehind } from "../tape/origin";
import { subject, titleOf } from "../tape/subject";
import type { Step } from "../tape/tape";
import type { Part } from "./explanation";

/** A number of a quantity as it was before deed k; null where the tape has it not. */
export function valuePart(
  step: Step,
  quantity: number,
  index: number,
  k: number,
): Part | null {
  const value = at(step.value(quantity, k - 1), index);
  if (value === null) return null;
  const about = subject(step, quantity, index);
  const event = eventBehind(step, quantity, k);
  return { name: titleOf(step, about), value, subject: about, event };
}

/** The gradient that arrived at the result of a backward deed k. */
export function arrivingPart(step: Step, k: number, index: number): Part | null {
  const deed = step.deeds[k]!;
  const value = at(step.numbersOf(k, 0), index);
  if (value === null) return null;
  const about = subject(step, deed.output, index, "gradient");
  const sender = (step.senders.get(deed.output) ?? []).filter((s) => s < k).at(-1);
  const event = sender === undefined ? null : step.first + sender;
  return { name: `∂ ${titleOf(step, about)}`, value, subject: about, event };
}

/** d output / d input of an elementwise operation, at one number. */
export function localPart(
  step: Step,
  made: number,
  position: number,
  index: number,
): Part | null {
  const local = step.local(made, position);
  const value = at(local, local?.size === 1 ? 0 : index);
  if (value === null) return null;
  const deed = step.deeds[made]!;
  const below = "xyzuvw"[position] ?? `x${position}`;
  return {
    name: `d ${deed.op} / d ${below}`,
    value,
    subject: null,
    event: step.first + made,
  };
}
