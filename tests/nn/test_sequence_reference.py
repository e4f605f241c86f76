"""Layers of sequences: PyTorch's numbers, to the last digits.

scripts/make_sequence_reference.py says what is stored and how it was made.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn

FILE = Path(__file__).parents[1] / "reference" / "sequence.npz"
STORED: dict[str, dict[str, np.ndarray]] = {}
with np.load(FILE) as archive:
    CASES = json.loads(str(archive["cases"]))
    for entry in archive:
        if entry != "cases":
            group, key = entry.split("|")
            STORED.setdefault(group, {})[key] = archive[entry]


def numbered(family):
    """The cases of a family, each with the name of what is stored about it."""
    return [(f"{family}{i}", *case) for i, case in enumerate(CASES[family])]


def below(stored, prefix):
    """What is stored under names with this prefix, without it."""
    return {
        key.removeprefix(prefix): array
        for key, array in stored.items()
        if key.startswith(prefix)
    }


def equal(found, expected):
    """As close as two ways to add the same numbers up can be."""
    assert expected.dtype == found.dtype
    np.testing.assert_allclose(found, expected, 1e-12, 1e-12)


def agrees(group, layer, call):
    """State by name, then outputs and all gradients, if cosines arrive at the outputs.

    ``call`` gets the layer and its inputs as tensors and returns the outputs by name.
    """
    stored = STORED[group]
    state = below(stored, "state/")
    assert list(state) == list(layer.state_dict())
    layer.load_state_dict(state)
    inputs = {
        name: sg.tensor(x, requires_grad=f"gradient/input/{name}" in stored)
        for name, x in below(stored, "input/").items()
    }
    outs = call(layer, dict(inputs))
    assert set(below(stored, "out/")) == set(outs)
    total = 0.0
    for name, out in outs.items():
        equal(out.data, stored[f"out/{name}"])
        total = total + (out * np.cos(np.arange(out.size)).reshape(out.shape)).sum()
    total.backward()
    for name, p in layer.named_parameters():
        equal(p.grad, stored[f"gradient/state/{name}"])
    for name, gradient in below(stored, "gradient/input/").items():
        equal(inputs[name].grad, gradient)


@pytest.mark.parametrize(
    ("group", "kind", "settings", "shape", "given"), numbered("recurrent")
)
def test_a_recurrent_layer_is_pytorchs(group, kind, settings, shape, given):
    """Layers, directions, first states, batches first or second or none."""

    def call(layer, inputs):
        states = [inputs[name] for name in "hc" if name in inputs]
        state = (tuple(states) if kind == "LSTM" else states[0]) if given else None
        out, last = layer(inputs["x"], state)
        parts = last if kind == "LSTM" else (last,)
        return {"out": out} | dict(zip("hc", parts, strict=False))

    layer = getattr(nn, kind)(3, 4, dtype="float64", **settings)
    agrees(group, layer, call)


@pytest.mark.parametrize(
    ("group", "settings", "arguments", "shape"), numbered("attention")
)
def test_attention_is_pytorchs(group, settings, arguments, shape):
    """To itself and to another sequence, under every kind of mask."""

    def call(layer, inputs):
        rest = {name: inputs.get(name, given) for name, given in arguments.items()}
        three = [inputs[n] for n in ("query", "key", "value") if n in inputs]
        out, weights = layer(*three, **rest)
        return {"out": out} | ({} if weights is None else {"weights": weights})

    agrees(group, nn.MultiheadAttention(6, 2, dtype="float64", **settings), call)


@pytest.mark.parametrize(("group", "settings"), numbered("block"))
def test_a_transformer_block_is_pytorchs(group, settings):
    """TransformerEncoderLayer with norm_first, with and without the causal mask."""
    layer = nn.TransformerBlock(6, 2, dtype="float64", **settings)
    agrees(group, layer, lambda layer, inputs: {"out": layer(inputs["x"])})


@pytest.mark.parametrize(("group", "padding_idx"), numbered("embedding"))
def test_an_embedding_is_pytorchs(group, padding_idx):
    """Gradients of a row add up over its uses; the padding has none."""
    layer = nn.Embedding(7, 3, padding_idx, dtype="float64")
    agrees(group, layer, lambda layer, inputs: {"out": layer(inputs["x"])})


@pytest.mark.parametrize(
    ("name", "layer"),
    [("GELU", nn.GELU()), ("GELU/tanh", nn.GELU("tanh")), ("SiLU", nn.SiLU())],
)
def test_an_activation_is_pytorchs(name, layer):
    """From -9 to 9, with the slopes."""
    stored = STORED["activations"]
    x = sg.tensor(stored[f"{name}/x"], requires_grad=True)
    out = layer(x)
    out.sum().backward()
    equal(out.data, stored[f"{name}/out"])
    equal(x.grad, stored[f"{name}/gradient"])
