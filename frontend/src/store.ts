// Where the player stands and what the reader chose: the only state there is. All of it
// are signals, so a component that reads one is drawn again when it changes, and only
// then. What follows from them (the event, the explanation) is computed, never stored.

import { computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { explain } from "./explain/explain";
import type { Asked } from "./quiz/question";
import type { PaletteName, Theme, ThemeChoice } from "./palette";
import { remembered, remember } from "./remembered";
import { type Subject, same } from "./tape/subject";
import { Tape } from "./tape/tape";
import { type Stride, moved } from "./tape/walk";
import type { Transport } from "./transport";
import { type Language, LANGUAGES, preferred } from "./words/words";

export type View = "picture" | "quantities" | "story" | "predict";

export class Store {
  readonly tape;
  readonly cursor = signal(0);
  readonly playing = signal(false);
  readonly view = signal<View>("picture");
  readonly example = signal(0);
  /** The number under the pointer or the focus, and the one that is held. */
  readonly pointed = signal<Subject | null>(null);
  readonly held = signal<Subject | null>(null);
  /** The question that stands open, by its place, and those that were answered. */
  readonly question = signal<number | null>(null);
  readonly asked = signal<readonly Asked[]>([]);
  readonly heldFrom = signal<HTMLElement | null>(null);
  readonly language;
  readonly palette = signal<PaletteName>(
    remembered("palette", ["okabe", "prgn", "mono"], "okabe"),
  );
  readonly themeChoice = signal<ThemeChoice>(
    remembered("theme", ["auto", "light", "dark"], "auto"),
  );
  readonly systemTheme = signal<Theme>("light");
  /** What a notebook around the page's frame said. */
  readonly hostTheme = signal<Theme | null>(null);

  readonly theme = computed<Theme>(() =>
    this.themeChoice.value === "auto" ? this.systemTheme.value : this.themeChoice.value,
  );
  readonly words = computed(() => LANGUAGES[this.language.value]);
  readonly event = computed(() => this.tape.value.event(this.cursor.value));
  readonly subject = computed(() => this.pointed.value ?? this.held.value);
  readonly explanation = computed(() => {
    const it = this.subject.value;
    return it === null ? null : explain(this.tape.value, it, this.cursor.value);
  });

  constructor(readonly transport: Transport) {
    this.tape = signal(new Tape(transport.snapshot().tape));
    const own = preferred(typeof navigator === "undefined" ? [] : navigator.languages);
    this.language = signal<Language>(remembered("language", ["en", "de"], own));
  }

  /** Stand on an event. */
  go(id: number): void {
    this.cursor.value = Math.max(0, Math.min(this.tape.value.length - 1, id));
    const held = this.held.value;
    if (held !== null && held.step !== this.event.value.step.place) {
      this.held.value = { ...held, step: this.event.value.step.place };
    }
    this.pointed.value = null;
  }

  move(stride: Stride, way: 1 | -1): void {
    this.go(moved(this.tape.value, this.cursor.value, stride, way));
  }

  /** Start or stop playing; at the end it starts again. */
  toggle(): void {
    const atEnd = this.cursor.value === this.tape.value.length - 1;
    if (!this.playing.value && atEnd) this.go(0);
    this.playing.value = !this.playing.value;
  }

  point(it: Subject | null): void {
    if (!same(it, this.pointed.value)) this.pointed.value = it;
  }

  /** Hold a number; who did it by keyboard is led to the explanation and back again. */
  hold(it: Subject | null, from: HTMLElement | null = null): void {
    if (it === null) this.heldFrom.value?.focus();
    this.heldFrom.value = it === null ? null : (from ?? this.heldFrom.value);
    this.held.value = it;
    this.pointed.value = null;
  }

  choose(what: "language" | "palette" | "theme", value: string): void {
    remember(what, value);
    if (what === "language") this.language.value = value as Language;
    else if (what === "palette") this.palette.value = value as PaletteName;
    else this.themeChoice.value = value as ThemeChoice;
  }
}

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("a part of the player stands outside of mount()");
  return store;
}
