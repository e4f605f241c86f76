// What the reader can choose: the language, light or dark, the colours; and the keys.

import type { JSX } from "preact";
import { useStore } from "../store";
import { LANGUAGES } from "../words/words";

export function Settings(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const languages = Object.entries(LANGUAGES).map(
    ([key, { name }]) => [key, name] as const,
  );
  return (
    <div class="sg-settings">
      <Choice
        what="language"
        label={words.language}
        chosen={store.language.value}
        options={languages}
      />
      <Choice
        what="theme"
        label={words.theme}
        chosen={store.themeChoice.value}
        options={Object.entries(words.themes)}
      />
      <Choice
        what="palette"
        label={words.palette}
        chosen={store.palette.value}
        options={Object.entries(words.palettes)}
      />
      <details class="sg-keys" onKeyDown={closeByEscape} onFocusOut={closeWhenLeft}>
        <summary>{words.keys}</summary>
        <dl>
          {words.keyHelp.map(([keys, meaning]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

type Left<E extends Event> = E & { readonly currentTarget: HTMLDetailsElement };

function closeByEscape(event: Left<KeyboardEvent>): void {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.stopPropagation();
}

function closeWhenLeft(event: Left<FocusEvent>): void {
  event.currentTarget.open = false;
}

interface ChoiceProps {
  readonly what: "language" | "palette" | "theme";
  readonly label: string;
  readonly chosen: string;
  readonly options: readonly (readonly [string, string])[];
}

function Choice({ what, label, chosen, options }: ChoiceProps): JSX.Element {
  const store = useStore();
  return (
    <label class="sg-choice">
      <span>{label}</span>
      <select
        value={chosen}
        onChange={(event) => store.choose(what, event.currentTarget.value)}
      >
        {options.map(([key, name]) => (
          <option key={key} value={key} selected={key === chosen}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
