// The whole step told in sentences, the present one marked; each leads to its moment.

import type { JSX } from "preact";
import { useStore } from "../store";
import { sentenceOf } from "./Sentence";
import { bandOf, BANDS } from "./bands";

export function Story(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const { step, at } = store.event.value;
  const events = Array.from({ length: step.length }, (_, k) => step.event(k));
  return (
    <div class="sg-telling">
      {BANDS.map((band) => {
        const own = events.filter((event) => bandOf(event.deed.phase) === band);
        return own.length === 0 ? null : (
          <section key={band}>
            <h2>{words.bands[band]}</h2>
            <ol class="sg-lines" start={own[0]!.at}>
              {own.map((event) => (
                <li key={event.id}>
                  <button
                    type="button"
                    class="sg-line"
                    aria-current={event.at === at ? "step" : undefined}
                    onClick={() => store.go(event.id)}
                  >
                    {sentenceOf(
                      event,
                      store.tape.value.sentence(event, store.language.value),
                    )}
                  </button>
                </li>
              ))}
            </ol>
          </section>
        );
      })}
    </div>
  );
}
