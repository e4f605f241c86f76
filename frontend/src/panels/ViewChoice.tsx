// What the stage shows: the picture, all numbers, the story, or a question; and which
// sample of the batch the units stand for, counted as in 1.tanh[0, 2].

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { isNetwork, networkOf } from "../stage/columns";
import { useStore, type View } from "../store";

const VIEWS: readonly View[] = ["picture", "quantities", "story", "predict"];

export function ViewChoice(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const chosen = store.view.value;
  const asks = store.tape.value.quiz(store.language.value) !== null;
  return (
    <div class="sg-view">
      {(chosen === "picture" || chosen === "predict") && <SamplePicker />}
      <div class="sg-tabs" role="group" aria-label={words.viewsLabel}>
        {VIEWS.filter((view) => asks || view !== "predict").map((view) => (
          <button
            key={view}
            type="button"
            aria-pressed={view === chosen}
            onClick={() => {
              store.view.value = view;
              if (view === "predict") store.held.value = null; // it would cover the question
            }}
          >
            {words.views[view]}
          </button>
        ))}
      </div>
    </div>
  );
}

function SamplePicker(): JSX.Element | null {
  const store = useStore();
  const words = store.words.value;
  const { step } = store.event.value;
  const batch = useMemo(() => (isNetwork(step) ? networkOf(step).batch : 1), [step]);
  if (batch < 2) return null;
  return (
    <label class="sg-choice">
      <span>{words.sample}</span>
      <select
        value={store.example.value}
        onChange={(event) => {
          store.example.value = Number(event.currentTarget.value);
        }}
      >
        {Array.from({ length: batch }, (_, i) => (
          <option key={i} value={i} selected={i === store.example.value}>
            {i}
          </option>
        ))}
      </select>
    </label>
  );
}
