"""The walk backwards: every node once, every share added up, nothing stale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad.backpropagation import cotangents, local_derivatives, ordered
from seegrad.errors import DtypeError, GradientError, InputTypeError, ShapeError
from seegrad.op import elementwise

pytestmark = pytest.mark.usefixtures("own_ops")


def leaf(*numbers):
    """A float64 tensor that needs a gradient."""
    return sg.tensor(np.array(numbers), requires_grad=True)


def test_a_node_used_twice_gets_both_shares():
    """x * x has slope 2x, not x."""
    x = sg.Value(3.0)
    (x * x).backward()
    assert 6.0 == x.grad


def test_a_diamond_adds_up_before_it_goes_on():
    """y feeds two results; its own input hears of it once, when y is complete."""
    x = sg.Value(2.0)
    y = x * x
    out = y * 3.0 + y * y
    out.backward()
    assert (3.0 + 2 * 4.0, (3.0 + 2 * 4.0) * 4.0) == (y.grad, x.grad)


def test_every_node_of_the_graph_has_its_gradient_afterwards():
    """Seeing intermediate gradients is the point."""
    x = leaf(1.0, 2.0)
    y = x * 3.0
    z = y * y
    out = z.sum()
    out.backward()
    assert (1.0, [1.0, 1.0], [6.0, 12.0], [18.0, 36.0]) == (
        float(out.grad),
        z.grad.tolist(),
        y.grad.tolist(),
        x.grad.tolist(),
    )


def test_backward_twice_accumulates_in_leaves_exactly():
    """And a node in between keeps the gradient of the latest pass."""
    for x in (sg.Value(3.0), sg.tensor(3.0, requires_grad=True)):
        y = x * x
        out = y * 1.0
        for times in (1, 2, 3):
            out.backward()
            assert (6.0 * times, 1.0) == (float(x.grad), float(y.grad))


def test_two_graphs_add_up_in_their_common_leaf():
    """As two losses do."""
    x = leaf(2.0, 3.0)
    (x * 2.0).sum().backward()
    (x * x).sum().backward()
    assert [6.0, 8.0] == x.grad.tolist()


def test_a_leaf_can_be_the_root():
    """d x / d x = 1."""
    x = sg.Value(5.0)
    x.backward()
    assert 1.0 == x.grad


def test_what_the_root_was_not_made_from_hears_nothing():
    """Nor does what needs no gradient."""
    x, y, z = sg.Value(1.0), sg.Value(2.0), sg.Value(3.0, requires_grad=False)
    (x * z).backward()
    assert (3.0, None, None) == (x.grad, y.grad, z.grad)


def test_backward_from_several_numbers_needs_a_gradient_for_each():
    """The message counts them and says what to do."""
    x = leaf(1.0, 2.0)
    out = x * x
    with pytest.raises(GradientError, match=r"2 numbers have no single") as caught:
        out.backward()
    assert "out.sum().backward()" in caught.value.hint
    assert x.grad is None
    out.backward(np.array([1.0, 10.0]))
    assert [2.0, 40.0] == x.grad.tolist()


@pytest.mark.parametrize(
    ("gradient", "error", "words"),
    [
        (np.ones(3), ShapeError, r"given to backward\(\) has shape \(3,\) where \(2,"),
        (1.0, ShapeError, r"has shape \(\) where \(2,\)"),
        ("a", DtypeError, r"cannot make the gradient given to backward\(\) of str"),
        (np.ones(2, complex), DtypeError, "complex128"),
        ([[1.0], [1.0, 2.0]], InputTypeError, "inhomogeneous"),
    ],
)
def test_a_starting_gradient_that_does_not_fit_is_refused(gradient, error, words):
    """Both shapes are named, and no gradient was stored."""
    x = leaf(1.0, 2.0)
    out = x * x
    with pytest.raises(error, match=words):
        out.backward(gradient)
    assert x.grad is None
    assert out.grad is None


def test_a_starting_gradient_may_be_a_list_a_tensor_or_of_another_dtype():
    """It is brought to the dtype of the root."""
    for gradient in ([1, 10], np.array([1, 10]), sg.tensor([1.0, 10.0])):
        x = leaf(1.0, 2.0)
        (x * x).backward(gradient)
        assert [2.0, 40.0] == x.grad.tolist()
    v = sg.Value(3.0)
    (v * v).backward(10)
    assert 60.0 == v.grad


@pytest.mark.parametrize(
    "lose",
    [
        lambda x: x.detach() * 2.0,
        lambda x: sg.tensor(x.data) * 2.0,
        lambda x: (x > 0).to(sg.float32),
        lambda x: x.to(sg.int64) * 2,
    ],
)
def test_a_lost_gradient_is_explained(lose):
    """Detached, copied, compared, made whole: nothing needs a gradient any more."""
    with pytest.raises(GradientError, match="needs no gradient") as caught:
        lose(leaf(1.0)).sum().backward()
    assert "requires_grad=True" in caught.value.hint
    assert "detach()" in caught.value.hint


def test_no_grad_loses_the_gradient_too():
    """The error is the same."""
    x = leaf(1.0)
    with sg.no_grad():
        out = x.sum()
    with pytest.raises(GradientError, match="needs no gradient"):
        out.backward()


def test_an_input_replaced_after_its_use_stops_backward():
    """Its derivative would be taken at the wrong number."""
    for x in (sg.Value(2.0, name="w"), sg.tensor(2.0, requires_grad=True, name="w")):
        out = x * x
        x.assign(3.0)
        with pytest.raises(GradientError, match=r"'w' of mul was replaced") as caught:
            out.backward()
        assert "compute the result again" in caught.value.hint
        assert x.grad is None
        (x * x).backward()
        assert 6.0 == float(x.grad)


def test_a_constant_replaced_after_its_use_stops_backward_too():
    """The slope of x is y, and y is another."""
    x, y = sg.Value(2.0), sg.Value(3.0, requires_grad=False)
    out = x * y
    y.data = 5.0
    with pytest.raises(GradientError, match="was replaced after mul used it"):
        out.backward()


def test_ordered_lists_inputs_before_results_and_each_once():
    """Leaves first, then results as they were made."""
    a, b = sg.Value(1.0, name="a"), sg.Value(2.0, name="b")
    c = a * b
    d = c + a
    e = c * d
    assert [a, b, c, d, e] == ordered(e)
    assert [a, b, c, d, e] == ordered(d, e, c)
    assert [a] == ordered(a)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_gradients_are_sums_over_paths(pairs):
    """Against counting: with additions only, a gradient is a number of paths."""
    nodes = [sg.Value(float(i)) for i in range(3)]
    paths = [np.eye(3, dtype=object)[i] for i in range(3)]
    for i, j in pairs:
        i, j = i % len(nodes), j % len(nodes)
        nodes.append(nodes[i] + nodes[j])
        paths.append(paths[i] + paths[j])
    nodes[-1].backward()
    for i, x in enumerate(nodes[:3]):
        assert paths[-1][i] == (x.grad or 0.0)


def test_cotangents_leave_the_graph_untouched():
    """They return gradients and store none."""
    x = sg.Value(3.0)
    assert 6.0 == cotangents(x * x, 1.0)[x]
    assert x.grad is None


def test_local_derivatives_are_those_of_one_step():
    """For elementwise ops, a plain number or array for each input."""
    x, y = sg.Value(2.0), sg.Value(5.0)
    assert (5.0, 2.0) == local_derivatives(x * y)
    assert (1.0, -1.0) == local_derivatives(x - y)
    assert local_derivatives(x) is None
    t = leaf(1.0, 2.0)
    assert [2.0, 4.0] == local_derivatives(t**2)[0].tolist()
    assert local_derivatives(t.sum()) is None


def test_local_derivatives_answer_where_python_would_raise():
    """The slope of sqrt at 0 is infinite; a condition has none."""
    assert (float("inf"),) == local_derivatives(sg.sqrt(sg.Value(0.0)))
    x = sg.Value(2.0)
    assert (None, 1.0, 0.0) == local_derivatives(sg.where(x > 0, x, 1.0))


def op_with(rule, name="wrong"):
    """x * y with this rule for x."""

    def forward(xp, x, y, /):
        """x * y"""
        return x * y

    forward.__name__ = name
    op = elementwise(at=(1.0, 2.0))(forward)
    op.derivatives(x=rule)
    return op


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x, y: None,
        lambda g, out, x, y: (g * y, g * x),
        lambda g, out, x, y: "g",
    ],
)
def test_a_rule_that_returns_no_gradient_is_named(rule):
    """None, a tuple, text: neither a number nor an array."""
    op = op_with(rule)
    for x in (sg.Value(2.0), leaf(1.0, 2.0)):
        with pytest.raises((InputTypeError, ShapeError)) as caught:
            op(x, 3.0).backward(x.data)
        assert "the derivative of wrong for its input x" == caught.value.where
        assert x.grad is None


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 1), ()])
def test_a_rule_that_returns_a_wrong_shape_is_named(shape):
    """Both shapes are in the message."""
    op = op_with(lambda g, out, x, y: np.ones(shape))
    x = leaf(1.0, 2.0)
    with pytest.raises(ShapeError) as caught:
        op(x, 3.0).sum().backward()
    assert str(shape) in caught.value.what
    assert "(2,)" in caught.value.what
    assert "the derivative of wrong for its input x" == caught.value.where


def test_a_rule_that_raises_shows_its_own_traceback():
    """And the library is as usable as before."""

    def rule(g, out, x, y):
        raise KeyError("my own mistake")

    op = op_with(rule)
    for x in (sg.Value(2.0), leaf(1.0, 2.0)):
        with pytest.raises(KeyError, match="my own mistake") as caught:
            op(x, 3.0).backward(x.data)
        assert "rule" in [entry.name for entry in caught.traceback]
        assert x.grad is None
        (x * 2.0).backward(x.data)
        assert np.all(2.0 * np.asarray(x.data) == x.grad)


@pytest.mark.parametrize("error", [ValueError, TypeError, ZeroDivisionError])
def test_a_rule_may_raise_what_arithmetic_raises(error):
    """It is not mistaken for a division by zero."""

    def rule(g, out, x, y):
        raise error("my own")

    op = op_with(rule)
    for x in (sg.Value(2.0), leaf(1.0, 2.0)):
        with pytest.raises(error, match="my own"):
            op(x, 3.0).backward(x.data)
