"""Activation functions, each with its slope under it.

The slope is what a gradient is multiplied by on its way back, so the lower curve tells
what the upper one does to learning: where it lies on the floor, nothing is learned. It
is computed by the library's own backward pass, not by a formula written down again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from seegrad.draw.axes import Axes, padded
from seegrad.draw.grid import columns_for, places
from seegrad.draw.heading import panel_name, sheet
from seegrad.draw.inputs import Floats
from seegrad.draw.legend import legend, stroke
from seegrad.draw.lettering import cut, width_of
from seegrad.draw.numbers import short
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Line, Mark, Text
from seegrad.draw.ticks import nice_ticks
from seegrad.errors import ArgumentError, DataError, InputTypeError, ShapeError
from seegrad.mode import recording
from seegrad.nn.activation import ACTIVATIONS, activation
from seegrad.tensor import Tensor

WHERE = "draw.activation_functions"
WIDTH, UPPER, LOWER, GAP = 176.0, 104.0, 58.0, 14.0
STEP = (WIDTH + 54.0, UPPER + LOWER + GAP + 78.0)
DASH = (5.0, 3.0)
Named = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Curve:
    name: str
    formula: str
    x: Floats
    y: Floats
    slope: Floats


def activation_functions(
    functions: Named | Iterable[Named] | None = None,
    *,
    limits: tuple[float, float] = (-4.0, 4.0),
    title: str = "Activation functions and their slopes",
    theme: str = "auto",
) -> Picture:
    """Draw f(x), and f'(x) below it, for x between the ``limits``.

    ``functions`` are names ("relu"), layers (GELU("tanh")) or functions of a tensor
    that change each number by itself; without them, all that the library has. Raises
    ArgumentError for an unknown name or limits that enclose nothing.

    >>> picture = activation_functions(["relu", "sigmoid"])
    >>> picture.scene.texts("largest slope")
    ['largest slope 1.0', 'largest slope 0.25']
    """
    low, high = _limits(limits)
    curves = [_curve(f, low, high) for f in _chosen(functions)]
    steepest = max(float(c.slope.max()) for c in curves)
    flattest = min(float(c.slope.min()) for c in curves)
    slopes = padded(min(flattest, 0.0), max(steepest, 0.0), 0.08)
    columns = columns_for(len(curves))
    corners = places(len(curves), columns, 52.0, 84.0, STEP)
    samples = [(stroke("data"), "f(x)"), (stroke("gradient", DASH), "f′(x), the slope")]
    marks, _ = legend(samples, 16.0, 44.0, 400.0)
    for curve, (left, top) in zip(curves, corners, strict=True):
        marks += _panel(curve, left, top, (low, high), slopes)
    width = 52.0 + columns * STEP[0] - 30.0
    height = corners[-1][1] + STEP[1] - 34.0
    said = " ".join(map(_described, curves))
    alt = f"{title}, for x from {short(low)} to {short(high)}. {said}"
    return Picture(sheet(title, "", marks, width, height), alt, theme)


def _limits(limits: Any) -> tuple[float, float]:
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high):
        raise ArgumentError(
            f"limits are a lower and a higher number, not {limits!r}",
            where=WHERE,
            hint="limits=(-4, 4)",
        )
    return low, high


def _chosen(functions: Any) -> list[Named]:
    if functions is None:
        return [*sorted(ACTIVATIONS)]
    if isinstance(functions, str) or callable(functions):
        return [functions]
    try:
        chosen = list(functions)
    except TypeError:
        chosen = [functions]
    for each in chosen:
        if not (isinstance(each, str) or callable(each)):
            raise InputTypeError(
                f"{type(each).__name__} is neither a name nor a function",
                where=WHERE,
                hint=f"names such as {', '.join(map(repr, sorted(ACTIVATIONS)[:3]))}",
            )
    if not chosen:
        raise ArgumentError("there is no function to draw", where=WHERE)
    return chosen


def _curve(function: Named, low: float, high: float) -> _Curve:
    """The function and its slope at 161 places, and close to 0 on both sides."""
    layer = activation(function) if isinstance(function, str) else function
    corner = [c for c in (-1e-9, 1e-9) if low < c < high]
    x = np.sort(np.concatenate([np.linspace(low, high, 161), corner]))
    start = Tensor(x, requires_grad=True)
    with recording():
        out = layer(start)
        if not isinstance(out, Tensor) or out.shape != x.shape:
            raise ShapeError(
                f"of {x.shape} numbers the function made {getattr(out, 'shape', out)}",
                where=WHERE,
                hint="a function that changes each number of a tensor by itself",
            )
        out.backward(np.ones_like(x))
    if not np.isfinite(out.data).all():
        raise DataError(
            f"the function is not finite everywhere from {low:g} to {high:g}",
            where=WHERE,
            hint="limits=(0.1, 4.0), for what needs positive numbers",
        )
    slope = np.zeros_like(x) if start.grad is None else np.asarray(start.grad)
    name = function if isinstance(function, str) else _name(function)
    return _Curve(name, _formula(layer), x, np.asarray(out.data), slope)


def _name(function: Any) -> str:
    named = getattr(function, "__name__", "")
    return named or repr(function).replace("()", "")


def _formula(layer: Any) -> str:
    """The formula that the docstring of a layer begins with, where there is one.

    >>> _formula(activation("relu"))
    'max(x, 0)'
    """
    words = getattr(layer, "__doc__", "") or ""
    found = re.match(r"([^\n]{1,30}?\))(?=[:,])", words)
    return found[1].replace("-", "−") if found and "x" in found[1] else ""


def _panel(
    curve: _Curve, left: float, top: float, x_limits: tuple[float, float],
    slopes: tuple[float, float],
) -> list[Mark]:  # fmt: skip
    y_limits = padded(float(curve.y.min()), float(curve.y.max()), 0.08)
    upper = Axes(left, top, WIDTH, UPPER, x_limits, y_limits, name=curve.name)
    lower = Axes(
        left, top + UPPER + GAP, WIDTH, LOWER, x_limits, slopes,
        name=f"{curve.name} slope",
    )  # fmt: skip
    name = cut(curve.name, 11.0, WIDTH, bold=True)
    marks: list[Mark] = [panel_name(name, left, top - 10.0)]
    room = WIDTH - width_of(name, 11.0, bold=True) - 8.0
    if width_of(curve.formula, 10.0) <= room:
        marks.append(
            Text(
                left + WIDTH, top - 10.0, curve.formula, size=10.0, anchor="end",
                fill="quiet", group="formula",
            )
        )  # fmt: skip
    xs = nice_ticks(*x_limits, 4)
    marks += upper.ticks([], nice_ticks(*y_limits, 4), "", "")
    marks += lower.ticks(xs, nice_ticks(*slopes, 3), "", "")
    for axes in (upper, lower):
        if x_limits[0] < 0.0 < x_limits[1]:
            x = axes.at(0.0, axes.y_limits[0])[0]
            upright = ((x, axes.top), (x, axes.top + axes.height))
            marks.append(Line(upright, stroke="grid"))
    for axes, heights, role, dash, group in (
        (upper, curve.y, "data", (), curve.name),
        (lower, curve.slope, "gradient", DASH, f"slope of {curve.name}"),
    ):
        points = tuple(map(axes.at, curve.x.tolist(), heights.tolist()))
        marks.append(Line(points, stroke=role, thickness=2.0, dash=dash, group=group))
    said = f"largest slope {short(float(curve.slope.max()))}"
    base = lower.top + LOWER + 32.0
    marks.append(
        Text(left, base, said, size=10.0, fill="gradient", group="largest slope")
    )
    return [mark for mark in marks if not isinstance(mark, Text) or mark.text]


def _described(curve: _Curve) -> str:
    steepest = int(curve.slope.argmax())
    return (
        f"{curve.name} goes from {short(curve.y[0])} to {short(curve.y[-1])}, its "
        f"slope from {short(curve.slope.min())} to {short(curve.slope[steepest])}."
    )
