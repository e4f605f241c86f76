// How numbers are laid out as cells: a vector in rows, a matrix as it is, a stack of
// matrices side by side. Cells are as large as fits, and never less than a pixel.

import { sizeOf } from "../tape/amount";

const LARGEST = 14;
const LARGEST_OF_FEW = 16;
const FEW = 36;
const SMALL = 512;
const LARGEST_IN_STACK = 4;
const LARGEST_IN_SMALL_STACK = 8;
const TALLEST = 272;
const CLEAR = 2; // pixels of a cell whose sign can be seen
const GAP = 4; // between the matrices of a stack

export interface Cells {
  readonly size: number;
  readonly width: number;
  readonly height: number;
  /** Left and top of a cell. */
  place(index: number): [number, number];
  /** The cell at a point, null between cells. */
  at(x: number, y: number): number | null;
}

/** The layout of numbers of a shape, about as wide as `width` pixels. */
export function cellsOf(shape: readonly number[], width: number): Cells {
  const [rows, columns] = sheet(shape, width);
  const sheets = Math.max(1, Math.ceil(sizeOf(shape) / (rows * columns)));
  const fitting = (size: number): number =>
    Math.max(1, Math.floor((width + GAP) / (columns * size + GAP)));
  const stacked = sizeOf(shape) <= SMALL ? LARGEST_IN_SMALL_STACK : LARGEST_IN_STACK;
  const single = sizeOf(shape) <= FEW ? LARGEST_OF_FEW : LARGEST;
  let size = sheets > 1 ? stacked : single;
  const tooLarge = (): boolean =>
    columns * size > width ||
    Math.ceil(sheets / fitting(size)) * (rows * size + GAP) > TALLEST;
  while (size > 1 && tooLarge()) size -= 1;
  const across = Math.min(sheets, fitting(size));
  const down = Math.ceil(sheets / across);
  const [wide, high] = [columns * size + GAP, rows * size + GAP];
  return {
    size,
    width: across * wide - GAP,
    height: down * high - GAP,
    place(index) {
      const page = Math.floor(index / (rows * columns));
      const rest = index % (rows * columns);
      return [
        (page % across) * wide + (rest % columns) * size,
        Math.floor(page / across) * high + Math.floor(rest / columns) * size,
      ];
    },
    at(x, y) {
      const [i, j] = [Math.floor(x / wide), Math.floor(y / high)];
      const [column, row] = [
        Math.floor((x - i * wide) / size),
        Math.floor((y - j * high) / size),
      ];
      const inside =
        i >= 0 &&
        i < across &&
        column >= 0 &&
        column < columns &&
        row >= 0 &&
        row < rows;
      const index = (j * across + i) * rows * columns + row * columns + column;
      return inside && index >= 0 && index < sizeOf(shape) ? index : null;
    },
  };
}

/** The rows and columns of one sheet; a row that is long or an image is folded. */
function sheet(shape: readonly number[], width: number): [number, number] {
  const n = shape.at(-1) ?? 1;
  const folds = shape.length === 1 || isImage(shape) || n * CLEAR > width;
  if (shape.length >= 2 && !folds) return [shape.at(-2)!, n];
  if (n <= 12) return [1, n];
  const divisors = Array.from({ length: n }, (_, k) => k + 1).filter(
    (k) => n % k === 0,
  );
  const wide = divisors.find((k) => k * k >= n)!;
  const columns = wide <= 4 * Math.sqrt(n) ? wide : Math.ceil(Math.sqrt(n));
  return [Math.ceil(n / columns), columns];
}

/** Whether each row of a matrix may be the picture of a square: 64 numbers, 784. */
export function isImage(shape: readonly number[]): boolean {
  const side = Math.sqrt(shape.at(-1) ?? 0);
  return shape.length === 2 && side >= 5 && Number.isInteger(side);
}
