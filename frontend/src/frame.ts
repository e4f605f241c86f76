// What a notebook runs when a frame with a page has been loaded: it tells the page
// whether the notebook is light or dark, and makes the frame as high as the page. The
// frame only grows, so that what stands below it does not jump with every move.

import type { FromNotebook, FromPage } from "./page/host";
import { notebookTheme } from "./page/notebook";

declare const frame: HTMLIFrameElement; // given by the frame's own `onload`

const MOST = 1400; // pixels; a longer page scrolls inside of its frame
const NARROW = 700; // below, explanations come up from the lower edge: it must be in sight

let highest = 0;

function tell(): void {
  const theme = notebookTheme();
  const words: FromNotebook = { seegrad: "notebook", theme };
  frame.contentWindow?.postMessage(words, "*");
}

function hear({ source, data }: MessageEvent<FromPage>): void {
  if (!frame.isConnected) stop();
  if (source !== frame.contentWindow || data?.seegrad !== "page") return;
  if (highest === 0) tell();
  const most = frame.clientWidth > NARROW ? MOST : 0.9 * innerHeight;
  highest = Math.min(most, Math.max(highest, data.height));
  frame.style.height = `${highest}px`;
}

function stop(): void {
  window.removeEventListener("message", hear);
  watcher.disconnect();
}

const watcher = new MutationObserver(tell);
for (const marked of [document.documentElement, document.body]) {
  watcher.observe(marked, { attributeFilter: ["class", "data-jp-theme-light"] });
}
// In an attribute of the frame, a bare addEventListener would be the frame's own.
window.addEventListener("message", hear);
tell();
