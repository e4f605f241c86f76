// Numbers as text: four digits, true signs, words where there is no number.

import { expect, test } from "vitest";
import { count, exact, shapeText, short, signed, spoken } from "../src/numbers";

test.each([
  [0.25, "0.25"],
  [-0.41372, "−0.4137"],
  [0, "0"],
  [12345.6, "12346"],
  [1.5e-7, "1.5e−7"],
  [2e9, "2e9"],
  [NaN, "NaN"],
  [Infinity, "∞"],
  [-Infinity, "−∞"],
  [100, "100"],
])("%d is written %s", (x, text) => expect(short(x)).toBe(text));

test("a gradient carries its sign", () => {
  expect([signed(0.5), signed(-0.5), signed(0)]).toEqual(["+0.5", "−0.5", "0"]);
});

test("all digits are there when asked for", () => {
  expect(exact(-0.123456789)).toBe("−0.123456789");
});

test("counts and shapes are easy to read", () => {
  expect(count(8192)).toBe("8\u202f192");
  expect(shapeText([8, 64])).toBe("8 × 64");
});

test("a sentence has real minus signs, and keeps its hyphens", () => {
  expect(spoken("(-0.5) - 1e-05 = -0.50001, by -2.")).toBe(
    "(−0.5) − 1e−05 = −0.50001, by −2.",
  );
  expect(spoken("x-1 of a leaky-relu [-1, 2]")).toBe("x-1 of a leaky-relu [−1, 2]");
});
