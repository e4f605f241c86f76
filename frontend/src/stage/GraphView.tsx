// An expression at one moment: a card for every quantity, with the operation that makes
// it, its value and its gradient. Cards that are still unknown wait as outlines.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { short } from "../numbers";
import { useStore } from "../store";
import type { Step } from "../tape/tape";
import { operationOf, touchedBy, wayOf } from "./active";
import { type Edge, Edges } from "./Edges";
import { graphOf, type Node } from "./graph";
import { useInSight } from "./inSight";
import { QuantityNumbers } from "./QuantityNumbers";

export function GraphView(): JSX.Element {
  const store = useStore();
  const event = store.event.value;
  const { step } = event;
  const ranks = useMemo(() => graphOf(step), [step]);
  const touched = touchedBy(event);
  const operation = operationOf(event);
  const made = operation === null ? null : step.deeds[operation]!.output;
  const edges = ranks.flat().flatMap((node) =>
    [...new Set(node.from)].map(
      (q): Edge => ({
        from: String(q),
        to: String(node.quantity),
        strength: null,
        active:
          node.quantity === made && (event.deed.kind !== "backward" || touched.has(q)),
        ...localLabel(step, node.quantity, q, event.at),
      }),
    ),
  );
  const here = useInSight();
  return (
    <div class="sg-network sg-graph" ref={here}>
      <Edges edges={edges} way={wayOf(event)} />
      {ranks.map((nodes, rank) => (
        <section class="sg-column" key={rank}>
          {nodes.map((node) => (
            <Card
              key={node.quantity}
              node={node}
              touched={touched.has(node.quantity)}
            />
          ))}
        </section>
      ))}
    </div>
  );
}

/** The local derivatives along an edge, once the way back has used them. */
function localLabel(
  step: Step,
  made: number,
  input: number,
  now: number,
): { label?: string } {
  const k = step.writers.get(made)?.[0];
  const back = step.deeds.findIndex(
    (deed) => deed.kind === "backward" && deed.of === k,
  );
  if (k === undefined || back < 0 || back > now) return {};
  const sent = step
    .sharesTo(input, back)
    .map(({ position }) => step.local(k, position));
  const known = sent.filter((local) => local?.size === 1 && local.data !== null);
  if (known.length === 0) return {};
  return { label: known.map((local) => `×${short(local!.data![0]!)}`).join(", ") };
}

function Card({
  node,
  touched,
}: {
  readonly node: Node;
  readonly touched: boolean;
}): JSX.Element {
  const { step, at } = useStore().event.value;
  const known = step.value(node.quantity, at) !== null;
  return (
    <div
      class={`sg-unit sg-card${touched ? " sg-touched" : ""}${known ? "" : " sg-unknown"}`}
      data-anchor={node.quantity}
      data-port={node.quantity}
    >
      <Title step={step} node={node} />
      <QuantityNumbers quantity={node.quantity} />
    </div>
  );
}

function Title({
  step,
  node,
}: {
  readonly step: Step;
  readonly node: Node;
}): JSX.Element {
  const words = useStore().words.value;
  const { name, role } = step.quantity(node.quantity);
  const k = step.writers.get(node.quantity)?.[0];
  const symbol =
    k === undefined || step.deeds[k]!.kind !== "operation"
      ? null
      : step.deeds[k]!.symbol;
  return (
    <p class="sg-card-title">
      {symbol !== null && <code>{symbol}</code>}
      {name !== "" && name !== symbol && <strong>{name}</strong>}
      {name === "" && symbol === null && <small>{words.roles[role]}</small>}
    </p>
  );
}
