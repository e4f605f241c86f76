// Which numbers meet in a matrix product. A vector counts as a matrix of one row or one
// column, and leading axes broadcast, as in `x @ y`.

import { met, ravel, unravel } from "../tape/indices";
import { sizeOf } from "../tape/amount";

type Shape = readonly number[];

/** The places in x, y and out that one product of two numbers touches. */
export interface Meeting {
  readonly x: number;
  readonly y: number;
  readonly out: number;
}

/** The products whose sum is the number at `out` of x @ y. */
export function meetingsOf(out: number, x: Shape, y: Shape): Meeting[] {
  const inner = x.at(-1)!;
  return Array.from({ length: inner }, (_, k) => meeting(out, k, x, y));
}

/** The products that the number at `index` of one side takes part in. */
export function meetingsWith(
  side: "x" | "y",
  index: number,
  x: Shape,
  y: Shape,
): Meeting[] {
  const own = side === "x" ? x : y;
  const coordinates = unravel(index, own);
  const vector = own.length === 1;
  const k = side === "x" || vector ? coordinates.at(-1)! : coordinates.at(-2)!;
  const places = Array.from({ length: sizeOf(outShape(x, y)) }, (_, out) => out);
  return places.map((out) => meeting(out, k, x, y)).filter((m) => m[side] === index);
}

function meeting(out: number, k: number, x: Shape, y: Shape): Meeting {
  const left = x.length === 1 ? [1, ...x] : x;
  const right = y.length === 1 ? [...y, 1] : y;
  const shape = fullShape(left, right);
  const coordinates = unravel(out, shape);
  const batch = shape.slice(0, -2);
  const place = ravel(coordinates.slice(0, -2), batch);
  const [i, j] = coordinates.slice(-2) as [number, number];
  const [n, m] = [left.at(-2)!, right.at(-1)!];
  const inner = left.at(-1)!;
  const first = met(place, batch, left.slice(0, -2)) * n * inner;
  const second = met(place, batch, right.slice(0, -2)) * inner * m;
  return { x: first + i * inner + k, y: second + k * m + j, out };
}

function fullShape(left: Shape, right: Shape): number[] {
  const [a, b] = [left.slice(0, -2), right.slice(0, -2)];
  const length = Math.max(a.length, b.length);
  const batch = Array.from({ length }, (_, axis) =>
    Math.max(a[axis - length + a.length] ?? 1, b[axis - length + b.length] ?? 1),
  );
  return [...batch, left.at(-2)!, right.at(-1)!];
}

function outShape(x: Shape, y: Shape): number[] {
  const full = fullShape(
    x.length === 1 ? [1, ...x] : x,
    y.length === 1 ? [...y, 1] : y,
  );
  return full;
}
