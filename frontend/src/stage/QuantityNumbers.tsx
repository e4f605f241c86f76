// A quantity as numbers, whatever its size: one number, a few in a row, or a map; its
// gradient beside or below it as soon as that has arrived.

import type { JSX } from "preact";
import { useStore } from "../store";
import { type Amount, part, sizeOf } from "../tape/amount";
import { type Aspect, subject, titleOf } from "../tape/subject";
import { HeatMap } from "./HeatMap";
import { NumberButton } from "./NumberButton";
import { parameterState } from "./parameter";

interface Props {
  readonly quantity: number;
  /** Whether the first axis counts examples, of which one is chosen. */
  readonly batch?: boolean;
}

const FEW = 4;

export function QuantityNumbers({ quantity, batch = false }: Props): JSX.Element {
  const store = useStore();
  const { step, at } = store.event.value;
  const value = step.value(quantity, at);
  const gradient = step.stored(quantity, at) ?? step.gradient(quantity, at);
  const isParameter = step.quantity(quantity).role === "parameter";
  const old =
    value !== null && isParameter ? parameterState(step, quantity, at).old : null;
  return (
    <span class="sg-quantity">
      {value === null ? (
        <span
          class="sg-number sg-quiet"
          role="img"
          aria-label={store.words.value.notYet}
        >
          ·
        </span>
      ) : (
        <Numbers {...{ quantity, batch, amount: value, aspect: "value", old }} />
      )}
      {gradient !== null && (
        <Numbers
          {...{ quantity, batch, amount: gradient, aspect: "gradient", old: null }}
        />
      )}
    </span>
  );
}

interface NumbersProps {
  readonly quantity: number;
  readonly batch: boolean;
  readonly amount: Amount;
  readonly aspect: Aspect;
  readonly old: Amount | null;
}

function Numbers({ quantity, batch, amount, aspect, old }: NumbersProps): JSX.Element {
  const store = useStore();
  const { step } = store.event.value;
  const many = batch && amount.shape.length > 0 && (amount.shape[0] ?? 1) > 1;
  const example = many ? Math.min(store.example.value, amount.shape[0]! - 1) : 0;
  const shape = many ? amount.shape.slice(1) : amount.shape;
  const size = sizeOf(shape);
  const first = example * size;
  const name = titleOf(step, subject(step, quantity, null));
  if (amount.data === null || size > FEW) {
    return (
      <HeatMap
        amount={many ? part(amount, first, shape) : amount}
        first={first}
        subject={subject(step, quantity, null, aspect)}
        label={name}
        width={120}
      />
    );
  }
  return (
    <>
      {Array.from({ length: size }, (_, i) => {
        const about = subject(step, quantity, first + i, aspect);
        const before = old?.data?.[first + i];
        const value = amount.data?.[first + i];
        const own = value === undefined ? {} : { value };
        return before === undefined ? (
          <NumberButton key={i} subject={about} {...own} />
        ) : (
          <span key={i} class="sg-becomes">
            <NumberButton
              subject={about}
              value={before}
              tone="quiet"
              label={store.words.value.before}
            />
            <span aria-hidden="true">→</span>
            <NumberButton subject={about} {...own} tone="changed" />
          </span>
        );
      })}
    </>
  );
}
