// The buttons that move along the tape, for hands without a keyboard. Each does what a
// key does, and its tip says which.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useStore } from "../store";
import { Icon, type IconName } from "./icons";
import { ViewChoice } from "./ViewChoice";

const PAUSE_BETWEEN = 900; // milliseconds from one operation to the next

export function Controls(): JSX.Element {
  const store = useStore();
  usePlaying();
  const words = store.words.value;
  const tape = store.tape.value;
  const { id, step } = store.event.value;
  const stop = (act: () => void) => (): void => {
    store.playing.value = false;
    act();
  };
  const atStart = id === 0;
  const atEnd = id === tape.length - 1;
  return (
    <div class="sg-controls">
      <div class="sg-buttons" role="group" aria-label={words.timeline}>
        <Button
          icon="first"
          label={words.first}
          keys="Home"
          off={atStart}
          act={stop(() => store.go(0))}
        />
        <Button
          icon="layerBack"
          label={words.layerBack}
          keys="Shift ←"
          off={atStart}
          act={stop(() => store.move("layer", -1))}
        />
        <Button
          icon="back"
          label={words.operationBack}
          keys="←"
          off={atStart}
          act={stop(() => store.move("operation", -1))}
        />
        <Button
          icon={store.playing.value ? "pause" : "play"}
          main={true}
          keys="Space"
          label={store.playing.value ? words.pause : words.play}
          act={() => store.toggle()}
        />
        <Button
          icon="on"
          label={words.operationOn}
          keys="→"
          off={atEnd}
          act={stop(() => store.move("operation", 1))}
        />
        <Button
          icon="layerOn"
          label={words.layerOn}
          keys="Shift →"
          off={atEnd}
          act={stop(() => store.move("layer", 1))}
        />
        <Button
          icon="last"
          label={words.last}
          keys="End"
          off={atEnd}
          act={stop(() => store.go(tape.length - 1))}
        />
      </div>
      {tape.steps.length > 1 && (
        <div
          class="sg-steps"
          role="group"
          aria-label={words.step(step.place + 1, tape.steps.length)}
        >
          <Button
            icon="back"
            label={words.stepBack}
            keys="Ctrl ←"
            off={step.place === 0}
            act={stop(() => store.move("step", -1))}
          />
          <span>
            {words.step(step.data.number + 1, tape.steps.at(-1)!.data.number + 1)}
          </span>
          <Button
            icon="on"
            label={words.stepOn}
            keys="Ctrl →"
            off={step.place === tape.steps.length - 1}
            act={stop(() => store.move("step", 1))}
          />
        </div>
      )}
      <span class="sg-position">{words.position(id + 1, tape.length)}</span>
      <ViewChoice />
    </div>
  );
}

interface ButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys: string;
  readonly act: () => void;
  readonly off?: boolean;
  readonly main?: boolean;
}

/** A button that keeps its focus at the end of the tape, so that a key still works. */
function Button({
  icon,
  label,
  keys,
  act,
  off = false,
  main = false,
}: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`sg-button${main ? " sg-main" : ""}`}
      aria-label={label}
      aria-disabled={off}
      title={`${label} (${keys})`}
      onClick={off ? undefined : act}
    >
      <Icon name={icon} />
    </button>
  );
}

/** While playing, move on after a pause; at the end, stop. */
function usePlaying(): void {
  const store = useStore();
  const playing = store.playing.value;
  const id = store.cursor.value;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      if (id >= store.tape.value.length - 1) store.playing.value = false;
      else store.move("operation", 1);
    }, PAUSE_BETWEEN);
    return () => clearTimeout(timer);
  }, [playing, id]);
}
