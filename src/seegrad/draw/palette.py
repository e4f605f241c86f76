"""Which colour a role has, in light and in dark.

The hues are those of Okabe and Ito (2008), which people with any kind of colour
vision can tell apart, made darker or lighter until text has a contrast of at least
4.5 to 1 and strokes of at least 3 to 1 (WCAG 2.2, tested). Blue is positive, orange is
negative, and a negative stroke is dashed as well: sign is never told by colour alone.
"""

from __future__ import annotations

from seegrad.errors import unknown_name

THEMES = ("light", "dark")

# role: (light, dark)
SURFACES = {
    "paper": ("#FFFFFF", "#14171C"),
    "card": ("#F5F7FA", "#20262E"),
    "changed_card": ("#E6F5EF", "#17352C"),
}
DECORATIONS = {  # nothing is lost by who cannot see these
    "grid": ("#E3E7EC", "#2C333C"),
    "frame": ("#C5CCD6", "#4A5460"),
}
TEXTS = {
    "ink": ("#1B1F24", "#E8EBF0"),
    "quiet": ("#5F6875", "#A9B2BF"),
    "data": ("#0072B2", "#56B4E9"),
    "gradient": ("#C2410C", "#E69F00"),
    "changed_text": ("#00735C", "#3CC9A0"),
}
STROKES = {
    "positive": ("#0072B2", "#56B4E9"),
    "negative": ("#D55E00", "#F28E4B"),
    "neutral": ("#7C8592", "#7C8796"),
    "changed": ("#009E73", "#3CC9A0"),
}
CLASSES = {
    "class0": ("#0072B2", "#56B4E9"),
    "class1": ("#D55E00", "#F28E4B"),
    "class2": ("#008560", "#3CC9A0"),
    "class3": ("#B5598F", "#E08CBB"),
    "class4": ("#8A6A00", "#F0E442"),
    "class5": ("#4D4D4D", "#CBD2DB"),
    "class6": ("#6A3D9A", "#B79CED"),
    "class7": ("#2E86C1", "#9ADCFF"),
    "class8": ("#8C510A", "#C9A66B"),
    "class9": ("#5E7F00", "#8FD14F"),
}
ROLES = SURFACES | DECORATIONS | TEXTS | STROKES | CLASSES


def colour(role: str, theme: str) -> str:
    """The colour of a role as "#RRGGBB"; ArgumentError for an unknown role or theme.

    >>> colour("positive", "light"), colour("positive", "dark")
    ('#0072B2', '#56B4E9')
    """
    if theme not in THEMES:
        raise unknown_name("theme", theme, THEMES)
    if role not in ROLES:
        raise unknown_name("role", role, ROLES)
    return ROLES[role][THEMES.index(theme)]


def rgb(role: str, theme: str) -> tuple[int, int, int]:
    """The colour as red, green and blue, 0 to 255."""
    code = colour(role, theme)
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 defines it.

    >>> contrast("#000000", "#FFFFFF")
    21.0
    """
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(code: str) -> float:
    parts = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def sign_role(number: float) -> str:
    """The stroke role of a number: positive, negative, or neutral for 0 and nan."""
    return "positive" if number > 0 else "negative" if number < 0 else "neutral"
