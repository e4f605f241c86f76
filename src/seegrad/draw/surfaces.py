"""Surfaces on which optimizers are compared: each is hard in a way of its own.

A surface is a function of x and y made of ops, so that its slope comes from the
library's own backward pass; where the race begins; what part of the plane is drawn;
and where the lowest points are known to be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from seegrad.draw.scene import Point


class Surface(NamedTuple):
    """A function of two numbers with a start, a part of the plane, and its minima."""

    function: Callable[[Any, Any], Any]
    formula: str
    start: Point
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    minima: tuple[Point, ...]
    rates: Mapping[str, float]  # learning rates that suit it, by kind of optimizer


def beale(x: Any, y: Any) -> Any:
    """(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2 (Beale 1958)."""
    first, second = 1.5 - x + x * y, 2.25 - x + x * y * y
    third = 2.625 - x + x * y * y * y
    return first * first + second * second + third * third


def himmelblau(x: Any, y: Any) -> Any:
    """(x^2 + y - 11)^2 + (x + y^2 - 7)^2: four minima, all 0 (Himmelblau 1972)."""
    first, second = x * x + y - 11.0, x + y * y - 7.0
    return first * first + second * second


def ravine(x: Any, y: Any) -> Any:
    """x^2 / 20 + y^2: twenty times steeper across than along."""
    return x * x / 20.0 + y * y


def rosenbrock(x: Any, y: Any) -> Any:
    """(1 - x)^2 + 100 (y - x^2)^2: a bent valley, its floor flat (Rosenbrock 1960)."""
    first, second = 1.0 - x, y - x * x
    return first * first + 100.0 * second * second


def saddle(x: Any, y: Any) -> Any:
    """x^2 - y^2 / 2 + y^4 / 4: flat at (0, 0), lowest at (0, -1) and (0, 1)."""
    return x * x - y * y / 2.0 + y * y * y * y / 4.0


SURFACES: dict[str, Surface] = {
    "beale": Surface(
        beale, "(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²", (1.0, 1.5),
        (-1.0, 4.5), (-2.0, 2.0), ((3.0, 0.5),), {"sgd": 0.005, "adaptive": 0.1},
    ),
    "himmelblau": Surface(
        himmelblau, "(x² + y − 11)² + (x + y² − 7)²", (-0.5, -0.5), (-5.5, 5.5),
        (-5.5, 5.5),
        (
            (3.0, 2.0), (-2.805118, 3.131312), (-3.77931, -3.283186),
            (3.584428, -1.848126),
        ),
        {"sgd": 0.005, "adaptive": 0.2},
    ),
    "ravine": Surface(
        ravine, "x² / 20 + y²", (-7.0, 2.0), (-8.0, 6.0), (-3.5, 3.5), ((0.0, 0.0),),
        {"sgd": 0.9, "adaptive": 0.3},
    ),
    "rosenbrock": Surface(
        rosenbrock, "(1 − x)² + 100 (y − x²)²", (-1.5, 1.5), (-2.0, 2.0), (-0.8, 2.6),
        ((1.0, 1.0),), {"sgd": 0.001, "adaptive": 0.1},
    ),
    "saddle": Surface(
        saddle, "x² − y² / 2 + y⁴ / 4", (-1.3, 0.005), (-1.6, 1.6), (-1.5, 1.5),
        ((0.0, -1.0), (0.0, 1.0)), {"sgd": 0.1, "adaptive": 0.05},
    ),
}  # fmt: skip
