// One unit over the whole batch: a little column for each example, up if positive, down
// if negative, the chosen example marked. A click chooses; the same choice can be made
// with the list above the stage.

import type { JSX } from "preact";
import { useStore } from "../store";

interface Props {
  readonly values: readonly number[];
  readonly full: number;
}

const MOST = 32;
const HEIGHT = 22;

export function Examples({ values, full }: Props): JSX.Element | null {
  const store = useStore();
  if (values.length < 2 || values.length > MOST) return null;
  const signed = values.some((x) => x < 0);
  const middle = signed ? HEIGHT / 2 : HEIGHT;
  const room = signed ? HEIGHT / 2 : HEIGHT;
  return (
    <svg
      class="sg-examples"
      aria-hidden="true"
      preserveAspectRatio="none"
      viewBox={`0 0 ${values.length} ${HEIGHT}`}
    >
      {values.map((x, i) => {
        const length =
          full > 0 && Number.isFinite(x) ? Math.min(1, Math.abs(x) / full) * room : 0;
        const chosen = i === store.example.value;
        return (
          <g
            key={i}
            onClick={() => {
              store.example.value = i;
            }}
          >
            <rect
              x={i}
              y={0}
              width={1}
              height={HEIGHT}
              class={chosen ? "sg-chosen" : "sg-unchosen"}
            />
            <rect
              class={x < 0 ? "sg-fill-negative" : "sg-fill-positive"}
              x={i + 0.14}
              width={0.72}
              height={Math.max(length, 0.8)}
              y={x < 0 ? middle : middle - Math.max(length, 0.8)}
            />
          </g>
        );
      })}
    </svg>
  );
}
