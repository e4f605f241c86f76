// Light or dark as the notebook marks it on its own page: JupyterLab, VS Code and marimo
// each have their way, and none of them goes by the system.

const MARKED =
  "[data-jp-theme-light], .vscode-dark, .vscode-light, body.dark, body.light";

export function notebookTheme(): "light" | "dark" | null {
  const marked = document.querySelector<HTMLElement>(MARKED);
  if (marked === null) return null;
  if (marked.dataset.jpThemeLight !== undefined) {
    return marked.dataset.jpThemeLight === "false" ? "dark" : "light";
  }
  return marked.matches(".vscode-dark, .dark") ? "dark" : "light";
}
