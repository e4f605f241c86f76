"""The checker finds every kind of mistake in a rule, and shows both numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad import check
from seegrad.errors import ArgumentError, GradientMismatch, InputTypeError
from seegrad.op import contraction, elementwise, movement, reduction

pytestmark = pytest.mark.usefixtures("own_ops")


def product(x_rule, y_rule=lambda g, out, x, y: g * x):
    """x * y with these rules."""

    @elementwise(at=(2.0, 3.0))
    def product(xp, x, y, /):
        """x * y"""
        return x * y

    product.derivatives(x=x_rule, y=y_rule)
    return product


def right(g, out, x, y):
    """The derivative of x * y for x."""
    return g * y


MISTAKES = {
    "sign": lambda g, out, x, y: -g * y,
    "factor": lambda g, out, x, y: g * y * 1.0001,
    "forgotten g": lambda g, out, x, y: y + 0.0 * g,
    "swapped": lambda g, out, x, y: g * x,
    "an added term": lambda g, out, x, y: g * y + 1e-3,
    "zero": lambda g, out, x, y: g * 0.0,
    "not a number": lambda g, out, x, y: g * y * float("nan"),
}


def test_right_rules_pass():
    """On all samples, on numbers, on arrays."""
    op = product(right)
    assert 6 == check.op(op)
    check.gradients(op, 2.0, 3.0)
    check.gradients(op, np.ones((2, 3)), np.arange(3.0))


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_rule_is_found(mistake):
    """Over the samples, and with single numbers."""
    op = product(mistake)
    with pytest.raises(GradientMismatch, match="for input 0"):
        check.op(op)
    with pytest.raises(GradientMismatch, match="for input 0"):
        check.gradients(op, 2.0, 3.5)


def test_a_mistake_in_the_second_rule_is_found_there():
    """The message says which input it is."""
    with pytest.raises(GradientMismatch, match="for input 1"):
        check.op(product(right, lambda g, out, x, y: g * y))


def test_the_message_holds_both_numbers_and_the_worst_entry():
    """And the op, the shapes, and what the usual mistakes are."""

    def rule(g, out, x, y):
        wrong = np.ones(np.shape(x))
        wrong[1, 2] = -2.0
        return g * y * wrong

    with pytest.raises(GradientMismatch) as caught:
        check.gradients(product(rule), np.ones((2, 3)), np.full((2, 3), 4.0), order=1)
    text = caught.value.what
    by_rule, measured = float(text.split(" is ")[1].split()[0]), -1.0
    measured = float(text.split(" and ")[1].split()[0])
    assert "for input 0[1, 2] is" in text
    assert abs(by_rule + 2.0 * measured) < 1e-6
    assert "product" == caught.value.where
    assert "sign, factor, transposition" in caught.value.hint


def test_a_wrong_second_derivative_is_found():
    """The slope is right, but made of plain numbers: its own slope is lost."""

    def rule(g, out, x, y):
        return g * (y.data if isinstance(y, sg.Tensor | sg.Value) else y)

    op = product(rule)
    assert 6 == check.op(op, order=1)
    with pytest.raises(GradientMismatch) as caught:
        check.op(op)
    assert "the gradient of product of (3, 5), (3, 5)" in caught.value.where
    with pytest.raises(GradientMismatch):
        check.gradients(op, 2.0, 3.0)


def test_a_transposed_matrix_product_is_found():
    """On square matrices too, where the shapes would fit."""

    @contraction(method=False)
    def times(xp, x, y, /):
        """x @ y"""
        return xp.matmul(x, y)

    times.derivatives(
        x=lambda g, out, x, y: sg.matmul(g, y),
        y=lambda g, out, x, y: sg.matmul(sg.transpose(x, 0, 1), g),
    )
    times.sample((3, 3), (3, 3))
    with pytest.raises(GradientMismatch, match="for input 0"):
        check.op(times)


def test_a_reduction_that_is_not_spread_evenly_is_found():
    """A mean whose rule forgets to divide."""

    @reduction(method=False)
    def average(xp, x, /):
        """the mean of all"""
        return xp.mean(x)

    average.derivatives(x=lambda g, out, x: sg.broadcast_to(g, x.shape))
    average.sample((2, 3))
    with pytest.raises(GradientMismatch):
        check.op(average)


def test_a_movement_that_goes_back_another_way_is_found():
    """A roll whose rule rolls in the same direction."""

    @movement(method=False)
    def rolled(xp, x, /, by=1):
        """x, moved on by some places"""
        return xp.roll(x, by)

    rolled.derivatives(x=lambda g, out, x, by: rolled(g, by))
    rolled.sample((4,), by=1)
    with pytest.raises(GradientMismatch, match="for input 0"):
        check.op(rolled)
    rolled.derivatives(x=lambda g, out, x, by: rolled(g, -by))
    assert 1 == check.op(rolled)


@given(st.floats(-2.0, 2.0), st.floats(0.5, 2.0))
def test_functions_of_nodes_pass(x, y):
    """Whatever is made of our own ops."""
    check.gradients(lambda x, y: (x * y).tanh() / y + sg.log(y), x, y)


def test_a_kink_at_the_point_fails_and_says_so():
    """|x| has no derivative at 0, and the hint mentions it."""
    with pytest.raises(GradientMismatch) as caught:
        check.gradients(sg.relu, 0.0)
    assert "a kink at this very point" in caught.value.hint


def test_whole_arrays_are_left_alone_and_whole_numbers_are_not():
    """Positions are not differentiated; 2 is a number like 2.0."""
    check.gradients(lambda x, i: x[i] * 2.0, np.ones(3), np.array([0, 0]))
    with pytest.raises(GradientMismatch):
        check.gradients(product(MISTAKES["sign"]), 2, 3)


def test_nothing_to_check_is_not_a_pass():
    """An array of integers alone would check nothing."""
    with pytest.raises(ArgumentError, match="nothing to check") as caught:
        check.gradients(lambda x: x * 2, np.array([1, 2]))
    assert "an array of floats" in caught.value.hint


def test_a_function_must_return_a_node():
    """float(x) inside loses the graph."""
    with pytest.raises(InputTypeError, match="returned float") as caught:
        check.gradients(lambda x: float(x) * 2.0, 2.0)
    assert "compute with the nodes" in caught.value.hint


def test_a_lost_gradient_is_a_mismatch():
    """Detached, the slope by rule is 0, and the measured one is not."""
    with pytest.raises(GradientMismatch, match="is 0 by the rule"):
        check.gradients(lambda x: x.detach() * 3.0, 2.0)


def test_nodes_are_accepted_as_inputs_and_left_alone():
    """Their numbers are copied."""
    x = sg.tensor(np.array([1.0, 2.0]), requires_grad=True)
    check.gradients(lambda x: (x * x).sum(), x)
    assert x.grad is None
