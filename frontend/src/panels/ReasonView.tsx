// One reason of an explanation: the event, its formula, the numbers put in, and what is
// added up. Every number can be asked in turn, every event can be gone to.

import type { JSX } from "preact";
import { short, signed } from "../numbers";
import type { Part, Reason, Term } from "../explain/explanation";
import { useStore } from "../store";
import { NumberButton } from "../stage/NumberButton";
import { formulaIn } from "../words/words";
import { EventLink } from "./EventLink";

export function ReasonView({
  reason,
  total,
}: {
  readonly reason: Reason;
  readonly total: number | null;
}): JSX.Element {
  const words = useStore().words.value;
  const value = reason.value ?? total;
  const isShare = reason.kind === "share";
  const formula =
    reason.kind === "computed"
      ? formulaIn(words, reason.op, reason.formula)
      : reason.formula;
  return (
    <div class={`sg-reason sg-reason-${reason.kind}`}>
      <p class="sg-reason-title">
        {words.reasons[reason.kind]} <strong>{reason.op}</strong>{" "}
        {reason.event !== null && <EventLink event={reason.event} />}
      </p>
      {formula !== "" && reason.kind !== "stored" && (
        <p class="sg-formula">
          <code>{formula}</code>
        </p>
      )}
      {reason.filled !== "" && (
        <p class="sg-filled">
          {reason.filled} ={" "}
          <strong>
            {value === null ? "" : isShare ? signed(value) : short(value)}
          </strong>
        </p>
      )}
      {reason.parts.length > 0 && <Parts parts={reason.parts} />}
      {reason.terms.length > 0 && (
        <Terms terms={reason.terms} hidden={reason.hidden} total={value} />
      )}
    </div>
  );
}

function Parts({ parts }: { readonly parts: readonly Part[] }): JSX.Element {
  return (
    <ul class="sg-parts">
      {parts.map((part, i) => (
        <li key={i}>
          <span class="sg-part-name">{part.name}</span>
          <PartNumber part={part} />
          <Made event={part.event} />
        </li>
      ))}
    </ul>
  );
}

function PartNumber({ part }: { readonly part: Part }): JSX.Element {
  if (part.subject === null)
    return <span class="sg-number sg-quiet">{short(part.value)}</span>;
  return (
    <NumberButton
      subject={part.subject}
      value={part.value}
      label={part.name}
      clickOnly={true}
    />
  );
}

function Made({ event }: { readonly event: number | null }): JSX.Element {
  const words = useStore().words.value;
  return event === null ? (
    <small class="sg-note">{words.fromStart}</small>
  ) : (
    <EventLink event={event} />
  );
}

interface TermsProps {
  readonly terms: readonly Term[];
  readonly hidden: number;
  readonly total: number | null;
}

/** A sum as a table; all factors of one place come from the same event. */
function Terms({ terms, hidden, total }: TermsProps): JSX.Element {
  const words = useStore().words.value;
  const pairs = (terms[0]?.factors.length ?? 0) > 1;
  const sources = terms[0]?.factors ?? [];
  return (
    <table class="sg-terms">
      <caption>{pairs ? words.products : words.putIn}</caption>
      <thead>
        <tr>
          {sources.map((part, i) => (
            <th key={i} scope="col">
              {withoutPlace(part.name)} <Made event={part.event} />
            </th>
          ))}
          {pairs && <th scope="col">=</th>}
        </tr>
      </thead>
      <tbody>
        {terms.map((term, k) => (
          <tr key={k}>
            {term.factors.map((part, i) => (
              <td key={i}>
                <small>{placeIn(part.name)}</small> <PartNumber part={part} />
              </td>
            ))}
            {pairs && <td>{signed(term.value)}</td>}
          </tr>
        ))}
        {hidden > 0 && (
          <tr>
            <td colSpan={3}>
              <small class="sg-note">{words.hidden(hidden)}</small>
            </td>
          </tr>
        )}
      </tbody>
      {total !== null && (
        <tfoot>
          <tr>
            {pairs && sources.length > 1 && <td colSpan={sources.length - 1} />}
            <th scope="row">{words.sum}</th>
            {pairs ? (
              <td>
                <strong>{signed(total)}</strong>
              </td>
            ) : null}
          </tr>
          {!pairs && (
            <tr>
              <td>
                <strong>{signed(total)}</strong>
              </td>
            </tr>
          )}
        </tfoot>
      )}
    </table>
  );
}

function withoutPlace(name: string): string {
  return name.replace(/\[[\d, ]+\]$/, "");
}

function placeIn(name: string): string {
  return /\[[\d, ]+\]$/.exec(name)?.[0] ?? "";
}
