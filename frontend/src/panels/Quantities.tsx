// Every quantity that is known at this moment, as a table: for tapes of any kind and any
// size, and for those who would rather read than look.

import type { JSX } from "preact";
import { shapeText } from "../numbers";
import { useStore } from "../store";
import { nameOf, originOf } from "../tape/subject";
import { touchedBy } from "../stage/active";
import { QuantityNumbers } from "../stage/QuantityNumbers";
import { EventLink } from "./EventLink";

export function Quantities(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const event = store.event.value;
  const { step, at } = event;
  const touched = touchedBy(event);
  const known = step.quantities.filter(
    (q) => step.value(q.id, at) !== null && isMet(q.id),
  );
  function isMet(id: number): boolean {
    return step.deeds
      .slice(0, at + 1)
      .some((deed) => deed.output === id || deed.inputs.includes(id));
  }
  return (
    <div class="sg-scroll">
      <table class="sg-quantities">
        <thead>
          <tr>
            <th scope="col">{words.quantity}</th>
            <th scope="col">{words.shape}</th>
            <th scope="col">
              {words.value} · {words.gradient}
            </th>
            <th scope="col">{words.madeBy}</th>
          </tr>
        </thead>
        <tbody>
          {known.map((q) => {
            const writer = step.writer(q.id, at);
            return (
              <tr key={q.id} class={touched.has(q.id) ? "sg-touched" : ""}>
                <th scope="row">
                  {nameOf(q)}{" "}
                  <small>{originOf(step, q.id) || words.roles[q.role]}</small>
                </th>
                <td>{shapeText(q.shape)}</td>
                <td>
                  <QuantityNumbers quantity={q.id} />
                </td>
                <td>
                  {writer === null ? (
                    words.fromStart
                  ) : (
                    <EventLink event={step.first + writer} />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
