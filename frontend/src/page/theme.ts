// Light or dark as the reader's system has it, and as it changes during the day. A
// notebook says it on its page instead, or, if the player stands in a frame of its own,
// in a message; the notebook is believed before the system.

import { useEffect } from "preact/hooks";
import { useStore } from "../store";
import { notebookTheme } from "./notebook";

export function useSystemTheme(): void {
  const store = useStore();
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listen = (): void => {
      store.systemTheme.value =
        store.hostTheme.value ?? notebookTheme() ?? (query.matches ? "dark" : "light");
    };
    listen();
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, [store.hostTheme.value]);
}
