// Where we are: three bands, filled as far as things have happened. Forward fills to the
// right, backward to the left, as in the network. Below them one slider over the whole
// tape; a click into a band goes there.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useStore } from "../store";
import { type Band, bandOf, bandsOf, type Stretch } from "./bands";

const MOST_SYMBOLS = 16;

export function Timeline(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const event = store.event.value;
  const bands = useMemo(() => bandsOf(event.step), [event.step]);
  const last = store.tape.value.length - 1;
  const sentence =
    store.tape.value.sentence(event, store.language.value) ?? event.deed.op;
  return (
    <section class="sg-timeline" aria-label={words.timeline}>
      {bands.map((band) => (
        <BandRow key={band.name} band={band} />
      ))}
      <input
        type="range"
        class="sg-slider"
        min={0}
        max={last}
        value={event.id}
        aria-label={words.slider}
        aria-valuetext={`${words.position(event.id + 1, last + 1)}, ${words.phases[event.deed.phase]}: ${sentence}`}
        onInput={(input) => {
          store.playing.value = false;
          store.go(Number(input.currentTarget.value));
        }}
      />
    </section>
  );
}

function BandRow({ band }: { readonly band: Band }): JSX.Element {
  const store = useStore();
  const { deed } = store.event.value;
  const isHere = bandOf(deed.phase) === band.name;
  const stretches =
    band.name === "backward" ? band.stretches.toReversed() : band.stretches;
  return (
    <div class={`sg-band sg-band-${band.name}${isHere ? " sg-here" : ""}`}>
      <span class="sg-band-name">{store.words.value.bands[band.name]}</span>
      <div class="sg-band-row" aria-hidden="true">
        {stretches.length === 0 && <div class="sg-stretch sg-stretch-empty" />}
        {stretches.map((stretch) => (
          <StretchBox
            key={stretch.first}
            stretch={stretch}
            mirrored={band.name === "backward"}
          />
        ))}
      </div>
    </div>
  );
}

/** Without layers, the operations themselves: each has its sign. */
function Symbols({ stretch, mirrored }: StretchProps): JSX.Element {
  const { step } = useStore().event.value;
  const signs = Array.from(
    { length: stretch.count },
    (_, k) => step.deeds[stretch.first + k]!.symbol,
  );
  if (mirrored) signs.reverse();
  return (
    <span class="sg-symbols">
      {signs.map((sign, k) => (
        <span key={k}>{sign}</span>
      ))}
    </span>
  );
}

interface StretchProps {
  readonly stretch: Stretch;
  readonly mirrored: boolean;
}

function StretchBox({ stretch, mirrored }: StretchProps): JSX.Element {
  const store = useStore();
  const { at, step } = store.event.value;
  const named = stretch.label === "loss" || stretch.label === "aside";
  const label = named ? store.words.value.phases[stretch.label] : stretch.label;
  const done = Math.max(0, Math.min(stretch.count, at - stretch.first + 1));
  const isHere = at >= stretch.first && at < stretch.first + stretch.count;
  const go = (event: MouseEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    const place = Math.floor((mirrored ? 1 - share : share) * stretch.count);
    store.playing.value = false;
    store.go(
      step.first + stretch.first + Math.max(0, Math.min(stretch.count - 1, place)),
    );
  };
  const fill = {
    width: `${(100 * done) / stretch.count}%`,
    [mirrored ? "right" : "left"]: "0",
  };
  const cell = 100 / stretch.count;
  const head = {
    width: `${cell}%`,
    [mirrored ? "right" : "left"]: `${cell * (done - 1)}%`,
  };
  return (
    <div
      class="sg-stretch"
      style={{ flexGrow: stretch.count }}
      onClick={go}
      title={label}
    >
      <div class="sg-stretch-fill" style={fill} />
      {isHere && <div class="sg-stretch-head" style={head} />}
      {stretch.label !== "" || stretch.count > MOST_SYMBOLS ? (
        <span class="sg-stretch-label">{label}</span>
      ) : (
        <Symbols stretch={stretch} mirrored={mirrored} />
      )}
    </div>
  );
}
