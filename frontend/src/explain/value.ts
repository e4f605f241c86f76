// Why a number has its value: the operation that made it, with the very numbers that
// were put in; for a parameter, what the update did.

import { at } from "../tape/amount";
import { eventBehind } from "../tape/origin";
import { type Subject, amountOf, numberOf, titleOf } from "../tape/subject";
import type { Step } from "../tape/tape";
import { type Explanation, type Part, type Reason, reason, shown } from "./explanation";
import { filled, product } from "./filled";
import { originsOf } from "./origins";
import { valuePart } from "./parts";

/** How the value of a number came about, as far as it is known once `now` is done. */
export function explainValue(step: Step, it: Subject, now: number): Explanation {
  const known = amountOf(step, it, now) !== null;
  return {
    subject: it,
    title: titleOf(step, it),
    value: numberOf(step, it, now),
    reasons: known ? reasons(step, it, now) : [reason("later")],
  };
}

function reasons(step: Step, it: Subject, now: number): Reason[] {
  const k = step.writer(it.quantity, now);
  if (k === null) {
    const event = eventBehind(step, it.quantity, now);
    return [reason("given", { value: numberOf(step, it, now), event })];
  }
  const deed = step.deeds[k]!;
  if (deed.kind === "assign") return [updated(step, it, k)];
  return [computed(step, k, it.index)];
}

/** What deed k did to make the number at an index. */
export function computed(step: Step, k: number, index: number | null): Reason {
  const deed = step.deeds[k]!;
  const size = step.numbersOf(k, 0)?.size ?? 0;
  const place = size === 1 ? 0 : index;
  const own = {
    event: step.first + k,
    op: deed.op,
    formula: deed.formula,
    value: place === null ? null : at(step.numbersOf(k, 0), place),
  };
  if (place === null) return reason("computed", { ...own, parts: [] });
  const origins = originsOf(step, k, place);
  const groups = origins.groups
    .map((group) =>
      group.map((o) => valuePart(step, deed.inputs[o.position]!, o.index, k)),
    )
    .filter((group): group is Part[] => group.every((part) => part !== null));
  if (groups.length < origins.groups.length || groups.length === 0)
    return reason("computed", own);
  if (origins.how === "products" || origins.how === "sum" || origins.how === "choice") {
    const terms = groups.map((factors) => ({
      factors,
      value: factors.reduce((value, part) => value * part.value, 1),
    }));
    return reason("computed", { ...own, ...shown(terms), filled: written(terms) });
  }
  const parts = groups[0]!;
  const line =
    origins.how === "moved"
      ? ""
      : filled(
          deed.symbol,
          deed.op,
          parts.map((p) => p.value),
        );
  return reason("computed", { ...own, parts, filled: line });
}

/** A short sum of products in one line; a long one is listed instead. */
function written(terms: readonly { readonly factors: readonly Part[] }[]): string {
  const pairs = terms.every((term) => term.factors.length > 1);
  if (!pairs || terms.length > 3) return "";
  return terms
    .map((term) => product(term.factors.map((part) => part.value)))
    .join(" + ");
}

/** What an update did to a number: from what to what, and by which last line. */
function updated(step: Step, it: Subject, k: number): Reason {
  const deed = step.deeds[k]!;
  const index = it.index ?? 0;
  const [old, now] = [at(step.numbersOf(k, 0), index), at(step.numbersOf(k, 1), index)];
  const own = { event: step.first + k, op: deed.op, formula: deed.formula, value: now };
  const last = step.deeds.findLastIndex(
    (other, at) =>
      at < k &&
      other.kind === "operation" &&
      other.phase === "update" &&
      other.parameter === deed.parameter &&
      other.parameter !== "",
  );
  const line = last < 0 ? null : computed(step, last, it.index);
  const before: Part[] =
    old === null
      ? []
      : [{ name: titleOf(step, it), value: old, subject: null, event: null }];
  return reason("updated", {
    ...own,
    formula: line?.formula ?? deed.formula,
    filled: line?.filled ?? "",
    parts: line?.parts.length ? line.parts : before,
  });
}
