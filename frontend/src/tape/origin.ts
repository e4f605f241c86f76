// Which event a number comes from. A result was made in its step; a parameter has the
// value that the update of the step before gave it, and the gradient that an update
// reads was stored by the backward walk.

import type { Step } from "./tape";

/** The event behind the value that a quantity has before deed `k`; null: it was given. */
export function eventBehind(step: Step, quantity: number, k: number): number | null {
  const writer = step.writer(quantity, k - 1);
  if (writer !== null) return step.first + writer;
  const { role, name } = step.quantity(quantity);
  if (role === "parameter")
    return step.previous && latest(step.previous, "assign", name);
  return role === "gradient"
    ? latest(step, "gradient", name.replace(/\.grad$/, ""))
    : null;
}

function latest(step: Step, kind: "assign" | "gradient", name: string): number | null {
  const k = step.deeds.findLastIndex(
    (deed) => deed.kind === kind && step.quantity(deed.output).name === name,
  );
  return k < 0 ? null : step.first + k;
}
