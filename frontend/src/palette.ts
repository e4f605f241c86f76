// Colours by role, in light and in dark. The first palette is that of the pictures
// (Okabe and Ito, 2008); all of them can be told apart with any kind of colour vision,
// text has a contrast of at least 4.5 to 1, and sign is never told by colour alone.

export type PaletteName = "okabe" | "prgn" | "mono";
export type Theme = "light" | "dark";
export type ThemeChoice = Theme | "auto";

export interface Colours {
  readonly positive: string;
  readonly negative: string;
  /** Text: values and what goes forward, gradients and what goes back, updates. */
  readonly data: string;
  readonly gradient: string;
  readonly changed: string;
}

export const PALETTES: Readonly<Record<PaletteName, Readonly<Record<Theme, Colours>>>> =
  {
    okabe: {
      light: {
        positive: "#0072B2",
        negative: "#D55E00",
        data: "#00639B",
        gradient: "#B23A08",
        changed: "#006B54",
      },
      dark: {
        positive: "#56B4E9",
        negative: "#F28E4B",
        data: "#6CC0F0",
        gradient: "#EDA63A",
        changed: "#46CFA8",
      },
    },
    prgn: {
      light: {
        positive: "#1B7837",
        negative: "#762A83",
        data: "#176B31",
        gradient: "#762A83",
        changed: "#7A5200",
      },
      dark: {
        positive: "#7FBF7B",
        negative: "#C49AD0",
        data: "#8ACB86",
        gradient: "#CDA6D8",
        changed: "#E0B252",
      },
    },
    mono: {
      light: {
        positive: "#30363F",
        negative: "#7C8592",
        data: "#1B1F24",
        gradient: "#4D5561",
        changed: "#1B1F24",
      },
      dark: {
        positive: "#E8EBF0",
        negative: "#8D97A5",
        data: "#E8EBF0",
        gradient: "#B6BEC9",
        changed: "#E8EBF0",
      },
    },
  };

/** The colours as custom properties of the style sheet. */
export function properties(colours: Colours): Record<string, string> {
  return Object.fromEntries(
    Object.entries(colours).map(([role, colour]) => [`--sg-${role}`, colour]),
  );
}
