"""Convolution, pooling and normalisation: PyTorch's numbers, to the last digits.

scripts/make_layer_reference.py says what is stored and how it was made.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn

FOLDER = Path(__file__).parents[1] / "reference"
CASES: dict[str, dict[str, np.ndarray]] = {}
for file in ("conv", "pool", "norm"):
    with np.load(FOLDER / f"{file}.npz") as archive:
        for entry in archive:
            case, key = entry.split("]/", 1)  # the JSON is a list
            CASES.setdefault(case + "]", {})[key] = archive[entry]


def made(case):
    """The layer of a case, in float64."""
    _, name, arguments, settings = json.loads(case)
    kind = getattr(nn, name)
    dtype = {} if "Pool" in name else {"dtype": "float64"}
    return kind(*arguments, **settings, **dtype)


def equal(found, expected):
    """As close as two ways to add the same numbers up can be."""
    assert np.asarray(found).dtype == expected.dtype
    np.testing.assert_allclose(found, expected, 1e-12, 1e-12)


@pytest.mark.parametrize("case", CASES)
def test_a_layer_is_pytorchs(case):
    """State by name, output, all gradients, buffers after each step, prediction."""
    stored, layer = CASES[case], made(case)
    prefix = "state/"
    state = {k.removeprefix(prefix): v for k, v in stored.items() if prefix in k}
    assert list(state) == list(layer.state_dict())
    layer.load_state_dict(state)
    steps = 3 if layer.buffers() else 1
    for step in range(steps):
        x = sg.tensor(stored[f"{step}/x"], requires_grad=True)
        layer.zero_grad()
        out = layer(x)
        out.backward(stored[f"{step}/g"])
        equal(out.data, stored[f"{step}/out"])
        equal(x.grad, stored[f"{step}/gradient/x"])
        for name, p in layer.named_parameters():
            equal(p.grad, stored[f"{step}/gradient/{name}"])
        for name, buffer in layer.named_buffers():
            equal(buffer.data, stored[f"{step}/buffer/{name}"])
    equal(layer.eval()(x).data, stored["predicted"])


def test_every_layer_here_is_compared_under_several_settings():
    """A file that lost its cases would pass silently."""
    names = [json.loads(case)[1] for case in CASES]
    layers = {"Conv2d", "MaxPool2d", "AvgPool2d", "LayerNorm"}
    assert layers | {"BatchNorm1d", "BatchNorm2d"} == set(names)
    assert all(names.count(name) >= 3 for name in names)
