// A number as a length: to the right of the middle if positive, to the left if
// negative. Decoration beside a number that is written out.

import type { JSX } from "preact";

interface Props {
  readonly value: number;
  readonly full: number;
  readonly tone?: "sign" | "changed";
}

export function Bar({ value, full, tone = "sign" }: Props): JSX.Element {
  const share =
    full > 0 && Number.isFinite(value) ? Math.min(1, Math.abs(value) / full) : 0;
  const sign = value < 0 ? "negative" : "positive";
  const style = {
    width: `${share * 50}%`,
    left: value < 0 ? `${50 - share * 50}%` : "50%",
  };
  return (
    <span class="sg-bar" aria-hidden="true">
      <span
        class={`sg-bar-fill sg-bar-${tone === "sign" ? sign : "changed"}`}
        style={style}
      />
    </span>
  );
}
