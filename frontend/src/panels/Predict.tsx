// Predict, then look: a question before the tape shows its number. It stands just before
// the moment that is asked about; with the answer the moment itself is shown.

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  check,
  type Feedback,
  next,
  type Question,
  type Quiz,
  scores,
} from "../quiz/question";
import { spoken } from "../numbers";
import { useStore } from "../store";

export function Predict(): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const quiz = store.tape.value.quiz(store.language.value);
  const place =
    store.question.value ?? (quiz === null ? null : next(quiz, store.asked.value));
  if (quiz === null || place === null) return <p class="sg-note">{words.allAsked}</p>;
  return (
    <div class="sg-predict">
      <Ask key={`${place}`} quiz={quiz} place={place} />
      <Score quiz={quiz} />
    </div>
  );
}

function Ask({
  quiz,
  place,
}: {
  readonly quiz: Quiz;
  readonly place: number;
}): JSX.Element {
  const store = useStore();
  const words = store.words.value;
  const question = quiz.questions[place]!;
  const [given, setGiven] = useState("");
  const [feedback, setFeedback] = useState<Feedback | null>(null);
  const [unread, setUnread] = useState(false);
  const said = useRef<HTMLDivElement>(null);
  const text = useRef<HTMLHeadingElement>(null);
  const moment = store.tape.value.steps[question.step]!.first + question.at;
  useLayoutEffect(() => {
    store.question.value = place;
    store.go(moment - 1);
    if (store.asked.value.length > 0) text.current?.focus(); // it follows another one
  }, [place]);
  useEffect(() => {
    if (feedback !== null) said.current?.focus();
  }, [feedback]);
  const answer = (): void => {
    const found = check(question, given);
    setUnread(found === null);
    if (found === null || feedback !== null) return;
    store.asked.value = [...store.asked.value, { place, right: found.right }];
    setFeedback(found);
    store.go(moment);
  };
  const onward = (): void => {
    store.question.value = next(quiz, store.asked.value);
  };
  return (
    <form
      class="sg-ask"
      onSubmit={(event) => {
        event.preventDefault();
        answer();
      }}
    >
      <p class="sg-concept">{quiz.concepts[question.concept]}</p>
      <h2 ref={text} tabIndex={-1}>
        {spoken(question.text)}
      </h2>
      {question.options.length > 0 ? (
        <Options
          question={question}
          given={given}
          choose={setGiven}
          off={feedback !== null}
        />
      ) : (
        <Entry given={given} write={setGiven} off={feedback !== null} />
      )}
      {unread && (
        <p class="sg-problem" role="alert">
          {words.notANumber}
        </p>
      )}
      {feedback === null ? (
        <button type="submit" class="sg-wide" disabled={given === ""}>
          {words.check}
        </button>
      ) : (
        <div
          ref={said}
          tabIndex={-1}
          class={`sg-feedback ${feedback.right ? "sg-right" : "sg-wrong"}`}
          role="status"
        >
          <p>
            <strong>{feedback.right ? `✓ ${words.right}` : `✗ ${words.wrong}`}</strong>{" "}
            {spoken(feedback.mistake)}
          </p>
          <p>{spoken(question.explanation)}</p>
          <button type="button" class="sg-wide" onClick={onward}>
            {words.nextQuestion}
          </button>
        </div>
      )}
    </form>
  );
}

interface OptionsProps {
  readonly question: Question;
  readonly given: string;
  readonly choose: (option: string) => void;
  readonly off: boolean;
}

function Options({ question, given, choose, off }: OptionsProps): JSX.Element {
  const words = useStore().words.value;
  return (
    <fieldset disabled={off}>
      <legend class="sg-hidden">{words.yourAnswer}</legend>
      {question.options.map((option) => (
        <label key={option} class="sg-option">
          <input
            type="radio"
            name="sg-answer"
            value={option}
            checked={given === option}
            onChange={() => choose(option)}
          />
          {option}
        </label>
      ))}
    </fieldset>
  );
}

interface EntryProps {
  readonly given: string;
  readonly write: (text: string) => void;
  readonly off: boolean;
}

function Entry({ given, write, off }: EntryProps): JSX.Element {
  const words = useStore().words.value;
  return (
    <label class="sg-given">
      <span>{words.yourAnswer}</span>
      <input
        type="text"
        inputMode="decimal"
        autocomplete="off"
        value={given}
        readOnly={off}
        onInput={(event) => write(event.currentTarget.value)}
      />
    </label>
  );
}

function Score({ quiz }: { readonly quiz: Quiz }): JSX.Element | null {
  const store = useStore();
  const words = store.words.value;
  const found = scores(quiz, store.asked.value);
  if (found.size === 0) return null;
  return (
    <p class="sg-score">
      {words.score}:{" "}
      {[...found]
        .map(
          ([concept, [right, count]]) => `${quiz.concepts[concept]} ${right}/${count}`,
        )
        .join(" · ")}
    </p>
  );
}
