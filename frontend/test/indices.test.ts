// Where numbers stand: NumPy's rules, in the few places where an explanation needs them.

import { expect, test } from "vitest";
import {
  axesOf,
  broadcasts,
  meets,
  met,
  permutedFrom,
  ravel,
  reducedFrom,
  reducedTo,
  unravel,
} from "../src/tape/indices";
import { meetingsOf, meetingsWith } from "../src/explain/matmul";

test("a flat place and its coordinates lead to each other", () => {
  for (let k = 0; k < 24; k += 1)
    expect(ravel(unravel(k, [2, 3, 4]), [2, 3, 4])).toBe(k);
});

test("a bias meets every row of a batch", () => {
  expect(broadcasts([4], [8, 4])).toBe(true);
  expect(broadcasts([8], [8, 4])).toBe(false);
  expect(met(6, [8, 4], [4])).toBe(2);
  expect(meets(2, [4], [2, 4])).toEqual([2, 6]);
  expect(met(6, [8, 4], [])).toBe(0);
});

test("axes are read as Python writes them", () => {
  expect(axesOf("None", 3)).toEqual([0, 1, 2]);
  expect(axesOf("-1", 3)).toEqual([2]);
  expect(axesOf("(0, 2)", 3)).toEqual([0, 2]);
});

test("a sum over an axis knows what went into it", () => {
  expect(reducedFrom(1, [2, 3], [1])).toEqual([3, 4, 5]);
  expect(reducedTo(4, [2, 3], [1])).toBe(1);
  expect(reducedTo(4, [2, 3], [0, 1])).toBe(0);
});

test("turning a matrix swaps the coordinates", () => {
  expect(permutedFrom(ravel([1, 2], [2, 3]), [2, 3], [3, 2], [1, 0])).toBe(
    ravel([2, 1], [3, 2]),
  );
});

test("the products of a matrix product are row times column", () => {
  const found = meetingsOf(ravel([1, 0], [2, 2]), [2, 3], [3, 2]);
  expect(found.map((m) => [m.x, m.y])).toEqual([
    [3, 0],
    [4, 2],
    [5, 4],
  ]);
});

test.each([
  [
    [2, 3],
    [3, 2],
  ],
  [[3], [3, 2]],
  [[2, 3], [3]],
  [
    [4, 2, 3],
    [3, 2],
  ],
  [
    [1, 2, 3],
    [4, 3, 2],
  ],
])("what takes part in %j @ %j is found from either side", (x, y) => {
  const out =
    (x.length === 1 ? 1 : x.at(-2)!) *
    (y.length === 1 ? 1 : y.at(-1)!) *
    Math.max(...[x, y].map((s) => (s.length > 2 ? s[0]! : 1)));
  const all = Array.from({ length: out }, (_, k) => meetingsOf(k, x, y)).flat();
  for (const side of ["x", "y"] as const) {
    const found = new Set(all.map((m) => m[side]));
    const again = [...found].flatMap((index) => meetingsWith(side, index, x, y));
    expect(again.length).toBe(all.length);
  }
});
