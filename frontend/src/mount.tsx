// The one entry of the front end: put a player into an element, fed by a transport. A
// page in a file, a notebook widget and a playground differ in the transport alone.

import { render } from "preact";
import { Player } from "./page/Player";
import { Store, StoreContext } from "./store";
import { Tape } from "./tape/tape";
import type { Transport } from "./transport";

/**
 * Show what the transport has inside the element; returns how to take it away. A page
 * of its own listens for keys everywhere (`keys`), a guest only inside its element.
 */
export function mount(
  element: HTMLElement,
  transport: Transport,
  keys: EventTarget | null = null,
): () => void {
  const store = new Store(transport);
  const stop = transport.subscribe((snapshot) => {
    store.tape.value = new Tape(snapshot.tape);
    store.go(store.cursor.value);
  });
  element.replaceChildren();
  render(
    <StoreContext.Provider value={store}>
      <Player keys={keys} />
    </StoreContext.Provider>,
    element,
  );
  return () => {
    stop();
    render(null, element);
  };
}
