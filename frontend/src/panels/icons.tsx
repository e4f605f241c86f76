// The few signs on the buttons, drawn here so that no font is needed.

import type { JSX } from "preact";

const PATHS = {
  first: "M5 4v12 M16 4 8 10l8 6z",
  last: "M15 4v12 M4 4l8 6-8 6z",
  layerBack: "M10 4 3 10l7 6z M17 4l-7 6 7 6z",
  layerOn: "M10 4l7 6-7 6z M3 4l7 6-7 6z",
  back: "M13 4 5 10l8 6z",
  on: "M7 4l8 6-8 6z",
  play: "M6 3l11 7-11 7z",
  pause: "M5 3h3.6v14H5z M11.4 3H15v14h-3.6z",
  close: "M5 5l10 10 M15 5 5 15",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="sg-icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
