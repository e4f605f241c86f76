// Numbers as text: four significant digits, a real minus sign, and a plus where the
// sign is the message. What a screen reader says is the same text.

const DIGITS = 4;

/** A number in four digits: −0.4137, 1.2e−5. */
export function short(x: number): string {
  return proper(plain(x));
}

/** As `short`, with the plus sign written: for gradients and shifts. */
export function signed(x: number): string {
  return x > 0 ? `+${short(x)}` : short(x);
}

/** All digits that the number has. */
export function exact(x: number): string {
  return proper(words(x) ?? String(x));
}

/** A count with thin spaces between thousands. */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A shape as a person says it: 8 × 64; a single number has none. */
export function shapeText(shape: readonly number[]): string {
  return shape.join(" × ");
}

const HYPHEN = / - |(?<![\w.])-(?=[\d∞])|(?<=\de)-(?=\d)/g;

/** A sentence with real minus signs: a screen reader passes over a hyphen. */
export function spoken(text: string): string {
  return text.replace(HYPHEN, (sign) => sign.replace("-", "−"));
}

function plain(x: number): string {
  const word = words(x);
  if (word !== null) return word;
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size < 1e-4 || size >= 1e7) {
    const [digits, power] = x.toExponential(DIGITS - 1).split("e");
    return `${trimmed(digits!)}e${Number(power)}`;
  }
  if (size >= 10 ** DIGITS) return String(Math.round(x));
  return trimmed(x.toPrecision(DIGITS));
}

function words(x: number): string | null {
  if (Number.isNaN(x)) return "NaN";
  return Number.isFinite(x) ? null : x > 0 ? "∞" : "-∞";
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function proper(text: string): string {
  return text.replaceAll("-", "−");
}
