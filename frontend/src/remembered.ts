// What the reader chose last time. A page opened from a file, or inside a notebook's
// frame, may not be allowed to keep anything: then it simply forgets.

const PREFIX = "seegrad-player-";

export function remembered<T extends string>(
  what: string,
  known: readonly T[],
  otherwise: T,
): T {
  try {
    const kept = localStorage.getItem(PREFIX + what);
    return known.find((choice) => choice === kept) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(what: string, choice: string): void {
  try {
    localStorage.setItem(PREFIX + what, choice);
  } catch {
    // nothing to be done, and nothing lost
  }
}
