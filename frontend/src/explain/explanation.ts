// What is said about one number: how it came about, as plain data for the inspector.
// An explanation is a list of reasons, each of them an event with the numbers put in.
// Numbers are made by events, so every part knows the one to jump to.

import type { Subject } from "../tape/subject";

export interface Part {
  readonly name: string;
  readonly value: number;
  /** What to ask next; null for a number that stands on no tape (a derivative). */
  readonly subject: Subject | null;
  /** The event that made it; null for what was there from the beginning. */
  readonly event: number | null;
}

/** A product of numbers; a sum has many of them. */
export interface Term {
  readonly factors: readonly Part[];
  readonly value: number;
}

export type ReasonKind =
  | "given" // it was there when the step began
  | "computed" // an operation made it
  | "share" // a part of a gradient that one operation sent back
  | "start" // the walk back starts here, with 1
  | "stored" // a leaf's own gradient was written down
  | "updated" // a parameter got a new value
  | "later"; // it is not yet known

export interface Reason {
  readonly kind: ReasonKind;
  readonly event: number | null;
  readonly op: string;
  readonly formula: string;
  /** The line with the numbers in their places, "−1.09 + 0.45"; empty if there is none. */
  readonly filled: string;
  readonly parts: readonly Part[];
  /** What is added up, and how many more there are than are listed. */
  readonly terms: readonly Term[];
  readonly hidden: number;
  readonly value: number | null;
}

export interface Explanation {
  readonly subject: Subject;
  readonly title: string;
  readonly value: number | null;
  readonly reasons: readonly Reason[];
}

export const MOST_TERMS = 12;

/** A reason with what is special about it, everything else empty. */
export function reason(kind: ReasonKind, own: Partial<Reason> = {}): Reason {
  const empty = {
    event: null,
    op: "",
    formula: "",
    filled: "",
    parts: [],
    terms: [],
    hidden: 0,
    value: null,
  };
  return { kind, ...empty, ...own };
}

/** The terms that are shown: the largest ones, in their own order. */
export function shown(terms: readonly Term[]): Pick<Reason, "terms" | "hidden"> {
  if (terms.length <= MOST_TERMS) return { terms, hidden: 0 };
  const size = (term: Term): number => Math.abs(term.value);
  const largest = new Set(
    [...terms].sort((a, b) => size(b) - size(a)).slice(0, MOST_TERMS),
  );
  const kept = terms.filter((term) => largest.has(term));
  return { terms: kept, hidden: terms.length - kept.length };
}
