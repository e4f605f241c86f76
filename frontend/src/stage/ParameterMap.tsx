// A parameter as a map. It shows what is newest: the values, the gradient as soon as it
// has arrived, how the update has shifted each number. The buttons below bring any of
// them back.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { shapeText, short } from "../numbers";
import { useStore } from "../store";
import type { Amount } from "../tape/amount";
import { subject, titleOf } from "../tape/subject";
import { isImage } from "./cells";
import { HeatMap } from "./HeatMap";
import { parameterState } from "./parameter";

interface Props {
  readonly quantity: number;
  readonly touched: boolean;
}

type Face = "value" | "gradient" | "shift";

export function ParameterMap({ quantity, touched }: Props): JSX.Element {
  const store = useStore();
  const { step, at } = store.event.value;
  const words = store.words.value;
  const [chosen, choose] = useState<Face | null>(null);
  const state = parameterState(step, quantity, at);
  const about = subject(step, quantity, null);
  const name = titleOf(step, about);
  const amounts: Record<Face, Amount | null> = {
    value: state.now,
    gradient: state.gradient,
    shift: state.shift,
  };
  const labels: Record<Face, string> = {
    value: words.value,
    gradient: words.gradient,
    shift: words.shift,
  };
  const known = (["value", "gradient", "shift"] as const).filter(
    (face) => amounts[face] !== null,
  );
  const face = known.find((one) => one === chosen) ?? known.at(-1)!;
  return (
    <div class={`sg-parameter${touched ? " sg-touched" : ""}`}>
      <p class="sg-parameter-name">
        {name} <span>{shapeText(state.now.shape)}</span>
      </p>
      <HeatMap
        amount={amounts[face]!}
        label={`${name}, ${labels[face]}`}
        width={isImage(state.now.shape) ? 204 : 128}
        subject={face === "gradient" ? { ...about, aspect: "gradient" } : about}
      />
      <div class="sg-faces" role="group" aria-label={name}>
        {known.map((one) => (
          <button
            key={one}
            type="button"
            class={`sg-face sg-face-${one}`}
            aria-pressed={one === face}
            onClick={() => choose(one)}
          >
            {labels[one]}
          </button>
        ))}
      </div>
      <p class={`sg-range sg-face-${face}`}>{spread(amounts[face]!)}</p>
    </div>
  );
}

function spread({ spread: { minimum, maximum } }: Amount): string {
  return `${short(minimum)} … ${short(maximum)}`;
}
