// Where a number stands in an array: flat places and coordinates, broadcasting, the
// axes of a sum. The few rules of NumPy that an explanation of one number needs.

import { sizeOf } from "./amount";

/** The coordinates of a flat place. */
export function unravel(index: number, shape: readonly number[]): number[] {
  const coordinates = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const length = shape[axis]!;
    coordinates[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return coordinates;
}

/** The flat place of coordinates. */
export function ravel(
  coordinates: readonly number[],
  shape: readonly number[],
): number {
  return shape.reduce((flat, length, axis) => flat * length + coordinates[axis]!, 0);
}

export function broadcasts(shape: readonly number[], to: readonly number[]): boolean {
  const offset = to.length - shape.length;
  return offset >= 0 && shape.every((n, axis) => n === 1 || n === to[axis + offset]);
}

/** Which number of a smaller array meets the number at `index` of the result. */
export function met(
  index: number,
  result: readonly number[],
  shape: readonly number[],
): number {
  const coordinates = unravel(index, result).slice(result.length - shape.length);
  return ravel(
    coordinates.map((c, axis) => (shape[axis] === 1 ? 0 : c)),
    shape,
  );
}

/** All places of a result that a number of a smaller array meets. */
export function meets(
  index: number,
  shape: readonly number[],
  result: readonly number[],
): number[] {
  const places = [];
  for (let k = 0; k < sizeOf(result); k += 1) {
    if (met(k, result, shape) === index) places.push(k);
  }
  return places;
}

/** A Python setting as axes: "1", "-1", "(0, 2)", "None" for all of them. */
export function axesOf(setting: string | undefined, count: number): number[] {
  const found = (setting ?? "None").match(/-?\d+/g);
  if (found === null) return Array.from({ length: count }, (_, axis) => axis);
  return found.map((text) => (Number(text) + count) % count);
}

/** Which place of a reduced result the number at `index` went into. */
export function reducedTo(
  index: number,
  shape: readonly number[],
  axes: readonly number[],
): number {
  const coordinates = unravel(index, shape);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return ravel(
    kept.map((axis) => coordinates[axis]!),
    kept.map((axis) => shape[axis]!),
  );
}

/** All numbers that went into the place `index` of a reduced result. */
export function reducedFrom(
  index: number,
  shape: readonly number[],
  axes: readonly number[],
): number[] {
  const places = [];
  for (let k = 0; k < sizeOf(shape); k += 1) {
    if (reducedTo(k, shape, axes) === index) places.push(k);
  }
  return places;
}

/** The place in the array before `permute` of the number at `index` after it. */
export function permutedFrom(
  index: number,
  result: readonly number[],
  shape: readonly number[],
  order: readonly number[],
): number {
  const coordinates = unravel(index, result);
  const before = new Array<number>(shape.length).fill(0);
  order.forEach((axis, place) => {
    before[axis] = coordinates[place]!;
  });
  return ravel(before, shape);
}
