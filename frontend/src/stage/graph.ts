// An expression as columns: every quantity stands right of those it is made from. This
// is the picture of a tape without layers, of `Value`s and hand-written code.

import type { Step } from "../tape/tape";

export interface Node {
  readonly quantity: number;
  readonly rank: number;
  /** The quantities that it is made from; none for a leaf. */
  readonly from: readonly number[];
}

export const MOST_NODES = 48;

/** The quantities of forward and loss, in ranks; leaves stand just before their use. */
export function graphOf(step: Step): Node[][] {
  const rank = new Map<number, number>();
  const from = new Map<number, readonly number[]>();
  for (const deed of step.deeds) {
    if (deed.kind !== "operation") continue;
    if (deed.phase !== "forward" && deed.phase !== "loss") continue;
    const known = deed.inputs.map((q) => rank.get(q)).filter((r) => r !== undefined);
    const own = Math.max(0, ...known) + 1;
    rank.set(deed.output, own);
    from.set(deed.output, deed.inputs);
    for (const q of deed.inputs) {
      if (!rank.has(q)) rank.set(q, own - 1);
      else if (!from.has(q)) rank.set(q, Math.min(rank.get(q)!, own - 1));
    }
  }
  const ranks: Node[][] = [];
  for (const [quantity, r] of rank) {
    ranks[r] ??= [];
    ranks[r].push({ quantity, rank: r, from: from.get(quantity) ?? [] });
  }
  return ordered(ranks.filter((nodes) => nodes !== undefined));
}

/** In each rank, those that are used near each other stand near each other. */
function ordered(ranks: Node[][]): Node[][] {
  const place = new Map<number, number>();
  const settle = (nodes: readonly Node[]): void => {
    for (const [i, node] of nodes.entries()) place.set(node.quantity, i);
  };
  const users = new Map<number, number[]>();
  for (const nodes of ranks) {
    settle(nodes);
    for (const node of nodes) {
      for (const q of node.from) users.set(q, [...(users.get(q) ?? []), node.quantity]);
    }
  }
  const mean = (others: readonly number[], own: number): number =>
    others.length === 0
      ? own
      : others.reduce((total, q) => total + (place.get(q) ?? 0), 0) / others.length;
  for (const towards of ["from", "to", "from"] as const) {
    for (const nodes of ranks) {
      const weigh = (node: Node): number =>
        mean(
          towards === "from" ? node.from : (users.get(node.quantity) ?? []),
          place.get(node.quantity)!,
        );
      nodes.sort((a, b) => weigh(a) - weigh(b));
      settle(nodes);
    }
  }
  return ranks;
}
