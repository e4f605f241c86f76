// A question about a recorded moment: whether an answer is right, which known mistake a
// wrong one is, and what to ask next. The rules are those of `record/question.py` and
// `record/quiz.py`, so the page and the terminal agree.

export interface Mistake {
  readonly answer: number | string;
  readonly words: string;
}

export interface Question {
  readonly concept: string;
  /** The place of its step among those of the page, and of the event in that step. */
  readonly step: number;
  readonly at: number;
  readonly text: string;
  readonly answer: number | string;
  readonly explanation: string;
  readonly options: readonly string[];
  readonly mistakes: readonly Mistake[];
}

export interface Quiz {
  /** What each concept is called in this language. */
  readonly concepts: Readonly<Record<string, string>>;
  readonly questions: readonly Question[];
}

export interface Feedback {
  readonly right: boolean;
  readonly mistake: string;
}

/** What was answered: question by its place, and whether it was right. */
export interface Asked {
  readonly place: number;
  readonly right: boolean;
}

const CLOSE = 0.1; // an answer within ten per cent is right
const NEAR_ZERO = 5e-4;

/** Compare an answer, an option or a number; null if it cannot be read. */
export function check(question: Question, given: string): Feedback | null {
  const said = question.options.length > 0 ? given : numberIn(given);
  if (typeof said === "number" && Number.isNaN(said)) return null;
  if (fits(said, question.answer)) return { right: true, mistake: "" };
  const known = question.mistakes.find((mistake) => fits(said, mistake.answer));
  return { right: false, mistake: known?.words ?? "" };
}

/** The place of the question to ask next: of the concept that went worst; or null. */
export function next(quiz: Quiz, asked: readonly Asked[]): number | null {
  const done = new Set(asked.map(({ place }) => place));
  const score = scores(quiz, asked);
  const order = Object.keys(quiz.concepts);
  const rank = ({ concept }: Question): readonly [number, number, number] => {
    const [right, count] = score.get(concept) ?? [0, 0];
    return [count === 0 ? 0 : right / count, count, order.indexOf(concept)];
  };
  const open = quiz.questions
    .map((_, place) => place)
    .filter((place) => !done.has(place));
  return open.reduce<number | null>(
    (best, place) =>
      best === null || before(rank(quiz.questions[place]!), rank(quiz.questions[best]!))
        ? place
        : best,
    null,
  );
}

/** For each concept that was asked about, how many were right of how many. */
export function scores(
  quiz: Quiz,
  asked: readonly Asked[],
): Map<string, readonly [number, number]> {
  const found = new Map<string, readonly [number, number]>();
  for (const { place, right } of asked) {
    const { concept } = quiz.questions[place]!;
    const [good, count] = found.get(concept) ?? [0, 0];
    found.set(concept, [good + Number(right), count + 1]);
  }
  return found;
}

/** People write a decimal comma, and a real minus sign. */
function numberIn(text: string): number {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain === "" ? NaN : Number(plain);
}

function fits(said: number | string, answer: number | string): boolean {
  if (typeof said === "string" || typeof answer === "string") return said === answer;
  const largest = Math.max(Math.abs(said), Math.abs(answer));
  return Math.abs(said - answer) <= Math.max(CLOSE * largest, NEAR_ZERO);
}

function before(one: readonly number[], other: readonly number[]): boolean {
  const k = one.findIndex((value, i) => value !== other[i]);
  return k >= 0 && one[k]! < other[k]!;
}
