"""Contours and what is made of them: they lie at their heights, and colour is rank."""

from itertools import pairwise

import numpy as np
import pytest

from seegrad.draw.axes import Axes
from seegrad.draw.contours import contour
from seegrad.draw.landscape import landscape, levels_of
from seegrad.draw.scene import Image
from seegrad.draw.simplify import simplified


def test_contours_of_a_ring_lie_on_it():
    """To the accuracy of straight pieces, and closed."""
    place = np.linspace(-2.0, 2.0, 41)
    heights = place[None] ** 2 + place[:, None] ** 2
    (ring,) = contour(heights, 1.5)
    assert ring[0] == ring[-1]
    radii = [np.hypot(x / 10 - 2.0, y / 10 - 2.0) for x, y in ring]
    assert [1.5**0.5] * len(ring) == pytest.approx(radii, abs=2e-3)
    assert [] == contour(heights, 99.0)


def test_a_saddle_has_two_strokes_that_never_leave_the_level():
    """Where two lines nearly meet, each square has two pieces."""
    place = np.linspace(-1.0, 1.0, 20)
    heights = place[None] * place[:, None]
    for level in (0.0, 0.01, -0.3):
        for stroke in contour(heights, level):
            for x, y in stroke:
                column, row = (np.interp(v, range(20), place) for v in (x, y))
                assert level == pytest.approx(float(column * row), abs=3e-3)


def test_a_stroke_keeps_its_form_with_fewer_points():
    """No point is farther away than asked."""
    turn = np.linspace(0.0, 6.0, 400)
    points = list(zip((50 * np.cos(turn)).tolist(), (50 * np.sin(turn)).tolist(),
                      strict=True))  # fmt: skip
    kept = simplified(points, 0.2)
    assert len(kept) < 80
    assert (points[0], points[-1]) == (kept[0], kept[-1])
    inner = [np.hypot(*(np.add(a, b) / 2)) for a, b in pairwise(kept)]
    assert all(49.79 < radius <= 50.0 for radius in inner)


def test_levels_divide_the_surface_into_bands_of_equal_area():
    """A tenth each, as far as rounding to three digits allows."""
    heights = np.random.default_rng(0).uniform(size=(50, 50)) ** 4
    levels = levels_of(heights)
    edges = [-np.inf, *levels, np.inf]
    shares = np.histogram(heights, edges)[0] / heights.size
    assert [0.1] * 10 == pytest.approx(shares.tolist(), abs=0.01)
    assert [] == levels_of(np.ones((3, 3)))


def test_the_colour_of_a_landscape_is_its_rank():
    """Pale is low, the first row is the top, and what is not finite is highest."""
    heights = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, np.nan]])
    axes = Axes(0.0, 0.0, 90.0, 90.0, (0.0, 1.0), (0.0, 1.0))
    (image,) = [m for m in landscape(heights, axes, []) if isinstance(m, Image)]
    assert ((0.25, 0.375), (0.0, 0.125)) == image.strength
