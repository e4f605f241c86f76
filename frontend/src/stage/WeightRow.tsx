// One weight or bias of a unit in a line: its value; when gradients have arrived, its
// gradient; when the update has moved it, the old and the new value.

import type { JSX } from "preact";
import { at } from "../tape/amount";
import { useStore } from "../store";
import { subject } from "../tape/subject";
import { Bar } from "./Bar";
import { NumberButton } from "./NumberButton";
import { largest, parameterState } from "./parameter";

interface Props {
  readonly quantity: number;
  readonly index: number;
  readonly letter: string;
  readonly port: string;
  readonly touched: boolean;
}

export function WeightRow({
  quantity,
  index,
  letter,
  port,
  touched,
}: Props): JSX.Element {
  const store = useStore();
  const { step, at: now } = store.event.value;
  const state = parameterState(step, quantity, now);
  const about = subject(step, quantity, index);
  const value = at(state.now, index) ?? NaN;
  const gradient = at(state.gradient, index);
  const old = at(state.old, index);
  const shift = at(state.shift, index);
  const words = store.words.value;
  return (
    <div class={`sg-weight${touched ? " sg-touched" : ""}`} data-port={port}>
      <span class="sg-letter" aria-hidden="true">
        {letter[0]}
        <sub>{letter.slice(1)}</sub>
      </span>
      {old === null ? (
        <NumberButton subject={about} tone="plain" />
      ) : (
        <NumberButton subject={about} value={old} tone="quiet" label={words.before} />
      )}
      {old !== null ? (
        <span class="sg-becomes">
          <span aria-hidden="true">→</span>
          <NumberButton subject={about} tone="changed" />
        </span>
      ) : gradient !== null ? (
        <NumberButton subject={{ ...about, aspect: "gradient" }} value={gradient} />
      ) : (
        <span />
      )}
      {shift === null ? (
        <Bar value={value} full={largest(state.now)} />
      ) : (
        <Bar value={shift} full={largest(state.shift)} tone="changed" />
      )}
    </div>
  );
}
