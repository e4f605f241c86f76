// One question, one answer: why is this number what it is?

import type { Subject } from "../tape/subject";
import type { Tape } from "../tape/tape";
import type { Explanation } from "./explanation";
import { explainGradient } from "./gradient";
import { explainValue } from "./value";

/** The explanation of a number of the step that event `now` stands in. */
export function explain(tape: Tape, it: Subject, now: number): Explanation {
  const { step, at } = tape.event(now);
  const moment = step.place === it.step ? at : Infinity;
  const where = tape.steps[it.step] ?? step;
  const explained = it.aspect === "value" ? explainValue : explainGradient;
  return explained(where, it, Math.min(moment, where.length - 1));
}
