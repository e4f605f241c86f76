"""The transformer block: what it may see, and that it can be trained.

Its numbers are compared with PyTorch's in test_sequence_reference.
"""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError, ShapeError


def test_nobody_sees_what_comes_after():
    """A change at position 3 changes the outputs from there on, and no other."""
    x = sg.randn((1, 6, 8), seed=0).numpy().copy()
    block = nn.TransformerBlock(8, 2, seed=1)
    open_block = nn.TransformerBlock(8, 2, causal=False, seed=1)
    before, open_before = block(x).data, open_block(x).data
    x[0, 3, 0] += 1.0
    changed = (before != block(x).data).any(axis=(0, 2))
    assert [False, False, False, True, True, True] == changed.tolist()
    assert (open_before != open_block(x).data).any(axis=(0, 2)).all()


def test_the_names_are_pytorchs():
    """Those of TransformerEncoderLayer, in its order."""
    expected = [
        *("self_attn.in_proj_weight", "self_attn.in_proj_bias"),
        *("self_attn.out_proj.weight", "self_attn.out_proj.bias"),
        *("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"),
        *("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"),
    ]
    block = nn.TransformerBlock(8, 2)
    assert expected == list(block.state_dict())
    assert (32, 8) == block.linear1.weight.shape
    assert (5, 8) == nn.TransformerBlock(8, 2, hidden=5).linear1.weight.shape


def test_a_seed_repeats_it():
    """All weights of it; another seed makes others."""
    x = sg.randn((2, 3, 4), seed=0)
    first, second, other = (nn.TransformerBlock(4, 1, seed=s)(x) for s in (0, 0, 1))
    assert first.tolist() == second.tolist()
    assert first.tolist() != other.tolist()


def test_dropout_is_for_training():
    """All parts of the block fall silent together."""
    block = nn.TransformerBlock(4, 2, dropout=1.0, seed=0)
    x = sg.randn((2, 3, 4), seed=1)
    assert x.tolist() == block(x).tolist()
    assert x.tolist() != block.eval()(x).tolist()


def test_plain_arrays_stay_in_the_dtype_of_the_block():
    """A float64 array is read as float32, the sum with it too."""
    assert np.float32 == nn.TransformerBlock(4, 2, seed=0)(np.zeros((1, 2, 4))).dtype


def test_masks_reach_the_attention():
    """Padding changes nothing at the positions that look elsewhere."""
    block = nn.TransformerBlock(4, 2, seed=0, dtype="float64")
    x = sg.randn((1, 5, 4), dtype="float64", seed=1)
    padding = np.array([[False, False, False, True, True]])
    masked = block(x, key_padding_mask=padding)
    np.testing.assert_allclose(block(x[:, :3]).data, masked.data[:, :3], 1e-12)
    blocked = block(x, attn_mask=np.ones((5, 5), bool))
    assert np.isfinite(blocked.data).all()


def test_a_small_language_model_learns():
    """Embedding, block and head learn a sequence by heart in a few dozen steps."""
    text = np.array([[0, 1, 2, 3, 1, 0, 2, 2]])
    parts = nn.Embedding(4, 8, seed=0), nn.TransformerBlock(8, 2, seed=1)
    model = nn.Sequential(*parts, nn.Linear(8, 4, seed=2))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(40):
        logits = model(text[:, :-1]).reshape(-1, 4)
        loss = sg.losses.cross_entropy(logits, text[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optim.clip_grad_norm(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_what_does_not_fit_is_refused():
    """At construction and at the call."""
    with pytest.raises(ArgumentError, match="cannot be shared evenly"):
        nn.TransformerBlock(5, 2)
    with pytest.raises(ArgumentError, match="'gleu'"):
        nn.TransformerBlock(4, 2, activation="gleu")
    with pytest.raises(ShapeError, match="TransformerBlock"):
        nn.TransformerBlock(4, 2)(np.zeros((2, 3, 5)))
