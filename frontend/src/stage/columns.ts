// A network as columns: the input, each layer, the loss. A column is a run of forward
// operations of one layer; what it shows is the latest of them that depends on the data.
// What only prepares a parameter (a turned weight) is no column of its own.

import type { Deed, Quantity } from "../tape/format";
import { sizeOf } from "../tape/amount";
import type { Step } from "../tape/tape";

export interface Column {
  readonly key: string;
  readonly kind: "input" | "layer" | "loss";
  /** The class and the path of the layer. */
  readonly title: string;
  readonly path: string;
  /** The quantities that it shows, each replaced by the next once that is known. */
  readonly quantities: readonly number[];
  /** The deeds that belong to it. */
  readonly deeds: readonly number[];
  readonly parameters: readonly number[];
  /** The shape of one example, and how many examples there are. */
  readonly shape: readonly number[];
  readonly units: number;
  readonly batch: number;
  /** The column that its weights connect it to. */
  readonly source: string | null;
}

export interface Network {
  readonly columns: readonly Column[];
  readonly batch: number;
}

/** Whether the step has layers; a tape of single expressions has none. */
export function isNetwork(step: Step): boolean {
  return step.deeds.some((deed) => deed.phase === "forward" && deed.layer !== "");
}

export function networkOf(step: Step): Network {
  const alive = dependingOnData(step);
  const inputs = inputsOf(step);
  const batch = step.quantities[inputs[0] ?? -1]?.shape[0] ?? 1;
  const columns: Column[] = inputs.map((q) =>
    column(step, batch, {
      key: `input ${q}`,
      kind: "input",
      title: step.quantity(q).name,
      path: "",
      quantities: [q],
      deeds: [],
      parameters: [],
      source: null,
    }),
  );
  for (const run of runsOf(step)) {
    const { layer, layer_kind, phase } = step.deeds[run[0]!]!;
    const made = run.filter((k) => alive.has(step.deeds[k]!.output));
    if (made.length === 0) continue;
    const kind = phase === "loss" ? "loss" : "layer";
    const final = step.quantity(step.deeds[made.at(-1)!]!.output).shape.join();
    const outputs = made.map((k) => step.deeds[k]!.output);
    columns.push(
      column(step, batch, {
        key: `${kind} ${run[0]}`,
        kind,
        title: layer_kind,
        path: layer,
        quantities:
          kind === "loss"
            ? outputs
            : outputs.filter((q) => step.quantity(q).shape.join() === final),
        deeds: run,
        parameters: kind === "loss" ? [] : parametersOf(step, run),
        source: sourceOf(step, run, columns),
      }),
    );
  }
  return { columns, batch };
}

type Bare = Omit<Column, "shape" | "units" | "batch">;

function column(step: Step, batch: number, bare: Bare): Column {
  const last = step.quantity(bare.quantities.at(-1)!).shape;
  const batched = batch > 1 && last[0] === batch;
  const shape = batched ? last.slice(1) : last;
  return { ...bare, shape, units: sizeOf(shape), batch: batched ? batch : 1 };
}

/** What the layers get from outside, in the order of its first use. */
function inputsOf(step: Step): number[] {
  const used = step.deeds
    .filter((deed) => deed.phase === "forward")
    .flatMap((deed) => deed.inputs)
    .filter((q) => step.quantity(q).role === "input");
  return [...new Set(used)];
}

/** Quantities that change with the data: inputs, targets, and all made from them. */
function dependingOnData(step: Step): Set<number> {
  const roles: Quantity["role"][] = ["input", "target"];
  const alive = new Set(
    step.quantities.filter((q) => roles.includes(q.role)).map((q) => q.id),
  );
  for (const deed of step.deeds) {
    if (deed.kind === "operation" && deed.inputs.some((q) => alive.has(q)))
      alive.add(deed.output);
  }
  return alive;
}

/** Runs of forward operations of the same layer; the loss is one run. */
function runsOf(step: Step): number[][] {
  const runs: number[][] = [];
  let before: Deed | null = null;
  step.deeds.forEach((deed, k) => {
    const shown =
      deed.kind === "operation" && (deed.phase === "forward" || deed.phase === "loss");
    if (!shown) return;
    const goesOn =
      before !== null &&
      before.phase === deed.phase &&
      (deed.phase === "loss" || before.layer === deed.layer);
    if (goesOn) runs.at(-1)!.push(k);
    else runs.push([k]);
    before = deed;
  });
  return runs;
}

function parametersOf(step: Step, run: readonly number[]): number[] {
  const used = run.flatMap((k) => step.deeds[k]!.inputs);
  return [...new Set(used)].filter((q) => step.quantity(q).role === "parameter");
}

/** The column whose result the run reads first. */
function sourceOf(
  step: Step,
  run: readonly number[],
  columns: readonly Column[],
): string | null {
  for (const k of run) {
    for (const q of step.deeds[k]!.inputs) {
      const found = columns.findLast((c) => c.quantities.includes(q));
      if (found !== undefined) return found.key;
    }
  }
  return null;
}

/** The quantity that a column shows once deed `now` is done; null: none is known yet. */
export function shownIn(step: Step, column: Column, now: number): number | null {
  return column.quantities.findLast((q) => step.value(q, now) !== null) ?? null;
}

/** The parameter that is a matrix from the source's units to this column's units. */
export function weightOf(step: Step, column: Column, network: Network): number | null {
  const source = network.columns.find((c) => c.key === column.source);
  return (
    column.parameters.find((q) => {
      const { shape } = step.quantity(q);
      return (
        shape.length === 2 && shape[0] === column.units && shape[1] === source?.units
      );
    }) ?? null
  );
}

/** The parameter with one number for each unit. */
export function biasOf(step: Step, column: Column): number | null {
  return (
    column.parameters.find((q) => {
      const { shape } = step.quantity(q);
      return shape.length === 1 && shape[0] === column.units;
    }) ?? null
  );
}
