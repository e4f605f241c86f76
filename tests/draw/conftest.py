"""What tests of charts need: a tape, and to read the numbers back out of a scene."""

import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw.heat_map import STRONG
from seegrad.draw.scene import Image, Line, Rectangle, Text


@pytest.fixture
def numbers_in():
    """The (x, y) numbers of a line, by the ticks of its panel: as a reader has them."""

    def read(scene, group, panel="", which=0, across=None):
        xs, x0 = scale(scene, panel if across is None else across, "x")
        ys, y0 = scale(scene, panel, "y")
        line = list(scene.of(Line, group))[which]
        return [(x0 + xs * x, y0 + ys * y) for x, y in line.points]

    return read


def scale(scene, panel, axis):
    """The slope and the offset that turn a place on the sheet into a number."""
    group = f"{panel} {axis} tick".strip()
    ticks = [
        (t.x if axis == "x" else t.y - 3.6, float(t.text.replace("−", "-")))
        for t in scene.of(Text, group)
    ]
    (a, first), (b, last) = min(ticks), max(ticks)
    slope = (last - first) / (b - a)
    return slope, first - slope * a


@pytest.fixture
def number_at():
    """The number at a place on the sheet, along one axis of a panel."""

    def read(scene, place, axis, panel=""):
        slope, offset = scale(scene, panel, axis)
        return offset + slope * place

    return read


@pytest.fixture
import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw.heat_map import STRONG
from seegrad.draw.scene import Image, Line, Rectangle, Text

    return read
