// A layer too large for single units: its numbers as maps, for the chosen example. The
// gradient has its place from the beginning, so that nothing moves when it arrives.

import type { JSX } from "preact";
import { useStore } from "../store";
import { part } from "../tape/amount";
import { subject } from "../tape/subject";
import type { Column } from "./columns";
import { cellsOf } from "./cells";
import { HeatMap, MAP_WIDTH } from "./HeatMap";

const CAPTION = 24; // the height of a caption and of the frame of a map

interface BlockProps {
  readonly column: Column;
  readonly shown: number | null;
  readonly final: number;
  readonly touched: ReadonlySet<number>;
}

export function Block({ column, shown, final, touched }: BlockProps): JSX.Element {
  const store = useStore();
  const { step, at } = store.event.value;
  const words = store.words.value;
  const example =
    column.batch > 1 ? Math.min(store.example.value, column.batch - 1) : 0;
  const first = example * column.units;
  const value = shown === null ? null : step.value(shown, at);
  const gradient = step.gradient(final, at);
  const willCome = step.gradient(final, step.length) !== null;
  const isTouched = (shown !== null && touched.has(shown)) || touched.has(final);
  const classes = [
    "sg-block",
    isTouched ? "sg-touched" : "",
    value === null ? "sg-unknown" : "",
  ];
  return (
    <div class={classes.join(" ")} data-anchor={column.key} data-port={column.key}>
      {value === null ? (
        <p class="sg-note">{words.notYet}</p>
      ) : (
        <figure>
          <figcaption class="sg-data">{words.value}</figcaption>
          <HeatMap
            amount={part(value, first, column.shape)}
            first={first}
            subject={subject(step, shown!, null)}
            label={words.value}
          />
        </figure>
      )}
      {gradient !== null ? (
        <figure>
          <figcaption class="sg-gradient">{words.gradient}</figcaption>
          <HeatMap
            amount={part(gradient, first, column.shape)}
            first={first}
            subject={subject(step, final, null, "gradient")}
            label={words.gradient}
          />
        </figure>
      ) : (
        willCome && <Later shape={column.shape} />
      )}
    </div>
  );
}

/** The place that is kept for a map. */
function Later({ shape }: { readonly shape: readonly number[] }): JSX.Element {
  const { width, height } = cellsOf(shape, MAP_WIDTH);
  return (
    <div
      class="sg-later"
      style={{ width: `${width + 6}px`, height: `${height + CAPTION}px` }}
    />
  );
}
