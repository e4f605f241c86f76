"""Every op can be drawn on every one of its sample calls, with its name on the card."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.backpropagation import local_derivatives
from seegrad.draw import graph
from seegrad.draw.scene import Text
from seegrad.op import REGISTRY, Op
from seegrad.samples import calls

OPS = [op for op in REGISTRY.values() if op.__module__.startswith("seegrad.")]


def written(picture) -> set[str]:
    """All the texts of a picture."""
    return {mark.text for mark in picture.scene.marks if isinstance(mark, Text)}


def node_of(array: np.ndarray, name: str) -> sg.Tensor:
    """A leaf that needs a gradient where it can have one."""
    return sg.tensor(array, requires_grad=array.dtype.kind == "f", name=name)


@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=str)
def test_an_op_is_drawn_with_its_inputs_by_name(op: Op) -> None:
    """The card of the result carries the op; each input has a card of its own."""
    for arrays, settings in calls(op):
        inputs = [node_of(x, f"in{i}") for i, x in enumerate(arrays)]
        out = op(*inputs, **settings)
        picture = graph(out)

        assert op.symbol in written(picture)
        assert {x.name for x in inputs} <= written(picture)


@pytest.mark.parametrize(
    "op", [op for op in OPS if op.at and op.differentiable], ids=str
)
def test_the_slopes_at_the_example_point_stand_on_the_edges(op: Op) -> None:
    """The drawing of an op at its own example shows its local derivatives."""
    inputs = [sg.Value(x, name=f"in{i}") for i, x in enumerate(op.at)]
    out = op(*inputs)
    slopes = [s for s in local_derivatives(out) if s is not None]
    alt = graph(out).alt

    assert len(slopes) == alt.count(" by in")
