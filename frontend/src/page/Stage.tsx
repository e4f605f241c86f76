// The stage and what stands on it: the picture (a network, or the graph of an
// expression), the table of all numbers, the story, or a question above the picture.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Legend } from "../panels/Legend";
import { Predict } from "../panels/Predict";
import { Quantities } from "../panels/Quantities";
import { Story } from "../panels/Story";
import { graphOf, MOST_NODES } from "../stage/graph";
import { GraphView } from "../stage/GraphView";
import { isNetwork } from "../stage/columns";
import { NetworkView } from "../stage/NetworkView";
import { useStore } from "../store";
import type { Step } from "../tape/tape";

const MOST_QUANTITIES = 400; // of all phases; beyond, no graph can be small enough

export function Stage(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const { step } = store.event.value;
  const picture = useMemo(() => pictureOf(step), [step]);
  const chosen = store.view.value;
  const isPicture = chosen === "picture" || chosen === "predict";
  return (
    <section class="sg-stage" aria-label={words.views[chosen]}>
      {chosen === "predict" && <Predict />}
      {chosen === "story" ? (
        <Story />
      ) : chosen === "quantities" || picture === "none" ? (
        <Quantities />
      ) : (
        <div class="sg-scroll">
          {picture === "network" ? <NetworkView /> : <GraphView />}
        </div>
      )}
      {isPicture && picture !== "none" && <Legend samples={picture === "network"} />}
      {chosen !== "story" && (
        <div class="sg-print-only">
          <Story />
        </div>
      )}
    </section>
  );
}

/** Which picture there is of a step: an expression that is too long has none. */
function pictureOf(step: Step): "network" | "graph" | "none" {
  if (isNetwork(step)) return "network";
  if (step.quantities.length > MOST_QUANTITIES) return "none";
  const nodes = graphOf(step).flat().length;
  return nodes > 0 && nodes <= MOST_NODES ? "graph" : "none";
}
