"""Products and convolutions: what stands in the cells, and every sum adds up."""

import re

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.draw import convolution, matmul
from seegrad.draw.numbers import read
from seegrad.draw.scene import Rectangle
from seegrad.errors import (
    ArgumentError,
    DataError,
    IndexRangeError,
    InputTypeError,
    ShapeError,
)

A = np.round(np.sin(np.arange(6.0)).reshape(2, 3), 2)
B = np.round(np.cos(np.arange(12.0)).reshape(3, 4), 2)


def evaluated(line):
    """The value of a written sum, and the number behind its last equals sign."""
    _, middle, result = line.split(" = ")
    words = re.sub(r"\((bias|channel \d+|\d+ more products)\)", "", middle)
    total = eval(words.replace("×", "*").replace("−", "-"), {"__builtins__": {}})
    return total, read(result)


def test_all_three_matrices_stand_in_their_cells():
    """With three digits."""
    scene = matmul(A, B, cell=(1, 2)).scene
    for name, table in (("A", A), ("B", B), ("A B", A @ B)):
        drawn = [read(text) for text in scene.texts(name)]
        assert table.ravel().tolist() == pytest.approx(drawn, rel=0.006)


def test_the_sum_of_a_product_adds_up():
    """What is written is true, and the cell of the product."""
    for i, j in np.ndindex(2, 4):
        total, result = evaluated(
            " ".join(matmul(A, B, cell=(i, j)).scene.texts("sum"))
        )
        assert float((A @ B)[i, j]) == pytest.approx(total, abs=2e-3)
        assert float((A @ B)[i, j]) == pytest.approx(result, rel=1e-3, abs=1e-6)


def test_row_and_column_of_the_cell_are_outlined():
    """They meet in it."""
    scene = matmul(A, B, cell=(1, 2)).scene
    (row,), (column,), (cell,) = (
        scene.of(Rectangle, group) for group in ("row", "column", "cell")
    )
    cells = list(scene.of(Rectangle, "A B"))
    assert (cells[6].x, cells[6].y) == (cell.x, cell.y) == (column.x, row.y)
    first = list(scene.of(Rectangle, "A"))[3]
    assert (first.x, first.y) == (row.x, row.y)
    assert row.width == 3 * cell.width
    assert column.height == 3 * cell.height


def test_of_large_matrices_a_part_is_drawn_and_all_is_added():
    """Eight rows around the cell; the products that are not drawn are one number."""
    a = np.round(np.sin(np.arange(600)).reshape(20, 30), 2)
    b = np.round(np.cos(np.arange(900)).reshape(30, 30), 2)
    picture = matmul(a, b, cell=(13, -1))
    line = " ".join(picture.scene.texts("sum"))
    total, result = evaluated(line)
    assert "(22 more products)" in line
    assert float((a @ b)[13, 29]) == pytest.approx(total, abs=2e-3)
    assert float((a @ b)[13, 29]) == pytest.approx(result, rel=1e-3)
    assert 64 == len(picture.scene.texts("A B"))


def test_a_vector_is_a_row_before_and_a_column_behind():
    """As @ has it."""
    scene = matmul([1.0, 2.0], [3.0, 4.0], names=("x", "y", "dot")).scene
    assert ["dot[0, 0] = 1.0 × 3.0 + 2.0 × 4.0 = 11.0"] == scene.texts("sum")


@pytest.mark.parametrize(
    ("settings", "channels"),
    [
        ({}, 1),
        ({"padding": 1, "stride": 2}, 1),
        ({"dilation": 2, "bias": False}, 1),
        ({"padding": "same"}, 2),
        ({"groups": 2, "stride": (1, 2), "padding": (0, 1)}, 4),
    ],
)
def test_the_sum_under_the_window_is_the_number_of_the_map(settings, channels):
    """Under every setting, at every position tried, and so is the answer's cell."""
    layer = nn.Conv2d(channels, 4, 3, **settings, seed=0)
    image = np.random.default_rng(1).normal(size=(channels, 7, 8)).astype(np.float32)
    maps = layer(image).numpy()
    for at in ((0, 0), (1, 2), (-1, -1)):
        scene = convolution(layer, image, filter=3, at=at).scene
        total, result = evaluated(" ".join(scene.texts("sum")))
        assert float(maps[3][at]) == pytest.approx(total, abs=6e-3)
        assert float(maps[3][at]) == pytest.approx(result, abs=6e-4)


