// The timeline's three bands: forward with the loss and what is on the side, backward,
// update. Each is a row of stretches, one for each layer (in the update: each
// parameter), with its events in their order.

import type { Phase } from "../tape/format";
import type { Step } from "../tape/tape";
import { stretch } from "../tape/walk";

export type BandName = "forward" | "backward" | "update";

export interface Stretch {
  readonly label: string;
  readonly first: number;
  readonly count: number;
}

export interface Band {
  readonly name: BandName;
  readonly stretches: readonly Stretch[];
}

export const BANDS: readonly BandName[] = ["forward", "backward", "update"];

export function bandOf(phase: Phase): BandName {
  return phase === "loss" || phase === "aside" ? "forward" : phase;
}

export function bandsOf(step: Step): Band[] {
  const rows: Record<BandName, Stretch[]> = { forward: [], backward: [], update: [] };
  let before = "";
  for (let at = 0; at < step.length; at += 1) {
    const event = step.event(at);
    const row = rows[bandOf(event.deed.phase)];
    const own = stretch(event);
    const last = row.at(-1);
    if (last !== undefined && own === before) {
      row[row.length - 1] = { ...last, count: last.count + 1 };
    } else {
      row.push({ label: labelOf(step, at), first: at, count: 1 });
    }
    before = own;
  }
  return BANDS.map((name) => ({ name, stretches: rows[name] }));
}

function labelOf(step: Step, at: number): string {
  const deed = step.deeds[at]!;
  if (deed.phase === "loss" || deed.phase === "aside") return deed.phase;
  if (deed.kind === "gradient") return ".grad";
  if (deed.kind === "assign") return deed.op;
  if (deed.phase === "update") return deed.parameter;
  if (deed.of !== null && step.deeds[deed.of]!.phase === "loss") return "loss";
  return deed.layer === "" ? "" : `${deed.layer_kind} ${deed.layer}`;
}
