// The page inside a frame of a notebook. The frame keeps the two apart: neither can look
// at the other, so they talk. The notebook says whether it is light or dark, the page how
// high it is. Each speaks as soon as it is there, and answers the other: whoever is there
// first is not heard.

import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Theme } from "../palette";
import { useStore } from "../store";

/** What the notebook says to the page, and the page to the notebook. */
export interface FromNotebook {
  readonly seegrad: "notebook";
  readonly theme: Theme | null;
}
export interface FromPage {
  readonly seegrad: "page";
  readonly height: number;
}

export function useHost(page: RefObject<HTMLElement | null>): void {
  const store = useStore();
  useLayoutEffect(() => {
    if (parent === window) return undefined;
    const say = (): void => {
      const height = Math.ceil(page.current!.getBoundingClientRect().height);
      parent.postMessage({ seegrad: "page", height } satisfies FromPage, "*");
    };
    const watcher = new ResizeObserver(say);
    const hear = ({ source, data }: MessageEvent<FromNotebook>): void => {
      if (source !== parent || data?.seegrad !== "notebook") return;
      store.hostTheme.value = data.theme;
      say();
    };
    addEventListener("message", hear);
    watcher.observe(page.current!);
    return () => {
      removeEventListener("message", hear);
      watcher.disconnect();
    };
  }, []);
}
