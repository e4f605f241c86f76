// The event itself, when no number is asked about: what was put in and what came out;
// on the way back, the gradient arriving and what was sent on to each input.

import type { ComponentChildren, JSX } from "preact";
import { shapeText } from "../numbers";
import { useStore } from "../store";
import type { Amount } from "../tape/amount";
import { eventBehind } from "../tape/origin";
import { type Aspect, originOf, subject, titleOf } from "../tape/subject";
import { HeatMap } from "../stage/HeatMap";
import { NumberButton } from "../stage/NumberButton";
import { EventLink } from "./EventLink";

const FEW = 6;

export function EventDetail(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const { deed, step, at } = store.event.value;
  const then = deed.of ?? at;
  const inputs = [...new Set(deed.inputs)];
  const shown = (
    q: number,
    amount: Amount | null,
    aspect: Aspect = "value",
    tone?: "changed" | "quiet",
  ): JSX.Element | null =>
    amount === null ? null : (
      <Entry
        key={`${q} ${tone ?? ""}`}
        quantity={q}
        amount={amount}
        aspect={aspect}
        {...(tone ? { tone } : {})}
      />
    );
  return (
    <div class="sg-detail">
      {deed.kind === "backward" && (
        <>
          <Group title={words.arrived}>
            {shown(deed.output, step.numbersOf(at, 0), "gradient")}
          </Group>
          <Group title={words.sent}>
            {inputs.flatMap((q) =>
              step.sharesTo(q, at).map(({ amount }) => shown(q, amount, "gradient")),
            )}
          </Group>
        </>
      )}
      {inputs.length > 0 && (
        <Group title={words.putIn}>
          {inputs.map((q) => shown(q, step.value(q, then - 1)))}
        </Group>
      )}
      {deed.kind === "operation" && (
        <Group title={words.cameOut}>{shown(deed.output, step.numbersOf(at, 0))}</Group>
      )}
      {deed.kind === "assign" && (
        <>
          <Group title={words.before}>
            {shown(deed.output, step.numbersOf(at, 0), "value", "quiet")}
          </Group>
          <Group title={words.after}>
            {shown(deed.output, step.numbersOf(at, 1), "value", "changed")}
          </Group>
        </>
      )}
      {deed.kind === "gradient" && (
        <Group title={words.cameOut}>
          {shown(deed.output, step.numbersOf(at, 1), "gradient")}
        </Group>
      )}
      <p class="sg-note">{words.hold}</p>
    </div>
  );
}

interface GroupProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

function Group({ title, children }: GroupProps): JSX.Element {
  return (
    <div class="sg-group">
      <h3>{title}</h3>
      {children}
    </div>
  );
}

interface EntryProps {
  readonly quantity: number;
  readonly amount: Amount;
  readonly aspect: Aspect;
  readonly tone?: "changed" | "quiet";
}

function Entry({ quantity, amount, aspect, tone }: EntryProps): JSX.Element {
  const store = useStore();
  const { step, at } = store.event.value;
  const about = subject(step, quantity, null, aspect);
  const event = eventBehind(step, quantity, at);
  const values = amount.size <= FEW ? amount.data : null;
  return (
    <div class="sg-detail-entry">
      <p>
        <span class="sg-part-name">{titleOf(step, about)}</span>
        <small>
          {[originOf(step, quantity), shapeText(amount.shape)]
            .filter(Boolean)
            .join(", ")}
        </small>
        {aspect === "value" && event !== null && <EventLink event={event} />}
      </p>
      {values === null ? (
        <HeatMap
          amount={amount}
          subject={about}
          label={titleOf(step, about)}
          width={230}
        />
      ) : (
        <p class="sg-few">
          {Array.from(values, (value, i) => (
            <NumberButton
              key={i}
              subject={{ ...about, index: i }}
              value={value}
              {...(tone ? { tone } : {})}
            />
          ))}
        </p>
      )}
    </div>
  );
}
