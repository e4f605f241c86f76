// Why a number has its gradient: what each operation that used it sent back. One share
// is the gradient that arrived there times the local derivative; where a number was used
// several times, the shares add up.

import { at, sizeOf } from "../tape/amount";
import {
  meets,
  axesOf,
  met,
  permutedFrom,
  reducedTo,
  unravel,
  ravel,
} from "../tape/indices";
import { type Subject, numberOf, titleOf } from "../tape/subject";
import type { Step } from "../tape/tape";
import {
  type Explanation,
  type Part,
  type Reason,
  type Term,
  reason,
  shown,
} from "./explanation";
import { product } from "./filled";
import { meetingsWith } from "./matmul";
import { arrivingPart, localPart, valuePart } from "./parts";

/** How the gradient of a number came about, as far as it is known once `now` is done. */
export function explainGradient(step: Step, it: Subject, now: number): Explanation {
  const index = it.index ?? 0;
  const sent = (step.senders.get(it.quantity) ?? []).filter((k) => k <= now);
  const reasons = sent.flatMap((k) =>
    step
      .sharesTo(it.quantity, k)
      .map(({ position }) => share(step, k, position, index)),
  );
  const stored = step.deeds.findLastIndex(
    (deed, k) => k <= now && deed.kind === "gradient" && deed.output === it.quantity,
  );
  if (stored >= 0) reasons.push(written(step, stored, index));
  if (reasons.length === 0) reasons.push(beginning(step, it, now));
  return {
    subject: it,
    title: titleOf(step, it),
    value: numberOf(step, it, now),
    reasons,
  };
}

/** What backward deed k sent to the number at `index` of its input at `position`. */
export function share(step: Step, k: number, position: number, index: number): Reason {
  const deed = step.deeds[k]!;
  const terms = termsOf(step, k, position, index);
  const single = terms.length === 1 ? terms[0]! : null;
  return reason("share", {
    event: step.first + k,
    op: deed.op,
    formula: lineOf(deed.formula, position),
    value: at(step.numbersOf(k, 1 + position), index),
    filled:
      single && single.factors.length > 1
        ? product(single.factors.map((part) => part.value))
        : "",
    ...(single ? { parts: single.factors } : shown(terms)),
  });
}

/** The rule of one input: "dx = g * y, dy = g * x" has one for each. */
export function lineOf(formula: string, position: number): string {
  const rules = formula.split(/, (?=d\w+ = )/);
  const letter = "xyzuvw"[position] ?? "";
  return (
    rules.find((rule) => rule.startsWith(`d${letter} = `)) ?? rules[position] ?? formula
  );
}

/** Products whose sum is the share, one for each place where the number was used. */
function termsOf(step: Step, k: number, position: number, index: number): Term[] {
  const deed = step.deeds[k]!;
  const made = deed.of!;
  const shapes = deed.inputs.map((q) => step.quantity(q).shape);
  const own = shapes[position]!;
  const result = step.quantity(deed.output).shape;
  const term = (...factors: (Part | null)[]): Term[] => {
    const known = factors.filter((part) => part !== null);
    if (known.length < factors.length) return [];
    return [
      { factors: known, value: known.reduce((value, part) => value * part.value, 1) },
    ];
  };
  const arriving = (place: number): Part | null => arrivingPart(step, k, place);
  if (deed.op === "matmul" && position < 2) {
    const side = position === 0 ? "x" : "y";
    const other = position === 0 ? "y" : "x";
    return meetingsWith(side, index, shapes[0]!, shapes[1]!).flatMap((m) =>
      term(
        arriving(m.out),
        valuePart(step, deed.inputs[1 - position]!, m[other], made),
      ),
    );
  }
  if (deed.op === "sum") {
    return term(arriving(reducedTo(index, own, axesOf(deed.settings.dim, own.length))));
  }
  if (deed.op === "permute") {
    const order = axesOf(deed.settings.dims, own.length);
    const places = Array.from({ length: sizeOf(result) }, (_, place) => place);
    return places
      .filter((place) => permutedFrom(place, result, own, order) === index)
      .flatMap((place) => term(arriving(place)));
  }
  if (deed.op === "reshape" || deed.op === "cast") return term(arriving(index));
  if (deed.op === "gather" && position === 0)
    return picked(step, k, index).flatMap((p) => term(arriving(p)));
  if (step.local(made, position) === null) return [];
  return meets(index, own, result).flatMap((place) =>
    term(arriving(place), localPart(step, made, position, place)),
  );
}

/** The places of a gathered result that were picked from here. */
function picked(step: Step, k: number, index: number): number[] {
  const deed = step.deeds[k]!;
  const [x, y] = deed.inputs.map((q) => step.quantity(q).shape) as [number[], number[]];
  const chosen = step.value(deed.inputs[1]!, k)?.data;
  const [axis] = axesOf(deed.settings.dim, x.length);
  if (chosen === undefined || chosen === null || axis === undefined) return [];
  return Array.from(chosen, (value, place) => {
    const coordinates = unravel(place, y);
    if (y.length === x.length) coordinates[axis] = value;
    else coordinates.splice(axis, 0, value);
    return ravel(coordinates, x) === index ? place : -1;
  }).filter((place) => place >= 0);
}

/** A leaf's own gradient was written down, or added to what was there. */
function written(step: Step, k: number, index: number): Reason {
  const deed = step.deeds[k]!;
  return reason("stored", {
    event: step.first + k,
    op: deed.op,
    formula: deed.formula,
    value: at(step.numbersOf(k, 1), index),
  });
}

/** No share: either the walk starts here, or nothing has arrived yet. */
function beginning(step: Step, it: Subject, now: number): Reason {
  const k = step.deeds.findIndex(
    (d) => d.kind === "backward" && d.output === it.quantity,
  );
  if (k < 0 || k > now) return reason("later");
  return reason("start", {
    event: step.first + k,
    value: at(step.numbersOf(k, 0), met(0, [], [])),
  });
}