def test_maps_and_filters_can_be_read_from_the_colours(table_in):
    """The large ones and the small ones."""
    layer = nn.Conv2d(1, 3, 3, seed=0)
    image = np.random.default_rng(1).normal(size=(6, 6)).astype(np.float32)
    scene = convolution(layer, image, filter=1).scene
    maps, filters = layer(image[None]).numpy(), layer.weight.numpy()[:, 0]
    limits = abs(maps).max(), abs(filters).max(), abs(image).max()
    for group, table, scale in (
        ("image 0", image, limits[2]),
        ("map", maps[1], limits[0]),
        ("filter 0", filters[1], limits[1]),
        ("small map 2", maps[2], limits[0]),
        ("small filter 0", filters[0], limits[1]),
    ):
        drawn = table_in(scene, group, table.shape, scale)
        assert np.allclose(table, drawn, atol=0.005), group


def test_the_window_stands_over_its_patch():
    """At stride times the position, as wide as the filter with its gaps."""
    layer = nn.Conv2d(1, 1, 3, stride=2, padding=1, seed=0)
    scene = convolution(layer, np.eye(8), at=(1, 2)).scene
    (window,) = scene.of(Rectangle, "window")
    cells = list(scene.of(Rectangle, "image 0"))
    assert 100 == len(cells)  # with its padding
    first = cells[2 * 10 + 4]
    assert (first.x, first.y) == pytest.approx((window.x, window.y))
    assert 3 * first.width == pytest.approx(window.width)
    (answer,) = scene.of(Rectangle, "answer")
    cell = list(scene.of(Rectangle, "map"))[1 * 4 + 2]
    assert (cell.x, cell.y) == pytest.approx((answer.x, answer.y))


def test_without_a_position_the_strongest_answer_is_explained():
    """The largest number of the map, whatever its sign."""
    layer = nn.Conv2d(1, 1, 2, seed=0)
    image = np.random.default_rng(2).normal(size=(5, 5)).astype(np.float32)
    answer = layer(image[None]).numpy()[0]
    i, j = np.unravel_index(abs(answer).argmax(), answer.shape)
    line = " ".join(convolution(layer, image).scene.texts("sum"))
    assert line.startswith(f"map[0, {i}, {j}] = ")


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (ShapeError, "sizes 3 and 2 differ", lambda: matmul(A, A)),
        (ShapeError, r"shape \(2, 3, 1\)", lambda: matmul(A[..., None], B)),
        (IndexRangeError, r"cell=\(2, 0\) does not lie in the product of shape",
         lambda: matmul(A, B, cell=(2, 0))),
        (IndexRangeError, "cell=3 does not lie", lambda: matmul(A, B, cell=3)),
        (DataError, "2 names for 3 of matrix", lambda: matmul(A, B, names=("X", "Y"))),
        (DataError, "not finite", lambda: matmul(A * np.nan, B)),
        (InputTypeError, "of a Conv2d, not of Linear",
         lambda: convolution(nn.Linear(2, 2), A)),
        (ShapeError, "has 2 channels", lambda: convolution(
            nn.Conv2d(1, 1, 1), np.ones((2, 3, 3)))),
        (ArgumentError, "no window could be seen", lambda: convolution(
            nn.Conv2d(1, 1, 1), np.ones((300, 3)))),
        (IndexRangeError, "no filter 4", lambda: convolution(
            nn.Conv2d(1, 1, 1), np.ones((3, 3)), filter=4)),
        (IndexRangeError, r"at=\(9, 9\) does not lie", lambda: convolution(
            nn.Conv2d(1, 1, 1), np.ones((3, 3)), at=(9, 9))),
    ],
)  # fmt: skip
def test_bad_input_is_explained(error, text, call):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        call()


def test_tensors_are_drawn_like_arrays():
    """A product of tensors, for one."""
    assert matmul(A, B).scene == matmul(sg.tensor(A), sg.tensor(B)).scene
