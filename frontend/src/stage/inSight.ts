// A wide picture scrolls along with the tape: what an event touches is brought into
// sight, sideways only, and only as far as needed.

import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { useStore } from "../store";

const MARGIN = 12;

export function useInSight(): RefObject<HTMLDivElement | null> {
  const here = useRef<HTMLDivElement>(null);
  const { id } = useStore().event.value;
  useEffect(() => {
    const frame = here.current?.parentElement;
    const target = here.current
      ?.querySelector(".sg-touched, .sg-at-work")
      ?.closest(".sg-column");
    if (!frame || !target) return;
    const [outer, inner] = [
      frame.getBoundingClientRect(),
      target.getBoundingClientRect(),
    ];
    if (inner.left < outer.left) frame.scrollLeft -= outer.left - inner.left + MARGIN;
    else if (inner.right > outer.right)
      frame.scrollLeft += inner.right - outer.right + MARGIN;
  }, [id]);
  return here;
}
