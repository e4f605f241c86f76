"""Workloads are the same for everybody: data, weights, and the counts of the floors."""

import numpy as np
import pytest
from bench.engines import _seegrad_models as models
from bench.workloads import WORKLOADS
from bench.workloads.base import contradicting

TENSORS = [name for name, w in WORKLOADS.items() if w.has_floors]


@pytest.mark.parametrize("name", WORKLOADS)
def test_data_and_weights_are_the_same_each_time(name):
    """Every process makes them anew, and they must be equal to the last bit."""
    workload = WORKLOADS[name]
    for one, other in zip(workload.data(), workload.data(), strict=True):
        np.testing.assert_array_equal(one, other)
    weights = workload.weights()
    assert all(np.float32 == array.dtype for array in weights.values())
    again = workload.weights()
    assert all(np.array_equal(weights[key], again[key]) for key in weights)


@pytest.mark.parametrize("name", TENSORS)
def test_seegrad_takes_the_weights_under_their_names(name):
    """The names and layouts are PyTorch's, and nothing is missing or left over."""
    model = models.model(WORKLOADS[name])
    assert WORKLOADS[name].parameters == sum(p.data.size for p in model.parameters())


def test_the_products_of_a_perceptron_are_counted():
    """64-128-10 with 64 rows: both layers forward and twice backward, but one."""
    products = 2 * 64 * (3 * (64 * 128 + 128 * 10) - 64 * 128)
    assert products == WORKLOADS["digits"].products


def test_the_products_of_the_transformer_are_counted():
    """Each one written out: q k v, out, two of the perceptron, scores and sum."""
    rows = 16 * 64
    block = rows * 64 * (192 + 64 + 256 + 256) + 2 * 16 * 64 * (64 * 65 // 2)
    assert 3 * 2 * (2 * block + rows * 64 * 65) == WORKLOADS["gpt"].products


def test_the_bytes_of_a_perceptron_are_counted():
    """Seven numbers for each weight, two for each that is kept, and the inputs."""
    weights, kept, inputs = 64 * 128 + 128 + 128 * 10 + 10, 64 * 138, 64 * 64
    assert 4 * (7 * weights + 2 * kept + inputs) == WORKLOADS["digits"].bytes_moved
    assert 4 * (3 * weights + kept + inputs) == WORKLOADS["digits"].footprint


def test_a_prediction_reads_weights_once():
    """No moments, nothing kept."""
    weights = 64 * 128 + 128 + 128 * 10 + 10
    assert 4 * (weights + 64) == WORKLOADS["predict_digits"].bytes_moved


def test_a_batch_contradicts_itself():
    """Each row comes twice, with two labels, so that no loss goes to zero."""
    x, y = contradicting(np.arange(8).reshape(4, 2), np.array([0, 2, 1, 1]), 3)
    np.testing.assert_array_equal(x[:2], x[2:])
    assert [0, 2, 1, 0] == y.tolist()
