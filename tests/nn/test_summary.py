"""The table of a network, printed and in a notebook."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import InputTypeError, ShapeError
from seegrad.nn._call import watching_calls


def images():
    """A small network for images of 4 x 4."""
    first = nn.Linear(16, 8, seed=0)
    last = nn.Linear(8, 2, seed=1)
    return nn.Sequential(nn.Flatten(), first, nn.Dropout(0.5), last, nn.Softmax())


TABLE = """\
Model: Sequential
┏━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type) ┃ Output Shape ┃ Param # ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ 0 (Flatten)  │ (batch, 16)  │       0 │
│ 1 (Linear)   │ (batch, 8)   │     136 │
│ 2 (Dropout)  │ (batch, 8)   │       0 │
│ 3 (Linear)   │ (batch, 2)   │      18 │
│ 4 (Softmax)  │ (batch, 2)   │       0 │
└──────────────┴──────────────┴─────────┘
 Total params: 154 (616.00 B)
 Trainable params: 136 (544.00 B)
 Non-trainable params: 18 (72.00 B)"""


def test_it_prints_as_keras_does():
    """Layers, shapes, parameters and bytes; what is frozen is counted apart."""
    model = images()
    for p in model[3].parameters():
        p.requires_grad = False
    summary = model.summary((4, 4))
    assert TABLE == str(summary)
    assert TABLE == repr(summary)
    assert (154, 136, 18, 616) == (
        summary.total,
        summary.trainable,
        summary.frozen,
        summary.bytes,
    )


def test_it_shows_itself_in_a_notebook():
    """The same table as HTML."""
    html = images().summary((4, 4))._repr_html_()
    assert "<td>1 (Linear)</td><td>(batch, 8)</td><td>136</td>" in html
    assert "Total params: 154 (616.00 B)<br>" in html


def test_an_input_gives_its_own_shapes():
    """With an array or a tensor the batch is as long as it is."""
    x = np.zeros((5, 4, 4))
    assert "(5, 8)" in str(images().summary(x))
    assert "(5, 8)" in str(images().summary(sg.tensor(x, dtype="float32")))


def test_without_an_input_the_first_layer_may_tell():
    """A network that begins with Linear knows its input; others show no shapes."""
    assert "(batch, 3)" in str(nn.MLP(2, [3], 1, seed=0).summary())
    assert "(batch, 3)" in str(nn.MLP(2, [3], 1, seed=0).summary(2))
    assert "│ ?   " in str(images().summary())
    assert "Linear" in str(nn.Linear(2, 1, seed=0).summary())


def test_looking_changes_nothing():
    """The modes stay as they were, no random number is drawn, no gradient appears."""
    model = images()
    model[2].eval()
    before = sg.random.state()
    model.summary((4, 4))
    assert [True, True, False, True, True] == [layer.training for layer in model]
    assert before == sg.random.state()
    with pytest.raises(ShapeError, match="cannot multiply"):
        model.summary((3, 3))
    assert [True, True, False, True, True] == [layer.training for layer in model]


@pytest.mark.parametrize("x", ["text", (2.5,), (), {"a": 1}])
def test_what_is_no_input_is_refused(x):
    """The error says both ways to ask."""
    with pytest.raises(InputTypeError, match="shape of one example"):
        images().summary(x)
    with pytest.raises(ShapeError, match="0 or more"):
        images().summary((-1,))


def test_own_parameters_of_a_container_have_a_row():
    """What stands beside the layers is counted too."""

    class Scaled(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(2, 1, seed=0))
            self.scale = nn.Parameter([1.0])

    rows = Scaled().summary().rows
    assert [("Scaled", "(batch, 1)", "1"), ("0 (Linear)", "(batch, 1)", "3")] == rows


def test_calls_can_be_watched():
    """Inner modules are shown before outer ones, and the watcher before comes back."""
    seen, outer = [], []
    model = nn.Sequential(nn.Tanh())
    with watching_calls(lambda module, inputs, out: outer.append(module)):
        with watching_calls(lambda module, inputs, out: seen.append(module)):
            model([1.0])
        model([1.0])
    model([1.0])
    assert [model[0], model] == seen == outer


def test_a_network_of_two_inputs_shows_no_shapes():
    """What cannot be run on one input still has its parameters counted."""

    class Pair(nn.Module):
        def __init__(self):
            self.left, self.right = nn.Linear(2, 1, seed=0), nn.Linear(3, 1, seed=1)

        def forward(self, x, y):
            return self.left(x) + self.right(y)

    summary = Pair().summary()
    assert 7 == summary.total
    assert ["?", "?"] == [shape for _, shape, _ in summary.rows]
    with pytest.raises(TypeError, match="missing"):
        Pair().summary(2)


def test_the_example_has_the_precision_of_most_parameters():
    """One float64 number beside a float32 layer changes nothing."""

    class Scaled(nn.Module):
        def __init__(self):
            self.scale = nn.Parameter(np.ones(1))
            self.linear = nn.Linear(2, 1, seed=0)

        def forward(self, x):
            return self.linear(x) * self.scale

    assert "(batch, 1)" in str(Scaled().summary(2))
