// The keys: arrows move one operation, with Shift one layer, with Ctrl one training
// step. A control that uses a key itself (a text field, a list, a table of numbers)
// keeps it.

import type { Store } from "./store";

export function onKey(store: Store, event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || ownsKey(event)) return;
  const way = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (way !== 0) {
    const far = event.ctrlKey || event.metaKey;
    store.playing.value = false;
    store.move(far ? "step" : event.shiftKey ? "layer" : "operation", way);
  } else if (event.key === "Home") store.go(0);
  else if (event.key === "End") store.go(store.tape.value.length - 1);
  else if (event.key === " ") store.toggle();
  else if (event.key === "Escape") store.hold(null);
  else return;
  event.preventDefault();
}

/** Whether the control in focus needs this key for itself. */
function ownsKey(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  const name = target?.tagName;
  if (name === "TEXTAREA" || name === "SELECT") return true;
  if (name === "INPUT") return (target as HTMLInputElement).type !== "range";
  return (name === "BUTTON" || name === "SUMMARY") && event.key === " ";
}
