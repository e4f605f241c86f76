// Ways along a tape: one operation, one layer, one training step. A layer's stretch is
// the run of events of one phase and one layer (in an update: of one parameter).

import type { Event, Tape } from "./tape";

export type Stride = "operation" | "layer" | "step";

/** Where a move leads: the id of the event to stand on. */
export function moved(tape: Tape, id: number, stride: Stride, way: 1 | -1): number {
  const target =
    stride === "operation"
      ? id + way
      : stride === "layer"
        ? alongLayers(tape, id, way)
        : alongSteps(tape, id, way);
  return Math.max(0, Math.min(tape.length - 1, target));
}

/** What an event belongs to; a move by a layer ends where this changes. */
export function stretch(event: Event): string {
  const { phase, layer, parameter, kind, op } = event.deed;
  if (phase === "loss" || kind === "gradient" || kind === "assign")
    return `${phase}/${kind}`;
  return [phase, phase === "update" ? parameter || op : layer].join("/");
}

function alongLayers(tape: Tape, id: number, way: 1 | -1): number {
  const start = (from: number): number => {
    let k = from;
    const own = where(tape, from);
    while (k > 0 && where(tape, k - 1) === own) k -= 1;
    return k;
  };
  if (way < 0) return start(id) < id ? start(id) : start(Math.max(0, id - 1));
  let k = id;
  while (k < tape.length - 1 && where(tape, k) === where(tape, id)) k += 1;
  return k;
}

function where(tape: Tape, id: number): string {
  const event = tape.event(id);
  return `${event.step.place}/${stretch(event)}`;
}

/** The same place of the next step, where there is one; else the end of the tape. */
function alongSteps(tape: Tape, id: number, way: 1 | -1): number {
  const { at, step } = tape.event(id);
  const next = tape.steps[step.place + way];
  if (next === undefined) return way < 0 ? 0 : tape.length - 1;
  return next.first + Math.min(at, next.length - 1);
}
