"""How wide words are, without asking a font.

A layout must know the width of its words before anything is painted. These are the
advance widths of DejaVu Sans, the font that is named first in every picture (Verdana,
the second, is as wide), so that text never runs out of its box.
"""

from __future__ import annotations

import re

# What XML forbids: control characters, halves of a pair, and two that are no letters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# One thousandth of the size, for the characters from " " to "~", regular and bold.
_REGULAR = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
]  # fmt: skip
_BOLD = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580,
    1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500,
    500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687,
    716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
]  # fmt: skip
_OTHERS = {"·": 380, "∂": 544, "²": 438, "’": 380, "–": 500, "…": 1000, "⋮": 1000}


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text, in points.

    >>> width_of("data", 10.0)
    22.53
    """
    table = _BOLD if bold else _REGULAR
    total = 0
    for letter in text:
        place = ord(letter) - 32
        inside = 0 <= place < len(table)
        total += table[place] if inside else _OTHERS.get(letter, 838)
    return total * size / 1000


def printable(text: str) -> str:
    r"""The text on one line, without the characters that no picture file may hold.

    >>> printable("two\nlines"), printable("a\0b")
    ('two lines', 'a�b')
    """
    spaces = "".join(" " if letter in "\t\n\r" else letter for letter in text)
    return _UNPRINTABLE.sub("\ufffd", spaces)


def cut(
    text: str, size: float, width: float, *, bold: bool = False, tail: bool = False
) -> str:
    """The text, or as much of it as fits into ``width`` followed by an ellipsis.

    With ``tail`` the end stays: paths of layers differ there.

    >>> cut("a very long name", 10.0, 60.0)
    'a very lon…'
    >>> cut("encoder.layer.0", 10.0, 60.0, tail=True)
    '…er.layer.0'
    """
    if width_of(text, size, bold=bold) <= width:
        return text
    while text and width_of(text + "…", size, bold=bold) > width:
        text = text[1:] if tail else text[:-1]
    return "…" + text.lstrip() if tail else text.rstrip() + "…"


def wrap(text: str, size: float, width: float) -> list[str]:
    """The text in lines of at most ``width``, broken between words.

    >>> wrap("one two three", 10.0, 50.0)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
