// A small tape for the unit tests, written by hand: out = a * b, and its way back.

import type { Deed, Quantity, TapeData } from "../src/tape/format";

const quantity = (id: number, role: Quantity["role"], name: string): Quantity => ({
  id,
  role,
  name,
  kind: "Value",
  shape: [],
  dtype: "float64",
  layer: "",
});

const deed = (own: Partial<Deed>): Deed => ({
  kind: "operation",
  phase: "forward",
  op: "mul",
  symbol: "*",
  formula: "x * y",
  inputs: [0, 1],
  output: 2,
  layer: "",
  layer_kind: "",
  settings: {},
  given: {},
  places: [{ file: "lesson.py", line: 3, function: "<module>" }],
  of: null,
  parameter: "",
  ...own,
});

/** `steps` times the same step: a is 2, b is -3. */
export function product(steps = 1): TapeData {
  return {
    format: "seegrad-tape",
    version: 2,
    problem: "",
    structures: [
      {
        quantities: [
          quantity(0, "input", "a"),
          quantity(1, "input", "b"),
          quantity(2, "result", ""),
        ],
        deeds: [
          deed({}),
          deed({
            kind: "backward",
            phase: "backward",
            formula: "dx = g * y, dy = g * x",
            of: 0,
          }),
          deed({
            kind: "gradient",
            phase: "backward",
            op: "accumulate",
            inputs: [],
            output: 0,
          }),
        ],
      },
    ],
    steps: Array.from({ length: steps }, (_, number) => ({
      number,
      structure: 0,
      problem: "",
      left_out: 0,
      leaves: { 0: 2, 1: -3 },
      numbers: [[-6], [1, -3, 2], [null, -3]],
      local: { 0: [-3, 2] },
    })),
    stories: {
      en: Array.from({ length: steps }, () => ["multiplied", "went back", "stored"]),
      de: Array.from({ length: steps }, () => [
        "multipliziert",
        "zurück",
        "gespeichert",
      ]),
    },
  };
}
