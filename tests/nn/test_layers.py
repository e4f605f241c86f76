"""The contract of a layer, for every sample that a layer brings along."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import InputTypeError

SAMPLES = nn.Module.samples
ABSTRACT = {nn.Module, nn.Activation}
LOOKING_UP = {nn.Embedding}  # what they are given are whole numbers


def told(sample):
    """The name of a sample in the report of the tests."""
    return f"{sample.layer.__name__}-{sample.shape}-{sample.settings}"


def made(sample, dtype="float64"):
    """The layer in this dtype, standing still, and an input for it."""
    layer = sample.make().eval()
    for p in layer.parameters():
        p._data = p.freeze(p.data.astype(dtype))
    if sample.layer in LOOKING_UP:
        return layer, (sg.rand(sample.shape, seed=5).data * 5.0).astype(int)
    return layer, sg.randn(sample.shape, dtype=dtype, seed=5).data


def leaf(sample, x):
    """The input as a tensor, one that needs a gradient if its numbers can have one."""
    return sg.tensor(x, requires_grad=sample.layer not in LOOKING_UP)


def result(layer, x):
    """What the layer gives; the first of several things, such as output and state."""
    out = layer(x)
    return out[0] if isinstance(out, tuple) else out


@pytest.fixture(params=SAMPLES, ids=told)
def sample(request):
    """Each sample of each layer."""
    return request.param


def test_every_layer_has_a_sample():
    """A new layer needs `TheLayer.sample(shape, ...)` at the end of its file."""
    public = [getattr(nn, name) for name in nn.__all__]
    layers = {t for t in public if isinstance(t, type) and issubclass(t, nn.Module)}
    assert layers - ABSTRACT == {sample.layer for sample in SAMPLES}


def test_float32_stays_float32(sample):
    """In the result and in every gradient, for arrays and tensors of any origin."""
    layer, x = made(sample, "float32")
    x = leaf(sample, x)
    out = result(layer, x)
    out.sum().backward()
    grads = [p.grad for p in (x, *layer.parameters()) if p.requires_grad]
    assert {np.dtype("float32")} == {out.dtype, *(g.dtype for g in grads)}
    if x.requires_grad:
        assert sample.shape == x.grad.shape


def test_slopes_are_those_of_finite_differences(sample):
    """For the input and for every parameter, under a gradient that is not uniform."""
    layer, data = made(sample)
    x = leaf(sample, data)
    out = result(layer, x)
    weights = np.arange(1.0, out.size + 1.0).reshape(out.shape)
    (out * weights).sum().backward()
    for p in (x, *layer.parameters()):
        if not p.requires_grad:
            continue
        grad, start = p.grad, p.data
        for index in list(np.ndindex(start.shape))[:6]:
            slope = 0.0
            for sign in (1.0, -1.0):
                moved = start.copy()
                moved[index] += sign * 1e-6
                p.assign(moved)
                slope += sign * float((result(layer, x).data * weights).sum()) / 2e-6
            p.assign(start)
            assert slope == pytest.approx(grad[index], rel=1e-6, abs=1e-8)


def test_a_state_makes_the_same_layer(sample):
    """What is saved and loaded into a fresh layer computes the same."""
    layer, x = made(sample, "float32")
    fresh = sample.make().eval()
    fresh.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(result(layer, x).data, result(fresh, x).data)


def test_a_batch_is_its_rows(sample):
    """Examples do not look at each other: each row alone gives the same."""
    layer, x = made(sample)
    across = {**sample.settings, **dict(enumerate(sample.arguments))}
    if x.ndim < 2 or 0 in (across.get("dim"), across.get("start_dim")):
        return
    if not getattr(layer, "batch_first", True):  # its first axis is time
        return
    whole = result(layer, x).data
    for i in range(len(x)):
        row = result(layer, x[i : i + 1]).data[0]
        np.testing.assert_allclose(row, whole[i], 1e-12)


def test_the_repr_says_the_settings(sample):
    """A line for a layer, and never the address of an object."""
    text = repr(sample.make())
    assert text.startswith(f"{sample.layer.__name__}(")
    assert "object at" not in text


def test_a_value_is_sent_to_the_scalar_network(sample):
    """Layers of arrays do not compute with single Values, and say who does."""
    if sample.layer is nn.Sequential:  # of no layers: it passes on what it is given
        return
    with pytest.raises(InputTypeError, match=r"nn\.ScalarMLP") as caught:
        sample.make()(sg.Value(1.0))
    assert caught.value.where
