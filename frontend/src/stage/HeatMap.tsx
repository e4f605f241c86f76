// Many numbers as cells: colour and strength show sign and size. A negative cell has a
// stripe left out of it, so that sign can be seen without colour. The pointer asks the
// cell under it; the keyboard asks for all of them, and gets a table.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { count, short } from "../numbers";
import { PALETTES } from "../palette";
import { useStore } from "../store";
import type { Amount } from "../tape/amount";
import type { Subject } from "../tape/subject";
import { type Cells, cellsOf } from "./cells";

export const MAP_WIDTH = 132;

interface Props {
  readonly amount: Amount;
  readonly subject: Subject;
  /** The flat place of the first number, if the amount is a part of its quantity. */
  readonly first?: number;
  readonly label: string;
  /** What counts as full strength; by default the largest number. */
  readonly scale?: number;
  readonly width?: number;
}

export function HeatMap({
  amount,
  subject,
  first = 0,
  label,
  scale,
  width = MAP_WIDTH,
}: Props): JSX.Element {
  const store = useStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const cells = cellsOf(amount.shape, width);
  const colours = PALETTES[store.palette.value][store.theme.value];
  const { minimum, maximum } = amount.spread;
  const full = scale ?? Math.max(Math.abs(minimum), Math.abs(maximum));
  useEffect(() => {
    if (canvas.current !== null && amount.data !== null) {
      paint(
        canvas.current,
        amount.data,
        cells,
        full,
        colours.positive,
        colours.negative,
      );
    }
  });
  const words = store.words.value;
  const spread = words.numbersFrom(count(amount.size), short(minimum), short(maximum));
  const ask = (event: MouseEvent): Subject => {
    const box = canvas.current!.getBoundingClientRect();
    const shrunk = box.width / cells.width || 1;
    const place = cells.at(
      (event.clientX - box.left) / shrunk,
      (event.clientY - box.top) / shrunk,
    );
    return place === null ? subject : { ...subject, index: first + place };
  };
  return (
    <button
      type="button"
      class={`sg-map sg-map-${subject.aspect}`}
      aria-label={`${label}: ${spread}`}
      data-quantity={subject.quantity}
      data-aspect={subject.aspect}
      onPointerMove={(event) => {
        if (event.pointerType !== "touch") store.point(ask(event));
      }}
      onPointerLeave={() => store.point(null)}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible"))
          store.point({ ...subject, index: null });
      }}
      onBlur={() => store.point(null)}
      onClick={(event) => {
        if (event.detail === 0)
          store.hold({ ...subject, index: null }, event.currentTarget);
        else store.hold(ask(event));
      }}
    >
      {amount.data === null ? (
        <span class="sg-summary">
          {short(minimum)} … {short(maximum)}
          <small>{words.summarised}</small>
        </span>
      ) : (
        <canvas ref={canvas} style={{ width: `${cells.width}px` }} />
      )}
    </button>
  );
}

function paint(
  canvas: HTMLCanvasElement,
  data: Float64Array,
  cells: Cells,
  full: number,
  positive: string,
  negative: string,
): void {
  const sharp = Math.max(1, Math.ceil(globalThis.devicePixelRatio || 1));
  canvas.width = cells.width * sharp;
  canvas.height = cells.height * sharp;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(sharp, sharp);
  const gap = cells.size > 5 ? 1 : 0;
  const side = cells.size - gap;
  data.forEach((x, i) => {
    const [left, top] = cells.place(i);
    context.globalAlpha = Number.isFinite(x) ? strength(x, full) : 1;
    context.fillStyle = Number.isNaN(x) ? "#FF00FF" : x < 0 ? negative : positive;
    context.fillRect(left, top, side, side);
    if (x < 0 && cells.size > 1) {
      const stripe = Math.max(1, Math.round(side / 5));
      const inset = side > 4 ? Math.round(side / 4) : 0;
      context.clearRect(
        left + inset,
        top + Math.floor((side - stripe) / 2),
        side - 2 * inset,
        stripe,
      );
    }
  });
}

/** How strong a cell is: a zero is barely seen, the largest number is full. */
function strength(x: number, full: number): number {
  if (x === 0 || full === 0) return 0.07;
  return 0.12 + 0.88 * Math.min(1, Math.abs(x) / full);
}
