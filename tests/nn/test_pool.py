"""The pooling layers: their settings, and that they learn nothing."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, InputTypeError, ShapeError


@pytest.mark.parametrize("layer", [nn.MaxPool2d, nn.AvgPool2d])
def test_windows_stand_side_by_side_unless_told_otherwise(layer):
    """The stride is the size of the window; a remainder is left out."""
    assert (2, 3, 2, 3) == layer(2)(np.ones((2, 3, 5, 6))).shape
    assert (2, 3, 4, 5) == layer(2, 1)(np.ones((2, 3, 5, 6))).shape
    assert [] == list(layer(2).state_dict())


@pytest.mark.parametrize("layer", [nn.MaxPool2d, nn.AvgPool2d])
@pytest.mark.parametrize(
    ("arguments", "settings", "error", "text"),
    [
        ((0,), {}, ArgumentError, "kernel_size must be 1 or more, not 0"),
        ((2, 1.5), {}, InputTypeError, "stride must be a whole number"),
        ((2, 1, -1), {}, ArgumentError, "padding must be 0 or more"),
        (((2, 2, 2),), {}, ArgumentError, "one for each of height and width"),
    ],
)
def test_an_impossible_setting_is_refused(layer, arguments, settings, error, text):
    """At construction, by name."""
    with pytest.raises(error) as caught:
        layer(*arguments, **settings)
    assert text in caught.value.what
    assert layer.__name__ == caught.value.where


@pytest.mark.parametrize("layer", [nn.MaxPool2d, nn.AvgPool2d])
def test_an_image_that_is_too_small_is_refused_where_it_was(layer):
    """The error has the numbers and the layer."""
    with pytest.raises(ShapeError, match="3 x 3 does not fit") as caught:
        nn.Sequential(nn.ReLU(), layer(3))(np.ones((1, 1, 2, 5)))
    assert "kernel_size=(3, 3)), layer 1 of Sequential" in caught.value.where


def test_the_repr_has_what_is_not_as_usual():
    """And nothing else."""
    assert "MaxPool2d(kernel_size=(2, 2))" == repr(nn.MaxPool2d(2, 2))
    told = "kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2)"
    assert f"MaxPool2d({told})" == repr(nn.MaxPool2d(3, 2, 1, 2))
    layer = nn.AvgPool2d(2, count_include_pad=False)
    assert "AvgPool2d(kernel_size=(2, 2), count_include_pad=False)" == repr(layer)


def test_a_small_convolutional_network_learns():
    """Convolution, normalisation and pooling together: bars that lie or stand."""
    x = np.zeros((20, 1, 6, 6), np.float32)
    for i in range(20):
        line = x[i, 0] if i % 2 else x[i, 0].T
        line[i % 5 + 1] = 1.0
    y = np.arange(20) % 2
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding="same", seed=0),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 2, seed=1),
    )
    optimizer = sg.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(20):
        loss = sg.losses.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    predicted = model.eval()(x).data.argmax(axis=1)
    np.testing.assert_array_equal(y, predicted)
