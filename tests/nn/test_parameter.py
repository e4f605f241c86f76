"""A parameter is a tensor that asks for a gradient."""

import numpy as np
import pytest

from seegrad import Tensor, nn
from seegrad.errors import DtypeError


def test_it_is_a_tensor_that_learns():
    """It requires a gradient from the start, and results of it are plain tensors."""
    p = nn.Parameter([1.0, 2.0], name="p")
    assert isinstance(p, Tensor)
    assert [True, "p", np.float32] == [p.requires_grad, p.name, p.dtype]
    assert type(p * 2.0) is Tensor
    assert repr(p).startswith("Parameter(tensor([1., 2.]")


def test_a_frozen_one_is_still_a_parameter():
    """It is saved and counted, and gets no gradient."""
    layer = nn.Linear(2, 1, seed=0)
    layer.weight.requires_grad = False
    layer([1.0, 2.0]).backward()
    assert layer.weight.grad is None
    assert 2 == len(layer.parameters())
    assert (2, 1) == (layer.summary().frozen, layer.summary().trainable)


def test_integers_cannot_learn():
    """A small change of an integer is not an integer."""
    with pytest.raises(DtypeError, match="floating-point"):
        nn.Parameter([1, 2])
