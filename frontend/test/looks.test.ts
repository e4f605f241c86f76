// What is drawn where, and whether it can be seen: cells, colours, words.

import { expect, test } from "vitest";
import { PALETTES } from "../src/palette";
import { cellsOf } from "../src/stage/cells";
import { english } from "../src/words/english";
import { german } from "../src/words/german";
import { formulaIn, preferred } from "../src/words/words";

const SURFACES = {
  light: ["#ffffff", "#f5f7fa"],
  dark: ["#14171c", "#1d2229"],
} as const;

test.each([
  [[64]],
  [[128]],
  [[7]],
  [[8, 3]],
  [[128, 64]],
  [[10, 128]],
  [[3, 5, 5]],
  [[4, 3, 3, 3]],
  [[]],
  [[13]],
])("every cell of %j is found again where it stands", (shape) => {
  const cells = cellsOf(shape, 132);
  const size = shape.reduce((product, n) => product * n, 1);
  for (let k = 0; k < size; k += 1) {
    const [left, top] = cells.place(k);
    expect(cells.at(left + cells.size / 2, top + cells.size / 2)).toBe(k);
    expect(left + cells.size).toBeLessThanOrEqual(cells.width);
    expect(top + cells.size).toBeLessThanOrEqual(cells.height);
  }
  expect(cells.at(-1, 0)).toBeNull();
});

test("an image of 8 by 8 stays a square, also as a vector", () => {
  expect(cellsOf([64], 132)).toMatchObject({ width: 112, height: 112 });
});

test.each(Object.entries(PALETTES))(
  "the colours of %s can be read and seen",
  (_, themes) => {
    for (const theme of ["light", "dark"] as const) {
      for (const surface of SURFACES[theme]) {
        const { positive, negative, ...texts } = themes[theme];
        for (const text of Object.values(texts))
          expect(contrast(text, surface)).toBeGreaterThan(4.5);
        for (const stroke of [positive, negative])
          expect(contrast(stroke, surface)).toBeGreaterThan(3);
      }
    }
  },
);

test("German says everything that English says, and says it otherwise", () => {
  const said = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "object" && !Array.isArray(value) && key !== "opFormulas"
        ? said(value as object)
        : [key],
    );
  expect(said(german)).toEqual(said(english));
  expect(german.reasons.later).not.toBe(english.reasons.later);
  expect(formulaIn(german, "tanh", "tanh(x), from -1 to 1")).toBe(
    "tanh(x), von -1 bis 1",
  );
  expect(formulaIn(german, "add", "x + y")).toBe("x + y");
});

test("the language of the browser is spoken if it is known", () => {
  expect(preferred(["fr-FR", "de-CH", "en"])).toBe("de");
  expect(preferred(["fr-FR"])).toBe("en");
});

/** The contrast of two colours as WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (code: string): number => {
    const [r, g, b] = [1, 3, 5].map((k) => {
      const c = parseInt(code.slice(k, k + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (bright + 0.05) / (dim + 0.05);
}
