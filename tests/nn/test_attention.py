"""Attention: who looks at whom, and what is refused.

Its numbers are compared with PyTorch's in test_sequence_reference.
"""

import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.errors import ArgumentError, DtypeError, ShapeError


def three(*shapes):
    """Random tensors of these shapes."""
    return [sg.randn(shape, dtype="float64", seed=i) for i, shape in enumerate(shapes)]


def by_hand(query, key, value, mask):
    """Attention with a loop over everything."""
    out = np.zeros((*query.shape[:-1], value.shape[-1]))
    for batch in np.ndindex(query.shape[:-2]):
        for i, q in enumerate(query[batch]):
            found = [math.exp(q @ k / math.sqrt(len(q))) for k in key[batch]]
            found = np.where(mask[i], found, 0.0)
            out[batch][i] = found @ value[batch] / found.sum()
    return out


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("stack", [(), (2,), (2, 3)])
def test_it_is_the_formula(stack, causal):
    """softmax(q k^T / sqrt(d)) v, for any stack of sequences."""
    q, k, v = three((*stack, 4, 6), (*stack, 5, 6), (*stack, 5, 2))
    mask = np.tri(4, 5, dtype=bool) if causal else np.ones((4, 5), bool)
    out = nn.scaled_dot_product_attention(q, k, v, is_causal=causal)
    expected = by_hand(q.data, k.data, v.data, mask)
    np.testing.assert_allclose(expected, out.data, 1e-12)
    masked = nn.scaled_dot_product_attention(q, k, v, mask)
    np.testing.assert_allclose(expected, masked.data, 1e-12)
    added = nn.scaled_dot_product_attention(q, k, v, np.where(mask, 0.0, -np.inf))
    np.testing.assert_allclose(expected, added.data, 1e-12)


def test_who_may_look_at_nothing_gets_zeros():
    """And gradients of zero, not NaN."""
    q = sg.tensor(np.ones((2, 3)), requires_grad=True)
    mask = np.array([[True, True], [False, False]])
    out = nn.scaled_dot_product_attention(q, q, q, mask)
    out.sum().backward()
    assert [[1.0] * 3, [0.0] * 3] == out.tolist()
    assert np.isfinite(q.grad).all()


def test_huge_scores_do_not_overflow():
    """The largest is subtracted first."""
    x = sg.tensor(np.array([[1e6], [1e3]]))
    assert [[1e6], [1e6]] == nn.scaled_dot_product_attention(x, x, x).tolist()


def test_a_mask_of_the_layer_is_true_where_nobody_may_look():
    """As in PyTorch, whose function means the opposite."""
    layer = nn.MultiheadAttention(4, 2, seed=0, batch_first=True)
    x = sg.randn((1, 3, 4), seed=1)
    ahead = ~np.tri(3, dtype=bool)
    out, weights = layer(x, attn_mask=ahead)
    causal, _ = layer(x, is_causal=True)
    assert not weights.data[0][ahead].any()
    np.testing.assert_array_equal(causal.data, out.data)
    padding = np.array([[False, False, True]])
    _, weights = layer(x, key_padding_mask=padding)
    assert not weights.data[..., 2].any()
    np.testing.assert_allclose(1.0, weights.data.sum(-1), 1e-6)


def test_key_and_value_may_be_left_out():
    """They are the query then, and one product projects all three."""
    layer = nn.MultiheadAttention(4, 2, seed=0)
    x, other = three((5, 2, 4), (3, 2, 4))
    x, other = x.to("float32"), other.to("float32")
    expected = layer(x, x, x)[0].tolist()
    assert expected == layer(x)[0].tolist()
    apart = layer(x, sg.tensor(x.numpy()), sg.tensor(x.numpy()))[0]
    np.testing.assert_allclose(expected, apart.data, 1e-5)
    assert layer(x, other, other)[0].tolist() == layer(x, other)[0].tolist()


def test_it_begins_as_in_pytorch():
    """Xavier's bound for the projections in, zeros for the biases."""
    layer = nn.MultiheadAttention(30, 3, seed=0)
    bound = math.sqrt(6.0 / (30 + 90))
    assert 0.95 * bound < np.abs(layer.in_proj_weight.data).max() <= bound
    assert not layer.in_proj_bias.data.any()
    assert not layer.out_proj.bias.data.any()
    bare = nn.MultiheadAttention(4, 2, bias=False, seed=0)
    assert ["in_proj_weight", "out_proj.weight"] == list(bare.state_dict())


def test_dropout_leaves_weights_out_while_training():
    """With p = 1 all of them, and nothing when predicting."""
    layer = nn.MultiheadAttention(4, 2, dropout=1.0, seed=0)
    x = sg.randn((3, 2, 4), seed=1)
    assert not layer(x)[0].data.any()
    assert layer.eval()(x)[0].data.any()
    q = sg.ones((2, 3))
    assert not nn.scaled_dot_product_attention(q, q, q, dropout_p=1.0).data.any()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        ({"query": np.zeros((2, 3, 5))}, ShapeError, "query has shape .2, 3, 5."),
        ({"key": np.zeros((3, 4))}, ShapeError, "query has 3 axes and key has 2"),
        ({"attn_mask": np.zeros((3, 3), bool)}, ShapeError, r"\(2, 2\) or \(6, 2, 2\)"),
        ({"key_padding_mask": np.zeros(2, bool)}, ShapeError, r"where \(3, 2\)"),
        ({"attn_mask": np.zeros((2, 2), int)}, DtypeError, "neither a choice nor"),
        ({"query": sg.zeros((2, 3, 4), dtype="float64")}, DtypeError, "float64"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    """The error names the input and says what would fit."""
    layer = nn.MultiheadAttention(4, 2, seed=0)
    with pytest.raises(error, match=text) as caught:
        layer(**{"query": sg.zeros((2, 3, 4))} | call)
    assert "MultiheadAttention(4, heads=2)" in caught.value.where
    assert caught.value.hint


def test_heads_share_the_features_evenly():
    """Or not at all."""
    with pytest.raises(ArgumentError, match="5 features cannot be shared evenly by 2"):
        nn.MultiheadAttention(5, 2)
