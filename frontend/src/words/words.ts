// The languages of the page, and which of them the reader most likely wants.

import { english, type Words } from "./english";
import { german } from "./german";

export type { Words };
export type Language = "en" | "de";

export const LANGUAGES: Readonly<Record<Language, Words>> = { en: english, de: german };

/** The language of the reader's browser if the page speaks it, else English. */
export function preferred(languages: readonly string[]): Language {
  const known = languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES);
  return (known as Language | undefined) ?? "en";
}

/** The formula of an operation in words: that of the tape, or its translation. */
export function formulaIn(words: Words, op: string, formula: string): string {
  return words.opFormulas[op] ?? formula;
}
