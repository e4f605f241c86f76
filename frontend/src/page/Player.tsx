// The whole player: where we are, what just happened, the picture, and the answer to
// "where does this number come from". Everything reads the store; nothing else is shared.

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { count } from "../numbers";
import { onKey } from "../keyboard";
import { PALETTES, properties } from "../palette";
import { Controls } from "../panels/Controls";
import { Inspector } from "../panels/Inspector";
import { Sentence } from "../panels/Sentence";
import { Settings } from "../panels/Settings";
import { Timeline } from "../panels/Timeline";
import { useStore } from "../store";
import { useHost } from "./host";
import { Stage } from "./Stage";
import { useSystemTheme } from "./theme";

export function Player({ keys }: { readonly keys: EventTarget | null }): JSX.Element {
  const store = useStore();
  const root = useRef<HTMLDivElement>(null);
  useSystemTheme();
  useHost(root);
  useLayoutEffect(() => {
    const target = keys ?? root.current!;
    const listener = (event: Event): void => onKey(store, event as KeyboardEvent);
    target.addEventListener("keydown", listener);
    return () => target.removeEventListener("keydown", listener);
  }, []);
  const words = store.words.value;
  const tape = store.tape.value;
  const all = tape.data.whole ?? { steps: tape.steps.length, events: tape.length };
  const theme = store.theme.value;
  const style = properties(PALETTES[store.palette.value][theme]);
  return (
    <div
      ref={root}
      class={`sg-player sg-${theme}`}
      lang={store.language.value}
      style={style}
    >
      <header class="sg-top">
        <div class="sg-title">
          <h1>{words.player(all.steps)}</h1>
          <p>
            {words.steps(tape.steps.length, all.steps)} ·{" "}
            {words.events(count(all.events))}
          </p>
        </div>
        <Settings />
      </header>
      <main>
        {tape.data.problem !== "" && (
          <p class="sg-problem" role="alert">
            {words.endedEarly}: {tape.data.problem}
          </p>
        )}
        {tape.length === 0 ? <p>{words.nothing}</p> : <Moment />}
      </main>
    </div>
  );
}

/** What depends on where the tape stands; a question stands there without a sentence. */
function Moment(): JSX.Element {
  const store = useStore();
  return (
    <>
      <Timeline />
      <Controls />
      <div class="sg-body">
        <div class="sg-left">
          {store.view.value !== "predict" && <Sentence />}
          <Stage />
        </div>
        <Inspector />
      </div>
    </>
  );
}
