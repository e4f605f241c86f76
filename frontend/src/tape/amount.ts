// What a quantity is worth, ready to be computed with: a single number, an array, or the
// summary of an array that was too large to keep. All three are one type here, so that
// nothing above has to ask which it is: `data` is missing where only a summary is known.

import type { NumberData, Scalar } from "./format";

export interface Spread {
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
}

export interface Amount {
  readonly shape: readonly number[];
  readonly size: number;
  readonly data: Float64Array | null;
  readonly spread: Spread;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** An amount from the file; null where the tape says nothing. */
export function decode(saved: NumberData | undefined): Amount | null {
  if (saved === null || saved === undefined) return null;
  if (typeof saved !== "object") return made([], Float64Array.of(Number(saved)));
  if ("summary" in saved) {
    const { shape, minimum, maximum, mean } = saved.summary;
    const spread = { minimum: +minimum, maximum: +maximum, mean: +mean };
    return { shape, size: sizeOf(shape), data: null, spread };
  }
  return made(saved.shape, Float64Array.from(saved.data as Scalar[], Number));
}

/** An amount of numbers that are all known. */
export function made(shape: readonly number[], data: Float64Array): Amount {
  return { shape, size: data.length, data, spread: spreadOf(data) };
}

function spreadOf(data: Float64Array): Spread {
  let minimum = Infinity,
    maximum = -Infinity,
    total = 0,
    count = 0;
  for (const x of data) {
    if (!Number.isFinite(x)) continue;
    minimum = Math.min(minimum, x);
    maximum = Math.max(maximum, x);
    total += x;
    count += 1;
  }
  if (count === 0) return { minimum: NaN, maximum: NaN, mean: NaN };
  return { minimum, maximum, mean: total / count };
}

/** The sum of two amounts of one shape; a summary stays one, and then nothing is known. */
export function plus(one: Amount | null, other: Amount): Amount {
  if (one === null) return other;
  if (one.data === null || other.data === null) return { ...other, data: null };
  const right = other.data;
  return made(
    one.shape,
    one.data.map((x, i) => x + (right[i] ?? 0)),
  );
}

export function minus(one: Amount, other: Amount): Amount | null {
  if (one.data === null || other.data === null) return null;
  const right = other.data;
  return made(
    one.shape,
    one.data.map((x, i) => x - (right[i] ?? 0)),
  );
}

/** One number of an amount; null where only a summary is known. */
export function at(amount: Amount | null, index: number): number | null {
  return amount?.data?.[index] ?? null;
}

/** Some of the numbers, in a shape of their own: one example out of a batch. */
export function part(amount: Amount, first: number, shape: readonly number[]): Amount {
  const count = sizeOf(shape);
  if (amount.data === null) return { ...amount, shape, size: count };
  return made(shape, amount.data.subarray(first, first + count));
}
