// Why is this number what it is? The inspector answers for the number under the pointer
// or the focus, or the one that is held; with none, it shows the event.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { exact, signed } from "../numbers";
import type { Explanation } from "../explain/explanation";
import { useStore } from "../store";
import { amountOf, numberOf, originOf } from "../tape/subject";
import { NumberButton } from "../stage/NumberButton";
import { EventDetail } from "./EventDetail";
import { Icon } from "./icons";
import { NumberGrid } from "./NumberGrid";
import { ReasonView } from "./ReasonView";

const MARGIN = 16;

export function Inspector(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const explanation = store.explanation.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const from = store.heldFrom.value;
  useEffect(() => {
    if (from !== null) heading.current?.focus();
  }, [from]);
  const held = store.held.value;
  const isHeld = held !== null;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (held !== null) keepInSight(panel.current!);
  }, [held?.quantity, held?.index, held?.aspect]);
  return (
    <aside
      ref={panel}
      class={`sg-inspector${isHeld ? " sg-holding" : ""}`}
      aria-label={words.inspector}
    >
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {explanation?.title ?? words.thisEvent}
        </h2>
        {isHeld && (
          <button
            type="button"
            class="sg-button"
            aria-label={words.letGo}
            title={`${words.letGo} (Esc)`}
            onClick={() => store.hold(null)}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      {explanation === null ? <EventDetail /> : <Answer explanation={explanation} />}
    </aside>
  );
}

/** On a phone the explanation lies over the picture; the number must not be below it. */
function keepInSight(panel: HTMLElement): void {
  if (getComputedStyle(panel).position !== "fixed") return;
  const number = document.querySelector(".sg-stage .sg-held");
  if (number === null) return;
  const hidden =
    number.getBoundingClientRect().bottom - panel.getBoundingClientRect().top;
  if (hidden > -MARGIN) scrollBy({ top: hidden + MARGIN });
}

function Answer({ explanation }: { readonly explanation: Explanation }): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const { subject: it, value, reasons, title } = explanation;
  const { at } = store.event.value;
  const step = store.tape.value.steps[it.step]!;
  const amount = amountOf(step, it, at);
  const isGradient = it.aspect === "gradient";
  const other = { ...it, aspect: isGradient ? "value" : "gradient" } as const;
  const otherNumber = numberOf(step, other, at);
  const shares = reasons.filter((reason) => reason.kind === "share");
  return (
    <div class="sg-answer">
      {originOf(step, it.quantity) !== "" && (
        <p class="sg-note">{originOf(step, it.quantity)}</p>
      )}
      {value !== null && (
        <p class={`sg-large sg-${isGradient ? "gradient" : "data"}`}>
          <small>{isGradient ? words.legendGradient + title : words.value}</small>
          <output class={exact(value).length > 14 ? "sg-long" : ""}>
            {isGradient && value > 0 ? "+" : ""}
            {exact(value)}
          </output>
        </p>
      )}
      {otherNumber !== null && (
        <p class="sg-other">
          {isGradient ? words.value : words.gradient}{" "}
          <NumberButton subject={other} clickOnly={true} />
        </p>
      )}
      {it.index === null && value === null && amount !== null && (
        <NumberGrid amount={amount} subject={it} label={title} />
      )}
      {reasons.map((reason, i) => (
        <ReasonView key={i} reason={reason} total={value} />
      ))}
      {shares.length > 1 && value !== null && (
        <p class="sg-filled">
          {shares.map((share) => signed(share.value ?? NaN)).join(" ")} ={" "}
          <strong>{signed(value)}</strong>
        </p>
      )}
    </div>
  );
}
