"""Small models and data that the tests of training share."""

import numpy as np
import pytest

from seegrad import data, nn


@pytest.fixture
def moons():
    """Sixty points in two classes: x (60, 2), y (60,)."""
    return data.moons(60, noise=0.1, seed=0)


@pytest.fixture
def model():
    """A small network from two numbers to one, the same every time."""
    return nn.MLP(2, [4], 1, activation="tanh", seed=0)


@pytest.fixture
def unchanged(model):
    """Check at the end of the test that the parameters are what they were."""
    before = model.state_dict()
    yield
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(before[name], array)
