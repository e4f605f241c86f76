"""Derivatives of functions: against formulas, nested, with respect to anything."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import seegrad as sg
from seegrad import grad, hessian, hessian_vector, jacobian, value_and_grad
from seegrad.errors import (
    ArgumentError,
    DtypeError,
    GradientError,
    InputTypeError,
    ShapeError,
)

VECTORS = hnp.arrays(np.float64, st.integers(1, 4), elements=st.floats(-2.0, 2.0))


def smooth(x):
    """A function of a vector without kinks: sum sin(x) + sum (x_i x_{i+1})^2."""
    neighbours = x[1:] * x[:-1]
    return sg.sin(x).sum() + (neighbours * neighbours).sum()


def test_the_gradient_of_a_gradient_of_a_gradient():
    """x^4, four times, on floats: 4 x^3, 12 x^2, 24 x, 24, 0."""
    f, found = (lambda x: x**4), []
    for _ in range(5):
        f = grad(f)
        found.append(f(2.0).data)
    assert [32.0, 48.0, 48.0, 24.0, 0.0] == found


def test_nested_derivatives_do_not_mix_their_variables():
    """d/dx [x * d/dy (x * y)] = d/dx [x * x] = 2x, for any inner point."""
    outer = grad(lambda x: x * grad(lambda y: x * y)(7.0))
    assert 6.0 == outer(3.0).data
    on_tensor = grad(lambda x: (x * grad(lambda y: (x * y).sum())(x)).sum())
    np.testing.assert_allclose(on_tensor(np.array([3.0, 4.0])).data, [6.0, 8.0])


def test_an_inner_function_may_use_the_variable_of_the_outer_one():
    """d/dx [d/dy (x^2 y^3) at y = x] = d/dx [3 x^4] = 12 x^3."""
    f = grad(lambda x: grad(lambda y: x * x * y * y * y)(x))
    assert 96.0 == f(2.0).data


def test_a_closure_reaches_no_gradient_of_its_own():
    """Only the argument is asked about; what the function closes over is left alone."""
    w = sg.Value(5.0)
    assert 5.0 == grad(lambda x: w * x)(2.0).data
    assert w.grad is None


def test_a_function_that_ignores_its_argument_has_gradient_zero():
    """In the shape of the argument."""
    assert 0.0 == grad(lambda x: sg.Value(3.0))(2.0).data
    assert 0.0 == grad(lambda x, y: y * y)(2.0, sg.Value(3.0)).data
    zero = grad(lambda x: sg.tensor(3.0))(np.ones((2, 3)))
    assert (np.zeros((2, 3)) == zero.data).all()
    assert [[0.0, 0.0]] == jacobian(lambda x: sg.ones(1))(np.ones(2)).tolist()


def test_several_arguments():
    """argnums picks one, or several as a tuple in the order asked for."""
    f = lambda x, y: x * x * y  # noqa: E731
    assert 12.0 == grad(f)(2.0, 3.0).data
    assert 4.0 == grad(f, 1)(2.0, 3.0).data == grad(f, -1)(2.0, 3.0).data
    assert [4.0, 12.0] == [g.data for g in grad(f, (1, 0))(2.0, 3.0)]
    value, gradients = value_and_grad(f, (0, 1))(2.0, 3.0)
    assert (12.0, [12.0, 4.0]) == (value.data, [g.data for g in gradients])


def test_every_kind_of_argument():
    """Floats, Values, arrays, lists, tensors; what is not asked about is untouched."""
    assert 4.0 == grad(lambda x: x * x)(sg.Value(2.0)).data
    assert 4.0 == grad(lambda x: x * x)(sg.Value(2.0, requires_grad=False)).data
    f = lambda x: (x * x).sum()  # noqa: E731
    for x in (np.array([2.0, 3.0]), [2.0, 3.0], sg.tensor([2.0, 3.0])):
        assert [4.0, 6.0] == grad(f)(x).tolist()
    assert 8.0 == grad(lambda x, how: x ** how["power"])(2.0, {"power": 2}).data * 2


def test_arguments_are_left_as_they_were():
    """No gradient is stored in them, and none is asked of them."""
    x = sg.tensor([1.0, 2.0])
    grad(lambda x: (x * x).sum())(x)
    assert (None, False) == (x.grad, x.requires_grad)


@given(VECTORS)
def test_gradients_agree_with_the_formula(x):
    """d/dx_i of `smooth`, by hand."""
    expected = np.cos(x)
    expected[1:] += 2.0 * x[1:] * x[:-1] ** 2
    expected[:-1] += 2.0 * x[:-1] * x[1:] ** 2
    np.testing.assert_allclose(grad(smooth)(x).data, expected, rtol=1e-9, atol=1e-12)


@given(VECTORS)
def test_a_hessian_is_symmetric_and_agrees_with_the_formula(x):
    """Mixed second derivatives do not depend on the order (Schwarz)."""
    h = hessian(smooth)(x).data
    np.testing.assert_allclose(h, h.T, rtol=1e-9, atol=1e-12)
    expected = np.diag(-np.sin(x))
    for i in range(len(x) - 1):
        expected[i, i] += 2.0 * x[i + 1] ** 2
        expected[i + 1, i + 1] += 2.0 * x[i] ** 2
        expected[i, i + 1] += 4.0 * x[i] * x[i + 1]
        expected[i + 1, i] += 4.0 * x[i] * x[i + 1]
    np.testing.assert_allclose(h, expected, rtol=1e-9, atol=1e-12)


@given(VECTORS, st.integers(0, 5))
def test_the_product_of_hessian_and_vector_is_that_product(x, seed):
    """Without the hessian ever being made."""
    v = np.random.default_rng(seed).normal(size=x.shape)
    expected = hessian(smooth)(x).data @ v
    actual = hessian_vector(smooth)(x, v).data
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


@given(st.floats(-3.0, 3.0))
def test_second_derivatives_of_the_functions_of_one_number(x):
    """Against calculus."""
    second = {
        "sin": -math.sin(x),
        "cos": -math.cos(x),
        "exp": math.exp(x),
        "tanh": -2.0 * math.tanh(x) * (1.0 - math.tanh(x) ** 2),
    }
    for name, expected in second.items():
        actual = grad(grad(getattr(sg, name)))(x).data
        assert math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-12)
        assert math.isclose(actual, hessian(getattr(sg, name))(x).data)


def test_jacobians_of_every_rank():
    """The shape is that of the result, then that of the argument."""
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
    np.testing.assert_allclose(jacobian(lambda x: sg.tensor(a) @ x)(np.ones(3)).data, a)
    assert 2.0 == jacobian(lambda x: x * 2.0)(3.0).data
    whole = jacobian(lambda x: x.T)(a).data
    assert (3, 2, 2, 3) == whole.shape
    assert 6.0 == whole.sum()
    assert (0, 2) == jacobian(lambda x: x[:0])(np.ones(2)).shape
    assert (2,) == jacobian(lambda x: x.sum())(np.ones(2)).shape
    by_second = jacobian(lambda x, y: x * y, 1)(np.ones(2), np.array([2.0, 3.0]))
    np.testing.assert_allclose(by_second.data, np.eye(2))


def test_hessian_vector_on_values():
    """One number times the second derivative: 6x * v."""
    assert 36.0 == hessian_vector(lambda x: x * x * x)(2.0, 3.0).data


def test_gradients_can_be_part_of_a_loss():
    """A penalty on a gradient reaches the weights inside (double backward)."""
    w = sg.tensor(np.array([0.5, -0.25]), requires_grad=True)
    slope = grad(lambda x: sg.tanh(x @ w))(np.array([1.0, 2.0]))
    (slope * slope).sum().backward()
    sg.check.gradients(
        lambda w: (grad(lambda x: sg.tanh(x @ w))(np.array([1.0, 2.0])) ** 2).sum(),
        w.data,
    )
    assert w.grad is not None


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: grad(lambda x: x)(np.ones(2)), GradientError, r"one number.*\(2,\)"),
        (lambda: grad(lambda x: 2.0)(1.0), InputTypeError, "returned float"),
        (lambda: grad(lambda x: None)(1.0), InputTypeError, "returned NoneType"),
        (lambda: grad(lambda x: x, 3)(1.0), ArgumentError, "there are 1 arguments"),
        (lambda: grad(lambda x: x, "x")(1.0), ArgumentError, "argnums is 'x'"),
        (lambda: grad(lambda x: x)("a"), InputTypeError, "not str"),
        (lambda: grad(lambda x: x.sum())(np.array([1])), DtypeError, "not int64"),
        (lambda: hessian(lambda x: x)(np.ones(2)), GradientError, "one number"),
        (
            lambda: hessian_vector(smooth)(np.ones(2), np.ones(3)),
            ShapeError,
            r"\(2,\) and \(3,\)",
        ),
    ],
)
def test_what_has_no_derivative_is_explained(call, error, words):
    """Each in the three-line form."""
    with pytest.raises(error, match=words) as caught:
        call()
    assert caught.value.hint
