// A formula with its numbers in their places: −1.09 + 0.4501, tanh(−0.6399).

import { short } from "../numbers";

const INFIX: Record<string, string> = {
  "+": "+",
  "-": "−",
  "*": "×",
  "/": "÷",
  "**": "^",
  "<": "<",
  ">": ">",
  "<=": "≤",
  ">=": "≥",
  "==": "=",
  "!=": "≠",
};

/** The operation written out; `symbol` and `op` are those of the deed. */
export function filled(symbol: string, op: string, numbers: readonly number[]): string {
  const sign = INFIX[symbol];
  if (sign !== undefined && numbers.length === 2) {
    return `${bare(numbers[0]!)} ${sign} ${bracketed(numbers[1]!)}`;
  }
  if (op === "neg" && numbers.length === 1) return `−${bracketed(numbers[0]!)}`;
  if (op === "relu" && numbers.length === 1) return `max(${short(numbers[0]!)}, 0)`;
  return `${op}(${numbers.map(short).join(", ")})`;
}

export function product(numbers: readonly number[]): string {
  return numbers.map((x, i) => (i === 0 ? bare(x) : bracketed(x))).join(" × ");
}

function bare(x: number): string {
  return short(x);
}

/** A negative number behind a sign needs brackets. */
function bracketed(x: number): string {
  return x < 0 || Object.is(x, -0) ? `(${short(x)})` : short(x);
}
