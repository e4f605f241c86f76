// How a player gets what it shows. A page in a file has everything from the beginning;
// a notebook widget or a local server will push new snapshots and take commands. The
// player knows only this interface, so it is the same in all of them.

import type { TapeData } from "./tape/format";

export interface Snapshot {
  /** The version of this interface, so that both ends can tell. */
  readonly protocol: 1;
  readonly tape: TapeData;
}

export interface Transport {
  /** What there is to show now. */
  snapshot(): Snapshot;
  /** Be told of every later snapshot; returns how to stop. */
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  /** Ask the other end to do something; a file has nobody to ask and ignores it. */
  send(command: { readonly type: string; readonly [key: string]: unknown }): void;
}

/** A transport over data that is all there: nothing is ever pushed, nobody listens. */
export function recorded(tape: TapeData): Transport {
  return {
    snapshot: () => ({ protocol: 1, tape }),
    subscribe: () => () => undefined,
    send: () => undefined,
  };
}
