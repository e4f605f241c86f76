"""Activation functions: the curves are the functions, the slopes their derivatives."""

import math

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn
from seegrad.draw import activation_functions
from seegrad.draw.scene import Line
from seegrad.errors import ArgumentError, DataError, InputTypeError, ShapeError
from seegrad.nn import ACTIVATIONS

KNOWN = {  # the function, written down again
    "gelu": lambda x: x * 0.5 * (1.0 + math.erf(x / 2**0.5)),
    "relu": lambda x: max(x, 0.0),
    "sigmoid": lambda x: 1.0 / (1.0 + math.exp(-x)),
    "silu": lambda x: x / (1.0 + math.exp(-x)),
    "tanh": math.tanh,
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_upper_curve_is_the_function(numbers_in, name):
    """Read against the ticks of its panel."""
    scene = activation_functions(name).scene
    points = numbers_in(scene, name, name, across=f"{name} slope")
    assert len(points) > 150
    for x, y in points:
        assert KNOWN[name](x) == pytest.approx(y, abs=1e-6)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_lower_curve_is_its_slope(numbers_in, name):
    """Compared with finite differences of the function written down again."""
    scene = activation_functions(name).scene
    for x, slope in numbers_in(scene, f"slope of {name}", f"{name} slope"):
        if abs(x) > 1e-3:
            rise = KNOWN[name](x + 1e-5) - KNOWN[name](x - 1e-5)
            assert rise / 2e-5 == pytest.approx(slope, abs=1e-4)


def test_the_slope_jumps_at_a_corner():
    """The stroke of relu's slope stands upright at 0."""
    (line,) = activation_functions("relu").scene.of(Line, "slope of relu")
    places = sorted({round(x, 3) for x, y in line.points if y == line.points[0][1]})
    others = sorted({round(x, 3) for x, y in line.points if y != line.points[0][1]})
    assert places[-1] == pytest.approx(others[0], abs=0.01)


def test_without_a_choice_every_activation_is_drawn():
    """A new one appears as soon as it is listed."""
    picture = activation_functions()
    assert sorted(ACTIVATIONS) == picture.scene.texts("panel")
    assert all(f"{name} goes from" in picture.alt for name in ACTIVATIONS)


def test_function_and_slope_differ_in_dash():
    """Not in colour alone."""
    scene = activation_functions("tanh").scene
    (curve,), (slope,) = scene.of(Line, "tanh"), scene.of(Line, "slope of tanh")
    assert not curve.dash
    assert slope.dash


def test_layers_and_own_functions_are_drawn_too(numbers_in):
    """With the name that they have."""

    def square(x):
        return x * x

    scene = activation_functions([nn.GELU("tanh"), square]).scene
    assert ["GELU(approximate='tanh')", "square"] == scene.texts("panel")
    for x, slope in numbers_in(scene, "slope of square", "square slope"):
        assert 2 * x == pytest.approx(slope, abs=1e-6)


def test_a_function_without_a_gradient_has_the_slope_zero(numbers_in):
    """A constant, for one."""
    scene = activation_functions(lambda x: sg.zeros_like(x) + 0.0 * x).scene
    assert {0.0} == {
        round(y, 9) for _, y in numbers_in(scene, "slope of <lambda>", "<lambda> slope")
    }


def test_limits_are_kept(numbers_in):
    """The first and the last point stand on them."""
    scene = activation_functions("tanh", limits=(-1, 3)).scene
    points = numbers_in(scene, "tanh", "tanh", across="tanh slope")
    assert [-1.0, 3.0] == pytest.approx([points[0][0], points[-1][0]])


@pytest.mark.parametrize(
    ("error", "text", "arguments"),
    [
        (ArgumentError, "no activation called 'rulu'", ("rulu",)),
        (InputTypeError, "int is neither a name nor a function", ([3],)),
        (InputTypeError, "object is neither", (object(),)),
        (ArgumentError, "no function to draw", ([],)),
        (ShapeError, "the function made", (lambda x: x.sum(),)),
        (ShapeError, "the function made", (lambda x: np.ones(3),)),
        (DataError, "not finite everywhere from -4 to 4", (sg.log,)),
    ],
)
def test_bad_input_is_explained(error, text, arguments):
    """Typed errors that say what to try."""
    with pytest.raises(error, match=text):
        activation_functions(*arguments)


@pytest.mark.parametrize("limits", [(2, 1), (0, 0), (0, math.inf), 3, ("a", "b")])
def test_limits_that_enclose_nothing_are_refused(limits):
    """A lower and a higher number."""
    with pytest.raises(ArgumentError, match="a lower and a higher number"):
        activation_functions(limits=limits)
