// What the signs on the stage mean; sign is told by more than colour, and this says how.

import type { JSX } from "preact";
import { useStore } from "../store";

export function Legend({ samples }: { readonly samples: boolean }): JSX.Element {
  const words = useStore().words.value;
  return (
    <ul class="sg-legend">
      <li>
        <span class="sg-number sg-data">0.4</span> {words.legendValue}
      </li>
      <li>
        <span class="sg-number sg-gradient">+0.1</span> {words.legendGradient}…
      </li>
      <li>
        <Sample sign="positive" /> {words.legendPositive}
      </li>
      <li>
        <Sample sign="negative" /> {words.legendNegative}
      </li>
      <li>
        <span class="sg-number sg-changed">0.4 → 0.3</span> {words.legendUpdate}
      </li>
      {samples && (
        <li>
          <svg class="sg-sample" viewBox="0 0 46 14" aria-hidden="true">
            <path class="sg-chosen" d="M1 0h10v14H1z" />
            <path class="sg-fill-positive" d="M3 2h6v5H3zM25 4h6v3h-6z" />
            <path class="sg-fill-negative" d="M14 7h6v4h-6zM36 7h6v6h-6z" />
          </svg>{" "}
          {words.legendSamples}
        </li>
      )}
    </ul>
  );
}

function Sample({ sign }: { readonly sign: "positive" | "negative" }): JSX.Element {
  return (
    <svg class="sg-sample" viewBox="0 0 46 14" aria-hidden="true">
      <path class={`sg-${sign}-edge`} d="M0 7h26" stroke-width="2.5" />
      <rect class={`sg-fill-${sign}`} x="32" y="1" width="12" height="12" />
      {sign === "negative" && (
        <rect class="sg-notch" x="35" y="6" width="6" height="2" />
      )}
    </svg>
  );
}
