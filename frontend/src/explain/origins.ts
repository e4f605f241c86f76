// Where one number of a result came from, for each kind of operation: which numbers of
// which inputs. Elementwise operations, matrix products, sums and movements are all that
// most networks need; of another operation, only its inputs as a whole are named.

import {
  broadcasts,
  axesOf,
  met,
  permutedFrom,
  reducedFrom,
  unravel,
  ravel,
} from "../tape/indices";
import { sizeOf } from "../tape/amount";
import type { Step } from "../tape/tape";
import { meetingsOf } from "./matmul";

/** A number of an input: which input, and its flat place. */
export interface Origin {
  readonly position: number;
  readonly index: number;
}

export type Combination =
  | "elementwise" // a function of one number of each input
  | "products" // a sum of products of two numbers
  | "sum" // a sum of numbers
  | "choice" // one of several numbers, the largest or the smallest
  | "moved" // one number, in another place
  | "unknown";

export interface Origins {
  readonly how: Combination;
  /** What is combined: for "products" pairs, else single numbers. */
  readonly groups: readonly (readonly Origin[])[];
}

const MOVED = new Set(["reshape", "cast", "detach", "flatten", "squeeze", "unsqueeze"]);
const REDUCED: Record<string, Combination> = {
  sum: "sum",
  amax: "choice",
  amin: "choice",
};
const UNKNOWN: Origins = { how: "unknown", groups: [] };

/** The origins of the number at `index` of what deed k made. */
export function originsOf(step: Step, k: number, index: number): Origins {
  const deed = step.deeds[k]!;
  const shapes = deed.inputs.map((q) => step.quantity(q).shape);
  const result = step.quantity(deed.output).shape;
  const [x, y] = shapes;
  if (x === undefined) return UNKNOWN;
  if (deed.op === "matmul" && y !== undefined) {
    const pairs = meetingsOf(index, x, y).map((m) => [
      { position: 0, index: m.x },
      { position: 1, index: m.y },
    ]);
    return { how: "products", groups: pairs };
  }
  const reduction = REDUCED[deed.op];
  if (reduction !== undefined) {
    const places = reducedFrom(index, x, axesOf(deed.settings.dim, x.length));
    return { how: reduction, groups: places.map((place) => [origin(0, place)]) };
  }
  if (deed.op === "permute") {
    const order = axesOf(deed.settings.dims, x.length);
    return moved(permutedFrom(index, result, x, order));
  }
  if (MOVED.has(deed.op) && sizeOf(x) === sizeOf(result)) return moved(index);
  if (deed.op === "gather" && y !== undefined) return gathered(step, k, index);
  if (shapes.every((shape) => broadcasts(shape, result))) {
    const group = shapes.map((shape, position) =>
      origin(position, met(index, result, shape)),
    );
    return { how: "elementwise", groups: [group] };
  }
  return UNKNOWN;
}

/** x[i, y[i]]: one number of each row, picked by the second input. */
function gathered(step: Step, k: number, index: number): Origins {
  const deed = step.deeds[k]!;
  const [x, y] = deed.inputs.map((q) => step.quantity(q).shape) as [number[], number[]];
  const picked = step.value(deed.inputs[1]!, k - 1)?.data?.[index];
  const [axis] = axesOf(deed.settings.dim, x.length);
  if (picked === undefined || axis === undefined) return UNKNOWN;
  const place = unravel(index, y);
  if (y.length === x.length) place[axis] = picked;
  else place.splice(axis, 0, picked);
  const from = [origin(0, ravel(place, x)), origin(1, index)];
  return { how: "moved", groups: [from] };
}

function origin(position: number, index: number): Origin {
  return { position, index };
}

function moved(index: number): Origins {
  return { how: "moved", groups: [[origin(0, index)]] };
}
