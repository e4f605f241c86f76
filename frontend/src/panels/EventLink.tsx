// The way to an event: its place on the tape, as one writes it in Python.

import type { JSX } from "preact";
import { useStore } from "../store";

export function EventLink({ event }: { readonly event: number }): JSX.Element {
  const store = useStore();
  const { deed, index } = store.tape.value.event(event);
  const isHere = event === store.cursor.value;
  return (
    <button
      type="button"
      class={`sg-link${isHere ? " sg-here" : ""}`}
      title={deed.op}
      aria-label={`${store.words.value.goTo(index)}: ${deed.op}`}
      onClick={() => {
        store.playing.value = false;
        store.go(event);
      }}
    >
      tape[{index}]
    </button>
  );
}
