// The loss: the target of the chosen example, the quantity that its formula has reached,
// and the one number at its end.

import type { JSX } from "preact";
import { short } from "../numbers";
import { useStore } from "../store";
import type { Step } from "../tape/tape";
import { QuantityNumbers } from "./QuantityNumbers";
import type { Column } from "./columns";

interface Props {
  readonly column: Column;
  readonly touched: ReadonlySet<number>;
}

export function LossColumn({ column, touched }: Props): JSX.Element {
  const store = useStore();
  const { step, at } = store.event.value;
  const words = store.words.value;
  const final = column.quantities.at(-1)!;
  const target = targetOf(step, column);
  const underway = column.quantities.findLast(
    (q) =>
      q !== final &&
      step.value(q, at) !== null &&
      (step.gradient(q, at) === null || touched.has(q)),
  );
  const isBack = step.gradient(final, at) !== null;
  const onTheWay = isBack
    ? column.quantities.find((q) => q !== final && step.gradient(q, at) !== null)
    : underway;
  const known = step.value(final, at) !== null;
  return (
    <div class="sg-loss" data-anchor={column.key} data-port={column.key}>
      {target !== null && (
        <Entry title={words.target} touched={false}>
          <QuantityNumbers quantity={target} batch={true} />
        </Entry>
      )}
      {onTheWay !== undefined && (
        <Entry title={symbolOf(step, onTheWay)} touched={touched.has(onTheWay)}>
          <QuantityNumbers quantity={onTheWay} batch={true} />
        </Entry>
      )}
      <Entry title={words.loss} touched={touched.has(final)} strong={known}>
        <QuantityNumbers quantity={final} batch={true} />
        {step.place > 0 && known && <Before step={step} />}
      </Entry>
    </div>
  );
}

interface EntryProps {
  readonly title: string;
  readonly touched: boolean;
  readonly strong?: boolean;
  readonly children: preact.ComponentChildren;
}

function Entry({ title, touched, strong, children }: EntryProps): JSX.Element {
  return (
    <div class={`sg-entry${touched ? " sg-touched" : ""}${strong ? " sg-strong" : ""}`}>
      <span class="sg-entry-title">{title}</span>
      {children}
    </div>
  );
}

/** The loss of the step before, to compare with. */
function Before({ step }: { readonly step: Step }): JSX.Element | null {
  const store = useStore();
  const before = store.tape.value.steps[step.place - 1]!;
  const last = before.deeds.findLastIndex(
    (deed) => deed.kind === "operation" && deed.phase === "loss",
  );
  const value = last < 0 ? null : before.numbersOf(last, 0)?.data?.[0];
  if (value === null || value === undefined) return null;
  return (
    <small class="sg-note">
      {store.words.value.before} {short(value)}
    </small>
  );
}

/** What the loss compares with; code that names no target just reads an input. */
function targetOf(step: Step, column: Column): number | null {
  const read = column.deeds.flatMap((k) => step.deeds[k]!.inputs);
  const given = (role: string): number | undefined =>
    read.find((q) => step.quantity(q).role === role);
  return given("target") ?? given("input") ?? null;
}

function symbolOf(step: Step, quantity: number): string {
  const k = step.writers.get(quantity)?.[0];
  return k === undefined ? "" : step.deeds[k]!.op;
}
