// The lines between units, drawn behind them: as wide as a weight is large, dashed if it
// is negative. Where units stand is measured after the browser has laid them out, so
// the lines fit any font and any width; on a narrow page there are none.

import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** A share of the largest weight, with its sign; null for a plain connection. */
  readonly strength: number | null;
  readonly active: boolean;
  /** What is written on the line: a local derivative. */
  readonly label?: string;
}

interface Line extends Edge {
  readonly path: string;
  readonly middle: readonly [number, number];
}

interface Props {
  readonly edges: readonly Edge[];
  readonly way: string;
}

export function Edges({ edges, way }: Props): JSX.Element {
  const here = useRef<SVGSVGElement>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  useLayoutEffect(() => {
    const stage = here.current?.parentElement;
    if (!stage) return undefined;
    const measure = (): void => setLines(measured(stage, edges));
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(stage);
    return () => watcher.disconnect();
  }, [edges]);
  return (
    <svg class={`sg-edges sg-way-${way}`} ref={here} aria-hidden="true">
      {lines.map((line) => (
        <path
          key={`${line.from} ${line.to}`}
          d={line.path}
          class={[
            line.strength === null
              ? "sg-plain-edge"
              : line.strength < 0
                ? "sg-negative-edge"
                : "sg-positive-edge",
            line.active ? "sg-active" : "",
          ].join(" ")}
          stroke-width={
            line.strength === null ? 1.2 : 0.8 + 3.2 * Math.abs(line.strength)
          }
        />
      ))}
      {lines.map(
        ({ label, middle, from, to }) =>
          label !== undefined && (
            <text
              key={`${from} ${to}`}
              x={middle[0]}
              y={middle[1]}
              class="sg-edge-label"
            >
              {label}
            </text>
          ),
      )}
    </svg>
  );
}

function measured(stage: HTMLElement, edges: readonly Edge[]): Line[] {
  const frame = stage.getBoundingClientRect();
  const find = (name: string, key: string): DOMRect | undefined =>
    stage.querySelector(`[data-${name}="${CSS.escape(key)}"]`)?.getBoundingClientRect();
  return edges.flatMap((edge) => {
    const [from, to] = [find("anchor", edge.from), find("port", edge.to)];
    if (from === undefined || to === undefined || to.left < from.right - 2) return [];
    const [x, y] = [from.right - frame.left, from.top + from.height / 2 - frame.top];
    const [right, low] = [to.left - frame.left, to.top + to.height / 2 - frame.top];
    const bend = (right - x) / 2;
    const path = `M${x} ${y} C${x + bend} ${y} ${right - bend} ${low} ${right} ${low}`;
    return [{ ...edge, path, middle: [(x + right) / 2, (y + low) / 2] }];
  });
}
