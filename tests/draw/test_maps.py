"""Attention and weights: the numbers can be read from the colours."""

import numpy as np
import pytest

from seegrad import nn
from seegrad.draw import attention, weights
from seegrad.draw.numbers import read, short
from seegrad.draw.scene import Image, Rectangle
from seegrad.errors import (
    DataError,
    DtypeError,
    InputTypeError,
    ShapeError,
)


def shares(heads=2, rows=5, columns=7):
    """Attention of some positions."""
    return np.random.default_rng(0).dirichlet(np.ones(columns), size=(heads, rows))


@pytest.mark.parametrize("columns", [7, 40])
def test_shares_can_be_read_from_the_colours(table_in, columns):
    """From the cells of a small map and from the image of a large one."""
    given = shares(columns=columns)
    scene = attention(given, keys=[f"k{i}" for i in range(columns)]).scene
    for head, table in enumerate(given):
        drawn = table_in(scene, f"head {head}", table.shape, given.max())
        assert np.allclose(table, drawn, atol=0.002)


def test_small_maps_have_their_numbers_in_them():
    """Two digits, and nothing where nobody looks."""
    given = np.array([[1.0, 0.0], [0.25, 0.75]])
    assert ["1.00", "", ".25", ".75"] == attention(given).scene.texts("head 0")


def test_tokens_name_rows_and_columns():
    """Keys are named apart where they are others."""
    scene = attention(np.eye(2), ["a", "b"]).scene
    assert ["a", "b"] == scene.texts("row name") == scene.texts("column name")
    scene = attention(np.eye(2), ["a", "b"], keys=["c", "d"]).scene
    assert ["c", "d"] == scene.texts("column name")


def test_the_strongest_is_sought_where_there_is_a_choice():
    """The first position of a causal mask has none."""
    given = [[1.0, 0.0, 0.0], [0.6, 0.4, 0.0], [0.1, 0.2, 0.7]]
    picture = attention(given, ["x", "y", "z"])
    assert ["strongest z → z 0.70"] == picture.scene.texts("strongest")
    assert "head 0: strongest z → z 0.70" in picture.alt


def test_attention_of_a_layer_is_drawn_as_it_is(table_in):
    """One head less axis, as `MultiheadAttention` gives it."""
    layer = nn.MultiheadAttention(8, 2, batch_first=True, seed=0)
    x = np.random.default_rng(0).normal(size=(1, 4, 8)).astype(np.float32)
    _, given = layer(x, x, x, average_attn_weights=False)
    scene = attention(given[0]).scene
    drawn = table_in(scene, "head 1", (4, 4), given.numpy().max())
    assert np.allclose(given.numpy()[0, 1], drawn, atol=0.002)


def test_facts_are_those_of_all_weights_also_where_blocks_are_drawn():
    """The mean of the blocks' largest numbers would be far too large."""
    layer = nn.Linear(150, 3000, seed=0)
    picture = weights(layer)
    weight = layer.weight.numpy()
    size = f"mean size {short(abs(weight).mean())}"
    assert picture.scene.texts("facts") == [f"3000 × 150, a cell is 63 × 4, {size}"]
    assert f"from {short(weight.min())} to {short(weight.max())}, {size}" in picture.alt
    (image,) = picture.scene.of(Image, "weight")
    rows = len(image.which) // 3
    assert rows == len(list(picture.scene.of(Rectangle, "bias of weight")))


@pytest.mark.parametrize("sizes", [(2, 3), (20, 30), (64, 100)])
def test_weights_can_be_read_from_the_colours(table_in, sizes):
    """Cells with numbers, images, and blocks of the largest."""
    layer = nn.Linear(sizes[1], sizes[0], seed=0)
    weight = layer.weight.numpy()
    rows, columns = -(-sizes[0] // 48), -(-sizes[1] // 48)
    expected = np.array(
        [
            [
                max(weight[i : i + rows, j : j + columns].ravel(), key=abs)
                for j in range(0, sizes[1], columns)
            ]
            for i in range(0, sizes[0], rows)
        ]
    )
    scene = weights(layer).scene
    scale = max(abs(expected).max(), abs(layer.bias.numpy()).max())
    drawn = table_in(scene, "weight", expected.shape, scale)
    assert np.allclose(expected, drawn, atol=0.002 * abs(expected).max() + 1e-4)


def test_biases_stand_beside_their_weights():
    """To the right, row by row, on the same scale."""
    layer = nn.Linear(2, 3, seed=0)
    scene = weights({"a.weight": layer.weight, "a.bias": layer.bias}).scene
    drawn = [read(text) for text in scene.texts("bias of a.weight")]
    assert layer.bias.numpy().tolist() == pytest.approx(drawn, rel=0.006)
    (first,) = list(scene.of(Rectangle, "bias of a.weight"))[:1]
    assert first.x > max(c.x for c in scene.of(Rectangle, "a.weight"))


def test_all_layers_share_one_scale():
    """Ten times smaller weights are ten times paler."""
    given = np.full((2, 2), 3.0)
    scene = weights({"a": given, "b": given / 10}).scene
    strong, pale = (next(scene.of(Rectangle, name)).opacity for name in "ab")
    assert strong == pytest.approx(10 * pale, rel=1e-3)


def test_filters_are_drawn_as_rows():
    """(out, in, height, width) as out rows."""
    picture = weights(nn.Conv2d(2, 3, 3, seed=0))
    assert "weight (3, 2, 3, 3): from" in picture.alt
    assert "3 × 2 × 3 × 3" in picture.scene.texts("facts")[0]


@pytest.mark.parametrize(
    ("error", "text", "call"),
    [
        (DataError, "row 0 of head 0 adds up to 2", lambda: attention(np.ones((2, 2)))),
        (DataError, "1 names for 2", lambda: attention(np.eye(2), ["a"])),
        (ShapeError, "2 or 3 axes", lambda: attention(np.ones((1, 1, 2, 2)))),
        (InputTypeError, "not of int", lambda: weights(3)),
        (DataError, "no weight matrix", lambda: weights({"b": np.ones(3)})),
        (DtypeError, "object", lambda: weights({"b": object()})),
    ],
)  # fmt: skip
def test_bad_input_is_explained(error, text, call):
    """Typed errors with the numbers in them."""
    with pytest.raises(error, match=text):
        call()
