// A number that can be asked: hover or focus it to see where it comes from, click it to
// hold it. It is told apart by more than colour: gradients and shifts carry their sign.

import type { JSX } from "preact";
import { short, signed } from "../numbers";
import { type Store, useStore } from "../store";
import { type Subject, amountOf, numberOf, same, titleOf } from "../tape/subject";

interface Props {
  readonly subject: Subject;
  /** The number to show, if it is not the one of this moment. */
  readonly value?: number;
  readonly tone?: "data" | "gradient" | "changed" | "plain" | "quiet";
  readonly label?: string;
  readonly tabIndex?: number;
  /** Inside of an explanation a hover must not replace the explanation. */
  readonly clickOnly?: boolean;
}

export function NumberButton({
  subject,
  value,
  tone,
  label,
  tabIndex,
  clickOnly,
}: Props): JSX.Element {
  const store = useStore();
  const step = store.tape.value.steps[subject.step]!;
  const { at } = store.event.value;
  const number = value ?? numberOf(step, subject, at);
  const isGradient = subject.aspect === "gradient";
  const words = store.words.value;
  const isLost = number === null && amountOf(step, subject, at) !== null;
  const missing = isLost ? "…" : "·";
  const text = number === null ? missing : isGradient ? signed(number) : short(number);
  const spoken = number !== null ? text : isLost ? words.summarised : words.notYet;
  const what =
    label ?? `${titleOf(step, subject)}, ${isGradient ? words.gradient : words.value}`;
  const held = same(subject, store.held.value);
  return (
    <button
      type="button"
      class={`sg-number sg-${tone ?? (isGradient ? "gradient" : "data")}${held ? " sg-held" : ""}`}
      aria-label={`${what}: ${spoken}`}
      aria-pressed={held}
      data-quantity={subject.quantity}
      data-index={subject.index ?? ""}
      data-aspect={subject.aspect}
      {...(tabIndex === undefined ? {} : { tabIndex })}
      {...(clickOnly ? { onClick: () => store.hold(subject) } : asking(store, subject))}
    >
      {text}
    </button>
  );
}

interface Asking {
  onPointerMove(event: PointerEvent): void;
  onPointerLeave(): void;
  onFocus(): void;
  onBlur(): void;
  onClick(event: MouseEvent): void;
}

/**
 * What makes an element answer to pointer, focus and click. A pointer that rests while
 * the picture changes under it asks nothing: only one that moves does.
 */
export function asking(store: Store, subject: Subject): Asking {
  return {
    onPointerMove: (event) => {
      if (event.pointerType !== "touch") store.point(subject);
    },
    onPointerLeave: () => store.point(null),
    onFocus: () => store.point(subject),
    onBlur: () => store.point(null),
    onClick: (event) => {
      const byKeyboard = event.detail === 0;
      const again = same(subject, store.held.value);
      store.hold(
        again ? null : subject,
        byKeyboard ? (event.currentTarget as HTMLElement) : null,
      );
    },
  };
}
