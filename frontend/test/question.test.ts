// Answers are judged as in Python: within ten per cent, mistakes by name, the weakest
// concept next.

import { expect, test } from "vitest";
import { check, next, type Question, type Quiz, scores } from "../src/quiz/question";

const slope: Question = {
  concept: "chain rule",
  step: 0,
  at: 3,
  text: "?",
  answer: -0.25,
  explanation: "So it is.",
  options: [],
  mistakes: [{ answer: 1, words: "You forgot the slope." }],
};
const way: Question = {
  ...slope,
  concept: "update",
  answer: "up",
  options: ["up", "down"],
  mistakes: [{ answer: "down", words: "Uphill." }],
};
const quiz: Quiz = {
  concepts: { "chain rule": "Kettenregel", update: "Anpassung" },
  questions: [slope, way, slope],
};

test("a number within ten per cent is right, however it is written", () => {
  for (const text of ["-0.25", "−0,26", " -2.4e-1 "])
    expect(check(slope, text)?.right).toBe(true);
  expect(check(slope, "0.25")).toEqual({ right: false, mistake: "" });
});

test("a known mistake is named", () => {
  expect(check(slope, "1.05")).toEqual({
    right: false,
    mistake: "You forgot the slope.",
  });
  expect(check(way, "down")).toEqual({ right: false, mistake: "Uphill." });
  expect(check(way, "up")).toEqual({ right: true, mistake: "" });
});

test("what is no number cannot be judged", () => {
  expect(check(slope, "a quarter")).toBeNull();
  expect(check(slope, "")).toBeNull();
});

test("the concept that went worst is asked next, until nothing is left", () => {
  expect(next(quiz, [])).toBe(0);
  expect(next(quiz, [{ place: 0, right: true }])).toBe(1);
  expect(
    next(quiz, [
      { place: 0, right: false },
      { place: 1, right: true },
    ]),
  ).toBe(2);
  const all = [0, 1, 2].map((place) => ({ place, right: place === 1 }));
  expect(next(quiz, all)).toBeNull();
  expect([...scores(quiz, all)]).toEqual([
    ["chain rule", [0, 2]],
    ["update", [1, 1]],
  ]);
});
