// One unit of a layer: its incoming weights and bias, its value for the chosen example,
// later its gradient, and a glimpse of all examples. An unknown number is a dot.

import type { JSX } from "preact";
import { useStore } from "../store";
import { at as numberAt, type Amount } from "../tape/amount";
import { subject } from "../tape/subject";
import type { Column } from "./columns";
import { Examples } from "./Examples";
import { NumberButton } from "./NumberButton";
import { WeightRow } from "./WeightRow";
import { largest } from "./parameter";

interface Props {
  readonly column: Column;
  readonly unit: number;
  /** The quantities that hold its value and its gradient now; null: not known. */
  readonly shown: number | null;
  readonly final: number;
  readonly weight: number | null;
  readonly bias: number | null;
  readonly inputs: number;
  readonly compact: boolean;
  readonly touched: ReadonlySet<number>;
}

export function Unit(props: Props): JSX.Element {
  const { column, unit, shown, final, weight, bias, inputs, compact, touched } = props;
  const store = useStore();
  const { step, at } = store.event.value;
  const example =
    column.batch > 1 ? Math.min(store.example.value, column.batch - 1) : 0;
  const index = example * column.units + unit;
  const value = shown === null ? null : step.value(shown, at);
  const gradient = step.gradient(final, at);
  const isTouched = (shown !== null && touched.has(shown)) || touched.has(final);
  const letter = column.kind === "input" ? column.title || "x" : "h";
  return (
    <div
      class={[
        "sg-unit",
        compact ? "sg-compact" : "",
        isTouched ? "sg-touched" : "",
        value === null ? "sg-unknown" : "",
      ].join(" ")}
      data-anchor={`${column.key}/${unit}`}
      data-port={`${column.key}/${unit}`}
    >
      {weight !== null &&
        Array.from({ length: inputs }, (_, k) => (
          <WeightRow
            key={k}
            quantity={weight}
            index={unit * inputs + k}
            letter={`w${k}`}
            port={`${column.key}/${unit}/${k}`}
            touched={touched.has(weight)}
          />
        ))}
      {bias !== null && (
        <WeightRow
          quantity={bias}
          index={unit}
          letter="b"
          port={`${column.key}/${unit}/bias`}
          touched={touched.has(bias)}
        />
      )}
      <div class="sg-outcome">
        <span class="sg-letter" aria-hidden="true">
          {letter}
          <sub>{unit}</sub>
        </span>
        {value === null ? (
          <span
            class="sg-number sg-quiet"
            aria-label={store.words.value.notYet}
            role="img"
          >
            ·
          </span>
        ) : (
          <NumberButton subject={subject(step, shown!, index)} />
        )}
        {gradient !== null && (
          <NumberButton subject={subject(step, final, index, "gradient")} />
        )}
      </div>
      {!compact && value !== null && (
        <Examples values={overBatch(value, column, unit)} full={largest(value)} />
      )}
    </div>
  );
}

/** The number of one unit for every example. */
function overBatch(amount: Amount, column: Column, unit: number): number[] {
  return Array.from(
    { length: column.batch },
    (_, example) => numberAt(amount, example * column.units + unit) ?? NaN,
  );
}
