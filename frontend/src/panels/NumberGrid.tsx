// All numbers of an array as a table, so that each can be reached without a pointer: one
// stop for the Tab key, and the arrow keys move inside. Beyond a few hundred numbers the
// table shows the beginning of every axis and says so.

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { short } from "../numbers";
import { useStore } from "../store";
import type { Amount } from "../tape/amount";
import { ravel, unravel } from "../tape/indices";
import type { Subject } from "../tape/subject";
import { NumberButton } from "../stage/NumberButton";

const MOST_ROWS = 24;
const MOST_COLUMNS = 16;

interface Props {
  readonly amount: Amount;
  readonly subject: Subject;
  readonly label: string;
}

export function NumberGrid({ amount, subject, label }: Props): JSX.Element {
  const words = useStore().words.value;
  const table = useRef<HTMLTableElement>(null);
  const [place, setPlace] = useState<readonly [number, number]>([0, 0]);
  if (amount.data === null) {
    const { minimum, maximum, mean } = amount.spread;
    return (
      <p class="sg-note">
        {short(minimum)} … {short(maximum)}, ⌀ {short(mean)}
      </p>
    );
  }
  const columns = amount.shape.at(-1) ?? 1;
  const rows = amount.size / Math.max(1, columns);
  const [down, across] = [Math.min(rows, MOST_ROWS), Math.min(columns, MOST_COLUMNS)];
  const [row, column] = [Math.min(place[0], down - 1), Math.min(place[1], across - 1)];
  const onKeyDown = (event: KeyboardEvent): void => {
    const [y, x] = MOVES[event.key] ?? [0, 0];
    if (y === 0 && x === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = [clamp(row + y, down), clamp(column + x, across)] as const;
    setPlace(next);
    const cells = table.current?.querySelectorAll("button");
    cells?.[next[0] * across + next[1]]?.focus();
  };
  return (
    <div class="sg-grid">
      <table ref={table} aria-label={label} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <td />
            {Array.from({ length: across }, (_, j) => (
              <th key={j} scope="col">
                {j}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: down }, (_, i) => (
            <tr key={i}>
              <th scope="row">{rowName(i * columns, amount.shape)}</th>
              {Array.from({ length: across }, (_, j) => (
                <td key={j}>
                  <NumberButton
                    subject={{ ...subject, index: i * columns + j }}
                    clickOnly={true}
                    tabIndex={i === row && j === column ? 0 : -1}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {(down < rows || across < columns) && (
        <p class="sg-note">
          {words.firstOf(`${down} × ${across}`, `${rows} × ${columns}`)}
        </p>
      )}
    </div>
  );
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function clamp(i: number, length: number): number {
  return Math.max(0, Math.min(length - 1, i));
}

/** The coordinates of a row, without those of its columns. */
function rowName(index: number, shape: readonly number[]): string {
  if (shape.length < 2) return "";
  const coordinates = unravel(index, shape).slice(0, -1);
  return ravel(coordinates, shape.slice(0, -1)) === 0 && shape.length === 2
    ? "0"
    : coordinates.join(", ");
}
