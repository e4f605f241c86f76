"""Widths of words: as the font has them, so that nothing runs out of its box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.draw.lettering import cut, width_of, wrap


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize(
    "text", ["grad −0.004023", "Linear → Tanh", "∂ 1.0", "a * b", "…"]
)
def test_widths_agree_with_the_font(text, bold):
    """matplotlib has DejaVu Sans: its own measure is the judge."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(
        family="DejaVu Sans", weight="bold" if bold else "normal", size=100
    )
    expected = TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]
    assert expected == pytest.approx(width_of(text, 100.0, bold=bold), rel=0.04)


@given(st.text(max_size=30), st.floats(10.0, 200.0))
def test_a_cut_text_fits(text, width):
    """Whatever is cut is no wider than asked; what fits is not touched."""
    got = cut(text, 10.0, width)
    assert width_of(got, 10.0) <= width
    assert got == text or got.endswith("…")


@given(st.lists(st.text("abc", min_size=1, max_size=6), max_size=12))
def test_wrapping_keeps_every_word(words):
    """Lines are broken between words, and no word is lost."""
    lines = wrap(" ".join(words), 10.0, 80.0)
    assert words == " ".join(lines).split()
    assert all(width_of(line, 10.0) <= 80.0 or " " not in line for line in lines)
