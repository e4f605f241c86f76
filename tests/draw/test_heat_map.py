"""Heat maps: strength is size, and a minus says negative even without colour."""

import numpy as np
import pytest

from seegrad.draw.heat_map import STRONG, block_of, heat_map, in_blocks
from seegrad.draw.numbers import short
from seegrad.draw.palette import THEMES, contrast, rgb
from seegrad.draw.scene import Line, Scene, Text

TABLE = np.array([[1.0, -2.0, 0.0], [4.0, 0.5, -4.0]])


@pytest.mark.parametrize("most", [100, 0])
def test_numbers_can_be_read_from_the_strength(table_in, most):
    """From single cells, and from one image."""
    marks = heat_map(
        TABLE, 0.0, 0.0, (9.0, 9.0), scale=4.0, group="map", most=most
    )  # fmt: skip
    scene = Scene(99.0, 99.0, tuple(marks))
    assert np.allclose(TABLE, table_in(scene, "map", TABLE.shape, 4.0), atol=0.004)


def test_a_negative_cell_has_a_minus_in_it():
    """At its middle, in the image as well."""
    marks = heat_map(TABLE, 10.0, 0.0, (8.0, 6.0), scale=4.0, group="map")
    bars = [m for m in marks if isinstance(m, Line)]
    assert [22.0, 30.0] == [sum(x for x, _ in bar.points) / 2 for bar in bars]
    (image,) = heat_map(
        TABLE, 0.0, 0.0, (8.0, 6.0), scale=4.0, group="map", most=0
    )[:1]  # fmt: skip
    dots = np.argwhere(np.array(image.which) == 2)
    assert {(0, 1), (1, 2)} == {(i // 5, j // 5) for i, j in dots.tolist()}
    assert not image.smooth


def test_a_cell_with_its_number_needs_no_minus():
    """The number has one."""
    marks = heat_map(TABLE, 0.0, 0.0, (30.0, 20.0), scale=4.0, group="map", text=short)
    texts = [m.text for m in marks if isinstance(m, Text)]
    assert ["1.0", "−2.0", "0.0", "4.0", "0.5", "−4.0"] == texts
    assert not [m for m in marks if isinstance(m, Line)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", ["positive", "negative"])
def test_ink_is_readable_on_the_strongest_cell(role, theme):
    """4.5 to 1, as everywhere."""
    paper, colour, ink = (np.array(rgb(r, theme)) for r in ("paper", role, "ink"))
    cell = np.round(paper + STRONG * (colour - paper)).astype(int)
    codes = ("#" + "".join(f"{c:02X}" for c in each) for each in (ink, cell))
    assert contrast(*codes) >= 4.5


def test_a_block_is_its_number_of_largest_size():
    """With its sign; what is left over at the edge is a block too."""
    table = np.array([[1, -2, 3, 4, 0], [5, -6, 2, 8, -9], [1, 0, -1, 0, 7.0]])
    assert (2, 3) == block_of(table.shape, most=2)
    assert [[-6.0, -9.0], [1.0, 7.0]] == in_blocks(table, (2, 3)).tolist()
