// The network at one moment: columns from the input to the loss. Forward fills values
// from left to right, backward fills gradients from right to left, the update puts the
// new numbers beside the old ones. What is not yet known is not shown.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { shapeText } from "../numbers";
import { useStore } from "../store";
import type { Step } from "../tape/tape";
import { operationOf, touchedBy, wayOf } from "./active";
import { Block } from "./Block";
import {
  biasOf,
  type Column,
  type Network,
  networkOf,
  shownIn,
  weightOf,
} from "./columns";
import { type Edge, Edges } from "./Edges";
import { useInSight } from "./inSight";
import { LossColumn } from "./LossColumn";
import { largest } from "./parameter";
import { ParameterMap } from "./ParameterMap";
import { Unit } from "./Unit";

const CARDS = 6; // units that are shown as cards, with their weights
const LINES = 10; // units that are shown as lines

export function NetworkView(): JSX.Element {
  const store = useStore();
  const event = store.event.value;
  const { step, at } = event;
  const network = useMemo(() => networkOf(step), [step]);
  const touched = touchedBy(event);
  const operation = operationOf(event);
  const edges = edgesOf(step, network, at, operation);
  const here = useInSight();
  return (
    <div class="sg-network" ref={here}>
      <Edges edges={edges} way={wayOf(event)} />
      {network.columns.map((column) => (
        <LayerColumn
          key={column.key}
          column={column}
          network={network}
          touched={touched}
          isAtWork={operation !== null && column.deeds.includes(operation)}
        />
      ))}
    </div>
  );
}

interface LayerProps {
  readonly column: Column;
  readonly network: Network;
  readonly touched: ReadonlySet<number>;
  readonly isAtWork: boolean;
}

function LayerColumn({ column, network, touched, isAtWork }: LayerProps): JSX.Element {
  const { step, at } = useStore().event.value;
  const final = column.quantities.at(-1)!;
  const shown = shownIn(step, column, at);
  const inRows = rowsOf(step, column, network);
  const maps = column.parameters.filter(
    (q) => q !== inRows.weight && q !== inRows.bias,
  );
  return (
    <section
      class={`sg-column sg-column-${column.kind}${isAtWork ? " sg-at-work" : ""}`}
    >
      <Heading column={column} />
      {maps.map((q) => (
        <ParameterMap key={q} quantity={q} touched={touched.has(q)} />
      ))}
      {column.kind === "loss" ? (
        <LossColumn column={column} touched={touched} />
      ) : column.units <= LINES ? (
        Array.from({ length: column.units }, (_, unit) => (
          <Unit
            key={unit}
            column={column}
            unit={unit}
            shown={shown}
            final={final}
            touched={touched}
            weight={inRows.weight}
            bias={inRows.bias}
            inputs={inRows.inputs}
            compact={column.units > CARDS}
          />
        ))
      ) : (
        <Block column={column} shown={shown} final={final} touched={touched} />
      )}
    </section>
  );
}

function Heading({ column }: { readonly column: Column }): JSX.Element {
  const words = useStore().words.value;
  const title =
    column.kind === "loss"
      ? words.loss
      : column.kind === "input"
        ? words.input
        : column.title;
  const size =
    column.shape.length > 1 ? shapeText(column.shape) : words.units(column.units);
  return (
    <h2 class="sg-column-title">
      <span>
        {title} {column.path !== "" && <code>{column.path}</code>}
      </span>
      <small>{column.kind === "loss" ? column.title : size}</small>
    </h2>
  );
}

/** The parameters whose numbers stand in the rows of single units. */
function rowsOf(
  step: Step,
  column: Column,
  network: Network,
): {
  weight: number | null;
  bias: number | null;
  inputs: number;
} {
  const source = network.columns.find((c) => c.key === column.source);
  const inputs = source?.units ?? 0;
  if (column.kind !== "layer" || column.units > CARDS)
    return { weight: null, bias: null, inputs };
  const weight = inputs <= CARDS ? weightOf(step, column, network) : null;
  return { weight, bias: biasOf(step, column), inputs };
}

function edgesOf(
  step: Step,
  network: Network,
  at: number,
  operation: number | null,
): Edge[] {
  return network.columns.flatMap((column) => {
    const source = network.columns.find((c) => c.key === column.source);
    if (source === undefined) return [];
    const active = operation !== null && column.deeds.includes(operation);
    const fromUnits = source.units <= LINES;
    const toUnits = column.units <= LINES && column.kind === "layer";
    const weight = toUnits ? weightOf(step, column, network) : null;
    const inRows = weight !== null && rowsOf(step, column, network).weight === weight;
    if (fromUnits && weight !== null) {
      const amount = step.value(weight, at)!;
      const full = largest(amount);
      return Array.from(amount.data ?? [], (value, k): Edge => {
        const [unit, input] = [Math.floor(k / source.units), k % source.units];
        return {
          from: `${source.key}/${input}`,
          to: inRows ? `${column.key}/${unit}/${input}` : `${column.key}/${unit}`,
          strength: full > 0 ? value / full : 0,
          active,
        };
      });
    }
    if (fromUnits && column.kind === "loss") {
      return Array.from(
        { length: source.units },
        (_, unit): Edge => ({
          from: `${source.key}/${unit}`,
          to: column.key,
          strength: null,
          active,
        }),
      );
    }
    if (fromUnits && toUnits && source.units === column.units) {
      return Array.from(
        { length: source.units },
        (_, unit): Edge => ({
          from: `${source.key}/${unit}`,
          to: `${column.key}/${unit}`,
          strength: null,
          active,
        }),
      );
    }
    const starts = fromUnits
      ? Array.from({ length: source.units }, (_, u) => `${source.key}/${u}`)
      : [source.key];
    const ends = toUnits
      ? Array.from({ length: column.units }, (_, u) => `${column.key}/${u}`)
      : [column.key];
    return starts.flatMap((from) =>
      ends.map((to): Edge => ({ from, to, strength: null, active })),
    );
  });
}
