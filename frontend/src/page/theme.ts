// Light or dark as the reader's system has it, and as it changes during the day. A
// notebook says it on its body instead; both are heard.

import { useEffect } from "preact/hooks";
import { useStore } from "../store";

const NOTEBOOK =
  "[data-jp-theme-light], .vscode-dark, .vscode-light, body.dark, body.light";

export function useSystemTheme(): void {
  const store = useStore();
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listen = (): void => {
      store.systemTheme.value = notebookTheme() ?? (query.matches ? "dark" : "light");
    };
    listen();
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
}

function notebookTheme(): "light" | "dark" | null {
  const marked = document.querySelector<HTMLElement>(NOTEBOOK);
  if (marked === null) return null;
  if (marked.dataset.jpThemeLight !== undefined) {
    return marked.dataset.jpThemeLight === "false" ? "dark" : "light";
  }
  return marked.matches(".vscode-dark, .dark") ? "dark" : "light";
}
