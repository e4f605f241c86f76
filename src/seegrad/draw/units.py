"""The units of a network picture: a circle with the value, the gradient and the bias.

Numbers inside a circle have two digits; the tooltip has four. After an update the old
value stands below the circle.
"""

from __future__ import annotations

from collections.abc import Iterator

from seegrad.draw.columns import RADIUS, Column
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import fixed, short
from seegrad.draw.palette import sign_role
from seegrad.draw.scene import DOTTED, Circle, Mark, Rectangle, Text
from seegrad.draw.state import Array, NetworkState


def units_of(
    state: NetworkState, before: NetworkState | None, place: int, column: Column
) -> Iterator[Mark]:
    """The circles of one column, and the one that stands for all that are not shown."""
    for unit, (x, y) in zip(column.units, column.places, strict=True):
        if unit < 0:
            yield Circle(x, y, RADIUS, fill="paper", stroke="neutral", dash=DOTTED)
            yield _centred(x, y - 1.0, f"{column.hidden:,}", "quiet", bold=True)
            yield _centred(x, y + 11.0, "more", "quiet", group="more")
        else:
            number = f"#{unit} " if column.hidden else ""
            yield from _unit(state, before, place, unit, number, x, y)


def _unit(
    state: NetworkState, before: NetworkState | None, place: int, unit: int,
    number: str, x: float, y: float,
) -> Iterator[Mark]:  # fmt: skip
    value, grad, bias = _numbers(state, place, unit)
    old = _numbers(before, place, unit)[0] if before else None
    group = f"unit {place}[{unit}]"
    said = [f"unit {unit}"]
    for name, each in (("value", value), ("gradient", grad), ("bias", bias)):
        said += [] if each is None else [f"{name} {short(each)}"]
    said += [] if old in (None, value) or old is None else [f"before {short(old)}"]
    sign = 0.0 if value is None else value
    yield Circle(
        x, y, RADIUS, fill="card", stroke=sign_role(sign), thickness=1.8,
        dash=(4.0, 2.5) if sign < 0 else (), title=", ".join(said), group=group,
    )  # fmt: skip
    if value is None:
        label = f"#{unit}" if place else f"x[{unit}]"
        yield _centred(x, y + 4.0, label, "quiet", group=group)
        number = ""  # it stands in the circle, and is not the value of the unit
    else:
        lift = 4.0 if grad is None else -2.0
        yield _centred(x, y + lift, tiny(value), "data", bold=True, group=group)
    if grad is not None:
        yield _centred(x, y + 11.0, tiny(grad), "gradient", group=group)
    changed = None not in (old, value) and tiny(old or 0.0) != tiny(value or 0.0)
    if changed and old is not None:
        yield from _under(f"{number}was {tiny(old)}", "changed_text", place, unit, x, y)
    elif bias is not None:
        yield from _under(f"{number}b {tiny(bias)}", "quiet", place, unit, x, y)
    elif not place and value is not None:
        yield from _under(f"x[{unit}]", "quiet", place, unit, x, y)


def _under(
    text: str, role: str, place: int, unit: int, x: float, y: float
) -> Iterator[Mark]:
    """A line below the circle, on a patch of paper."""
    width, base = width_of(text, 9.0) + 4.0, y + RADIUS + 12.0
    group = f"under {place}[{unit}]"
    yield Rectangle(x - width / 2, base - 8.5, width, 11.0, fill="paper", opacity=0.85)
    yield Text(x, base, text, size=9.0, anchor="middle", fill=role, group=group)


def _numbers(
    state: NetworkState, place: int, unit: int
) -> tuple[float | None, float | None, float | None]:
    """Value, gradient and bias of a unit, where they are known."""
    if not place:
        return _at(state.inputs, unit), None, None
    layer = state.layers[place - 1]
    return _at(layer.value, unit), _at(layer.grad, unit), _at(layer.bias, unit)


def tiny(number: float) -> str:
    """A number with at most two digits, for the inside of a circle.

    >>> tiny(0.1234), tiny(-12.34), tiny(0.00123), tiny(0.0)
    ('0.12', '−12', '0.001', '0')
    """
    if not number or abs(number) != abs(number):
        return fixed(number).removesuffix(".0")
    digits = 1 if abs(number) < 0.00995 else 2
    return short(float(f"{number:.{digits - 1}e}")).removesuffix(".0")


def _centred(
    x: float, y: float, text: str, role: str, *, bold: bool = False, group: str = ""
) -> Text:
    return Text(
        x, y, text, size=10.5 if bold else 9.5, bold=bold, anchor="middle", fill=role,
        group=group,
    )  # fmt: skip


def _at(array: Array | None, place: int) -> float | None:
    return None if array is None else float(array[place])
