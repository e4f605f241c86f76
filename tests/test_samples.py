"""The table of example calls: the same on every run, inside the domain, complete."""

import numpy as np
import pytest

from seegrad import ops
from seegrad.op import REGISTRY
from seegrad.samples import MEETINGS, calls


@pytest.mark.parametrize("op", sorted(REGISTRY.values(), key=str), ids=str)
def test_samples_are_the_same_on_every_run(op):
    """Drawn from the op's name, so that adding an op moves no other's numbers."""
    for (first, settings), (again, same) in zip(calls(op), calls(op), strict=True):
        assert settings.keys() == same.keys()
        for x, y in zip(first, again, strict=True):
            np.testing.assert_array_equal(x, y)


def test_samples_stay_inside_the_domain():
    """log is not asked about -1, and a condition is boolean."""
    for inputs, _ in calls(ops.log):
        assert ((inputs[0] >= 0.5) & (inputs[0] <= 3.0)).all()
    for inputs, _ in calls(ops.where):
        assert np.dtype(bool) == inputs[0].dtype


def test_an_elementwise_op_meets_every_shape():
    """Broadcasting in each direction, no axes, and no numbers."""
    for op in (ops.exp, ops.add, ops.where):
        shapes = [tuple(x.shape for x in inputs) for inputs, _ in calls(op)]
        assert MEETINGS[len(op.input_names)] == shapes


def test_samples_come_in_the_dtype_asked_for_and_differ_by_seed():
    """The numbers are the same in another precision, and others for another seed."""
    (x, _), _ = next(calls(ops.mul, "float32"))
    (y, _), _ = next(calls(ops.mul, "float64"))
    (z, _), _ = next(calls(ops.mul, seed=1))
    assert np.float32 == x.dtype
    np.testing.assert_allclose(x, y, rtol=1e-6)
    assert (y != z).all()
