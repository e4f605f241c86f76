// What is known at which moment, and where a move leads.

import { expect, test } from "vitest";
import { explain } from "../src/explain/explain";
import { lineOf } from "../src/explain/gradient";
import { decode } from "../src/tape/amount";
import { subject } from "../src/tape/subject";
import { Tape } from "../src/tape/tape";
import { moved } from "../src/tape/walk";
import { product } from "./tape";

test("a result is known once it is made, a gradient once it has arrived", () => {
  const step = new Tape(product()).steps[0]!;
  expect(step.value(2, -1)).toBeNull();
  expect(step.value(2, 0)!.data![0]).toBe(-6);
  expect(step.gradient(0, 0)).toBeNull();
  expect(step.gradient(0, 1)!.data![0]).toBe(-3);
  expect(step.gradient(2, 1)!.data![0]).toBe(1);
  expect(step.stored(0, 1)).toBeNull();
  expect(step.stored(0, 2)!.data![0]).toBe(-3);
});

test("moves stop at the ends and keep the place between steps", () => {
  const tape = new Tape(product(2));
  expect(moved(tape, 0, "operation", -1)).toBe(0);
  expect(moved(tape, 5, "operation", 1)).toBe(5);
  expect(moved(tape, 1, "step", 1)).toBe(4);
  expect(moved(tape, 4, "step", -1)).toBe(1);
  expect(moved(tape, 1, "layer", 1)).toBe(2);
  expect(moved(tape, 2, "layer", 1)).toBe(3);
});

test("a product is explained by its factors", () => {
  const tape = new Tape(product());
  const { value, reasons } = explain(tape, subject(tape.steps[0]!, 2, 0), 0);
  expect(value).toBe(-6);
  expect(reasons[0]!.filled).toBe("2 × (−3)");
  expect(reasons[0]!.parts.map((part) => [part.name, part.value, part.event])).toEqual([
    ["a", 2, null],
    ["b", -3, null],
  ]);
});

test("a gradient is explained by what arrived and the local derivative", () => {
  const tape = new Tape(product());
  const it = subject(tape.steps[0]!, 1, 0, "gradient");
  expect(explain(tape, it, 0).reasons[0]!.kind).toBe("later");
  const [share] = explain(tape, it, 2).reasons;
  expect(share!.formula).toBe("dy = g * x");
  expect(share!.filled).toBe("1 × 2");
});

test("the rule of one input is found among those of all", () => {
  expect(lineOf("dx = where(x, g, 0), dy = g", 0)).toBe("dx = where(x, g, 0)");
  expect(lineOf("dx = where(x, g, 0), dy = g", 1)).toBe("dy = g");
});

test("words stand for numbers that JSON has not", () => {
  expect(decode("NaN")!.data![0]).toBeNaN();
  expect(
    decode({ shape: [2], dtype: "float32", data: [1, "-Infinity"] })!.data![1],
  ).toBe(-Infinity);
  expect(decode(null)).toBeNull();
});
