"""What tests of tapes share: a layer of the registry, run forward and backward."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn


@pytest.fixture
def recorded():
    """Gives the layer of a sample and the tape of one pass through it and back."""

    def run(sample, dtype=np.float32):
        layer = sample.make()
        layer.train(0 not in sample.shape)
        x = np.random.default_rng(0).normal(size=sample.shape).astype(dtype)
        if isinstance(layer, nn.Embedding):
            x = np.zeros(sample.shape, dtype=np.int64)
        with sg.recording(layer) as tape:
            out = layer(x)
            first = out[0] if isinstance(out, tuple) else out
            if layer.parameters():
                (first * first).sum().backward()
        return layer, tape

    return run
