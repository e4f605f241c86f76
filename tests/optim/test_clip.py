"""Clipping: PyTorch's numbers, and what comes of gradients that are broken."""

from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError, InputTypeError, NonFiniteError

FILE = Path(__file__).parents[1] / "reference" / "sequence.npz"
with np.load(FILE) as archive:
    STORED = {
        key.removeprefix("clipping|"): archive[key]
        for key in archive
        if key.startswith("clipping|")
    }


def parameters(*gradients):
    """Parameters with these gradients, in their dtype."""
    made = []
    for gradient in map(np.asarray, gradients):
        made.append(nn.Parameter(np.zeros_like(gradient)))
        made[-1].grad = gradient
    return made


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, np.inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_the_norm_and_what_is_left_are_pytorchs(norm_type, max_norm):
    """Over all gradients together, too large and small enough."""
    ps = parameters(*(STORED[f"gradient/{i}"] for i in range(2)))
    norm = optim.clip_grad_norm(ps, max_norm, norm_type)
    key = f"{norm_type}/{max_norm}"
    assert isinstance(norm, sg.Tensor)
    np.testing.assert_allclose(norm.data, STORED[f"{key}/norm"], 1e-12)
    for i, p in enumerate(ps):
        np.testing.assert_allclose(p.grad, STORED[f"{key}/{i}"], 1e-12)


def test_one_parameter_may_come_alone():
    """It is a list of one; those without a gradient are passed over."""
    (p,) = parameters([3.0, 4.0])
    assert 5.0 == optim.clip_grad_norm(p, 1.0).item()
    assert [0.6, 0.8] == pytest.approx(p.grad.tolist(), rel=1e-6)
    fresh = nn.Parameter([1.0])
    assert 1.0 == pytest.approx(optim.clip_grad_norm([fresh, p], 1.0).item(), 1e-5)
    assert fresh.grad is None
    assert 0.0 == optim.clip_grad_norm([fresh], 1.0).item()


def test_every_gradient_keeps_its_dtype():
    """Of several, in one network; an empty one has no part in it."""
    narrow, wide = np.float32([3.0]), np.float64([4.0])
    ps = parameters(narrow, wide, np.zeros((0, 3), np.float32))
    for norm_type, expected in ((2.0, 5.0), (np.inf, 4.0)):
        ps[0].grad, ps[1].grad = narrow, wide
        assert expected == optim.clip_grad_norm(ps, 1.0, norm_type).item()
        kept = [p.grad.dtype for p in ps]
        assert [np.float32, np.float64, np.float32] == kept


def test_broken_gradients_spoil_all_or_raise():
    """NaN by default, as in PyTorch; an error if asked for, and nothing has changed."""
    for broken in (np.nan, np.inf, 1e300):
        ps = parameters(np.array([broken]), np.array([1.0]))
        with pytest.raises(NonFiniteError, match="norm of the gradients is") as caught:
            optim.clip_grad_norm(ps, 1.0, error_if_nonfinite=True)
        assert "clip_grad_norm" == caught.value.where
        assert 1.0 == ps[1].grad.item()
        norm = optim.clip_grad_norm(ps, 1.0)
        assert not np.isfinite(norm.item())
        assert 1.0 != ps[1].grad.item()


def test_each_number_can_be_clipped_by_itself():
    """Between -1 and 1; NaN stays NaN."""
    (p,) = parameters(np.array([0.5, -4.0, np.inf, np.nan]))
    assert optim.clip_grad_value([p], 1.0) is None
    np.testing.assert_array_equal([0.5, -1.0, 1.0, np.nan], p.grad)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: optim.clip_grad_norm([], -1.0), ArgumentError, "max_norm must be"),
        (lambda: optim.clip_grad_norm([], "1"), InputTypeError, "max_norm must be"),
        (lambda: optim.clip_grad_norm([], 1, 0.0), ArgumentError, "above 0"),
        (
            lambda: optim.clip_grad_norm([1.0], 1),
            InputTypeError,
            "parameter 0 is float",
        ),
        (lambda: optim.clip_grad_norm(3, 1), InputTypeError, "come in a list"),
        (lambda: optim.clip_grad_value([], -1), ArgumentError, "clip_value must be"),
        (lambda: optim.clip_grad_value([sg.Value(1.0)], 1), InputTypeError, "is Value"),
    ],
)
def test_what_cannot_be_clipped_is_refused(call, error, text):
    """The error says where, and what to give."""
    with pytest.raises(error, match=text) as caught:
        call()
    assert caught.value.where.startswith("clip_grad")
    assert caught.value.hint
