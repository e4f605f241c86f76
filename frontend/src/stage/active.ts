// What an event touches: the quantities to point out on the stage, and the way that
// things flow at this moment.

import type { Event } from "../tape/tape";

export type Way = "forward" | "backward" | "update";

export function wayOf(event: Event): Way {
  const { phase } = event.deed;
  return phase === "loss" || phase === "aside" ? "forward" : phase;
}

/** The quantities that just got a value, a gradient or an update. */
export function touchedBy(event: Event): ReadonlySet<number> {
  const { deed, step, numbers } = event;
  if (deed.kind === "backward") {
    return new Set(deed.inputs.filter((_, i) => numbers[i + 1] !== null));
  }
  if (deed.phase === "update" && deed.kind === "operation") {
    const named = step.quantities.filter(
      (q) => q.role === "parameter" && q.name === deed.parameter,
    );
    return new Set([deed.output, ...named.map((q) => q.id)]);
  }
  return new Set([deed.output]);
}

/** The forward operation that an event does, or goes back through. */
export function operationOf(event: Event): number | null {
  if (event.deed.kind === "backward") return event.deed.of;
  return event.deed.kind === "operation" ? event.at : null;
}
