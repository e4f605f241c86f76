// The tape as the player reads it: events one after the other, and for any moment what
// each quantity is worth and how much of its gradient has arrived by then. Reading only:
// all state of the player is where it stands, and that is in the store.

import { spoken } from "../numbers";
import type { Quiz } from "../quiz/question";
import { type Amount, decode, plus } from "./amount";
import type { Deed, NumberData, Quantity, Scalar, StepData, TapeData } from "./format";

export interface Event {
  /** Its place among the events that are shown, in its step, and on the whole tape. */
  readonly id: number;
  readonly index: number;
  readonly at: number;
  readonly step: Step;
  readonly deed: Deed;
  readonly numbers: readonly NumberData[];
}

export class Step {
  readonly quantities: readonly Quantity[];
  readonly deeds: readonly Deed[];
  /** The place of its first event on the whole tape. */
  private readonly origin: number;
  private readonly amounts = new Map<NumberData, Amount | null>();
  private readonly gradients = new Map<string, Amount | null>();
  /** For each quantity, what gave it a value, and what sent it a gradient. */
  readonly writers = new Map<number, number[]>();
  readonly senders = new Map<number, number[]>();

  constructor(
    readonly place: number,
    readonly first: number,
    readonly data: StepData,
    tape: TapeData,
    /** The step before, if it is on the page too. */
    readonly previous: Step | null,
  ) {
    this.origin = tape.whole?.firsts[place] ?? first;
    const structure = tape.structures[data.structure]!;
    this.quantities = structure.quantities;
    this.deeds = structure.deeds.slice(0, data.numbers.length);
    this.deeds.forEach((deed, k) => {
      if (deed.kind === "operation" || deed.kind === "assign") {
        note(this.writers, deed.output, k);
      } else if (deed.kind === "backward") {
        for (const q of new Set(deed.inputs)) note(this.senders, q, k);
      }
    });
  }

  get length(): number {
    return this.deeds.length;
  }

  event(at: number): Event {
    return {
      id: this.first + at,
      at,
      step: this,
      index: this.origin + at,
      deed: this.deeds[at]!,
      numbers: this.data.numbers[at]!,
    };
  }

  quantity(id: number): Quantity {
    return this.quantities[id]!;
  }

  /** The deed that gave a quantity the value it has once deed `now` is done. */
  writer(quantity: number, now: number): number | null {
    const done = (this.writers.get(quantity) ?? []).filter((k) => k <= now);
    return done.at(-1) ?? null;
  }

  /** What a quantity is worth once deed `now` is done; null: not yet known. */
  value(quantity: number, now: number): Amount | null {
    const k = this.writer(quantity, now);
    return this.amount(
      k === null ? this.data.leaves[quantity] : this.data.numbers[k]!.at(-1),
    );
  }

  /** What a quantity was worth before the step's update; the value it started with. */
  start(quantity: number): Amount | null {
    return this.amount(this.data.leaves[quantity]);
  }

  /** How much of d loss / d quantity has arrived once deed `now` is done. */
  gradient(quantity: number, now: number): Amount | null {
    const sent = (this.senders.get(quantity) ?? []).filter((k) => k <= now);
    if (sent.length === 0) return this.root(quantity, now);
    const key = `${quantity}/${sent.length}`;
    if (!this.gradients.has(key)) {
      let total: Amount | null = null;
      for (const share of sent.flatMap((k) => this.sharesTo(quantity, k))) {
        total = plus(total, share.amount);
      }
      this.gradients.set(key, total);
    }
    return this.gradients.get(key)!;
  }

  /** The gradient that a backward deed sent to a quantity: one for each place it has. */
  sharesTo(quantity: number, k: number): { position: number; amount: Amount }[] {
    const deed = this.deeds[k]!;
    return deed.inputs.flatMap((q, position) => {
      const amount = q === quantity ? this.numbersOf(k, 1 + position) : null;
      return amount === null ? [] : [{ position, amount }];
    });
  }

  /** The stored gradient of a leaf, where an event wrote it down by now. */
  stored(quantity: number, now: number): Amount | null {
    const k = this.deeds.findLastIndex(
      (deed, at) => at <= now && deed.kind === "gradient" && deed.output === quantity,
    );
    return k < 0 ? null : this.numbersOf(k, 1);
  }

  /** The number in this place of a deed. */
  numbersOf(k: number, position: number): Amount | null {
    return this.amount(this.data.numbers[k]?.[position]);
  }

  /** d output / d input of an elementwise operation, where the tape has it. */
  local(k: number, position: number): Amount | null {
    return this.amount(this.data.local[k]?.[position]);
  }

  amount(saved: NumberData | undefined): Amount | null {
    if (typeof saved !== "object" || saved === null)
      return decode(saved as Scalar | null);
    if (!this.amounts.has(saved)) this.amounts.set(saved, decode(saved));
    return this.amounts.get(saved)!;
  }

  /** The walk back starts at the loss, with a gradient that nobody sent. */
  private root(quantity: number, now: number): Amount | null {
    const k = this.deeds.findIndex(
      (d) => d.kind === "backward" && d.output === quantity,
    );
    return k >= 0 && k <= now ? this.numbersOf(k, 0) : null;
  }
}

export class Tape {
  readonly steps: readonly Step[];
  readonly length: number;

  constructor(readonly data: TapeData) {
    let first = 0;
    let previous: Step | null = null;
    this.steps = data.steps.map((saved, place) => {
      const follows = previous !== null && previous.data.number === saved.number - 1;
      previous = new Step(place, first, saved, data, follows ? previous : null);
      first += previous.length;
      return previous;
    });
    this.length = first;
  }

  /** The event at a place of the tape; the nearest one beyond its ends. */
  event(id: number): Event {
    const within = Math.max(0, Math.min(this.length - 1, id));
    const step = this.steps.findLast((s) => s.first <= within)!;
    return step.event(within - step.first);
  }

  /** The questions in a language; null if there are none. */
  quiz(language: string): Quiz | null {
    const found = this.data.quiz?.[language];
    return found === undefined || found.questions.length === 0 ? null : found;
  }

  /** Its sentence in a language, where the page brought one. */
  sentence(event: Event, language: string): string | null {
    const told = this.data.stories?.[language]?.[event.step.place]?.[event.at];
    return told === undefined ? null : spoken(told);
  }
}

function note(table: Map<number, number[]>, key: number, value: number): void {
  const known = table.get(key);
  if (known === undefined) table.set(key, [value]);
  else known.push(value);
}
