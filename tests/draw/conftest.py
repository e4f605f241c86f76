"""What tests of charts need: a tape, and to read the numbers back out of a scene."""

import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw.heat_map import STRONG
from seegrad.draw.lettering import width_of
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
def log_number_at():
    """The number at a height of the sheet, on an axis of powers of ten."""

    def read(scene, height, panel=""):
        ticks = [
            (t.y - 3.6, math.log10(float(t.text.replace("−", "-"))))
            for t in scene.of(Text, f"{panel} y tick".strip())
        ]
        (a, first), (b, last) = min(ticks), max(ticks)
        return 10.0 ** (first + (last - first) * (height - a) / (b - a))

    return read


@pytest.fixture(scope="session")
def trained():
    """The tape of a short training on 32 moons, in steps of 16 samples."""

    def train(activation="relu", lr=0.1, width=8, epochs=6):
        x, y = sg.data.moons(32, noise=0.1, seed=0)
        model = nn.MLP(2, [width], 1, activation=activation, seed=0)
        adam = optim.Adam(model.parameters(), lr=lr)
        with sg.recording(model) as tape:
            sg.fit(model, x, y, loss="bce_with_logits", optimizer=adam, epochs=epochs,
                   batch_size=16, compile=False, progress=False)  # fmt: skip
        return tape

    return train


@pytest.fixture(scope="session")
def outputs():
    """What an operation of a layer gave in every step of a tape."""

    def read(tape, layer, op):
        events = tape.events(layer=layer, op=op, phase="forward", kind="operation")
        return [np.asarray(event.value, float) for event in events]

    return read


@pytest.fixture
def table_in():
    """The numbers of a heat map, from its single cells or from its image."""

    def read(scene, group, shape, scale):
        images = list(scene.of(Image, group))
        if not images:
            cells = list(scene.of(Rectangle, group))
            signs = [-1.0 if cell.fill == "negative" else 1.0 for cell in cells]
            flat = [s * c.opacity for s, c in zip(signs, cells, strict=True)]
            return np.array(flat).reshape(shape) / STRONG * scale
        (image,) = images
        grain = len(image.which) // shape[0]
        which, strength = np.array(image.which), np.array(image.strength)
        sign = np.where(which[::grain, ::grain] == 1, -1.0, 1.0)
        return sign * strength[::grain, ::grain] / STRONG * scale

    return read


@pytest.fixture(scope="session")
def boxes_of():
    """Where every word of a scene stands: left, top, right, bottom, and the word."""

    def read(scene):
        boxes = []
        for text in scene.of(Text):
            width = width_of(text.text, text.size, bold=text.bold)
            before = {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
            high, low = 0.72 * text.size, 0.1 * text.size
            x, y = text.x, text.y
            if text.turned:
                box = (x - high, y + before - width, x + low, y + before)
            else:
                box = (x - before, y - high, x - before + width, y + low)
            boxes.append((*box, text.text))
        return boxes

    return read


@pytest.fixture(scope="session")
def misplaced(boxes_of):
    """The words of a scene that leave the sheet, and those that cover each other."""

    def find(scene):
        boxes = boxes_of(scene)
        outside = [
            words
            for left, top, right, bottom, words in boxes
            if min(left, top) < -1.0
            or right > scene.width + 1.0
            or bottom > scene.height + 1.0
        ]
        covered = [
            (one[4], other[4])
            for place, one in enumerate(boxes)
            for other in boxes[:place]
            if min(one[2], other[2]) - max(one[0], other[0]) > 1.0
            and min(one[3], other[3]) - max(one[1], other[1]) > 1.0
        ]
        return outside + covered

    return find
