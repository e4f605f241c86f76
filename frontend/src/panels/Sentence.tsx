// What just happened, in one sentence with its real numbers, the formula behind it, and
// the line of source that ran. The sentence is read out by a screen reader on each move.

import type { JSX } from "preact";
import { useStore } from "../store";
import type { Event } from "../tape/tape";
import { formulaIn } from "../words/words";
import { bandOf } from "./bands";

export function Sentence(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const event = store.event.value;
  const { deed } = event;
  const band = bandOf(deed.phase);
  return (
    <section class={`sg-sentence sg-sentence-${band}`}>
      <p class="sg-where">
        <span class="sg-phase">{words.phases[deed.phase]}</span>
        <code>tape[{event.index}]</code>
        {deed.layer_kind !== "" && (
          <span>
            {deed.layer_kind} <code>{deed.layer}</code>
          </span>
        )}
      </p>
      <p
        class="sg-story"
        aria-live={store.playing.value ? "off" : "polite"}
        aria-atomic="true"
      >
        {sentenceOf(event, store.tape.value.sentence(event, store.language.value))}
      </p>
      <p class="sg-formula">
        {deed.kind !== "gradient" && (
          <code>
            {formulaIn(words, deed.kind === "operation" ? deed.op : "", deed.formula)}
          </code>
        )}
        {deed.places[0] !== undefined && <Source event={event} />}
      </p>
    </section>
  );
}

function Source({ event }: { readonly event: Event }): JSX.Element {
  const words = useStore().words.value;
  const { places, kind } = event.deed;
  const [first, last] = [places[0]!, places.at(-1)!];
  const between = kind === "backward" ? "" : words.calledFrom;
  return (
    <span class="sg-source">
      {words.source}{" "}
      <code>
        {first.file}:{first.line}
      </code>
      {last !== first && (
        <>
          {" "}
          · {between}{" "}
          <code>
            {last.file}:{last.line}
          </code>
        </>
      )}
    </span>
  );
}

/** The sentence that the tape brought along, or the bare operation. */
export function sentenceOf(event: Event, told: string | null): string {
  if (told !== null) return told;
  const { op, parameter } = event.deed;
  return parameter === "" ? op : `${op} (${parameter})`;
}
