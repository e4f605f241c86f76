// The tape as it stands in its file: the types of docs/event-format.md, word for word,
// and what a page brings along: the sentences, and where it stands on the whole tape. What happened is written once
// (structures), the numbers for each step.

import type { Quiz } from "../quiz/question";

export type Phase = "forward" | "loss" | "backward" | "update" | "aside";
export type Kind = "operation" | "backward" | "gradient" | "assign";
export type Role =
  | "input"
  | "target"
  | "parameter"
  | "buffer"
  | "constant"
  | "result"
  | "gradient"
  | "memory";

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly function: string;
}

export interface Quantity {
  readonly id: number;
  readonly role: Role;
  readonly name: string;
  readonly kind: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly layer: string;
}

export interface Deed {
  readonly kind: Kind;
  readonly phase: Phase;
  readonly op: string;
  readonly symbol: string;
  readonly formula: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly layer: string;
  readonly layer_kind: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The same, so that they read back: nothing that a page needs. */
  readonly given: Readonly<Record<string, unknown>> | null;
  readonly places: readonly Place[];
  readonly of: number | null;
  readonly parameter: string;
}

/** JSON has no NaN and no infinity: they are written as words. */
export type Scalar = number | string;

export interface ArrayData {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly (Scalar | boolean)[];
}

export interface SummaryData {
  readonly summary: {
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly minimum: Scalar;
    readonly maximum: Scalar;
    readonly mean: Scalar;
    readonly std: Scalar;
    readonly norm: Scalar;
    readonly zeros: number;
    readonly nonfinite: number;
    readonly first: readonly Scalar[];
  };
}

export type NumberData = null | Scalar | ArrayData | SummaryData;

export interface StepData {
  readonly number: number;
  readonly structure: number;
  readonly problem: string;
  /** Operations under `no_grad` that there was no room for. */
  readonly left_out: number;
  readonly leaves: Readonly<Record<string, NumberData>>;
  readonly numbers: readonly (readonly NumberData[])[];
  readonly local: Readonly<Record<string, readonly NumberData[]>>;
}

export interface Structure {
  readonly quantities: readonly Quantity[];
  readonly deeds: readonly Deed[];
}

export interface TapeData {
  readonly format: string;
  readonly version: number;
  readonly problem: string;
  readonly structures: readonly Structure[];
  readonly steps: readonly StepData[];
  /** For each language, for each step, the sentence of each event. */
  readonly stories?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** For each language, questions to be answered before a number is shown. */
  readonly quiz?: Readonly<Record<string, Quiz>>;
  /** Of how many steps and events this is an excerpt, and where its steps begin. */
  readonly whole?: {
    readonly steps: number;
    readonly events: number;
    readonly firsts: readonly number[];
  };
}
