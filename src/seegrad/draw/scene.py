"""A scene is a drawing before it has been painted: plain shapes at fixed places.

Every layout decision is made once, in numbers; the painters (`svg`, `pixels`) only
paint, so all of them agree. A shape does not know colours. It names a *role*, such as
"positive" or "ink", and the palette says which colour that is in light and in dark.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from seegrad.whole_file import known

Point = tuple[float, float]
FORMAT, VERSION = "seegrad-scene", 1
DASHED, DOTTED = (5.0, 3.0), (1.5, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What every shape has: two roles, a tooltip, and the thing that it belongs to."""

    fill: str = "none"
    stroke: str = "none"
    thickness: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    title: str = ""  # shown when the pointer rests on it
    group: str = ""  # what it is a part of: "node 3", "edge 0.weight[2, 0]"


@dataclass(frozen=True, slots=True)
class Rectangle(Mark):
    """A box with its upper left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Circle(Mark):
    """A disc around (x, y)."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Line(Mark):
    """Straight strokes through all the points."""

    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Curve(Mark):
    """Cubic Bezier strokes: a start, then two handles and an end for each piece."""

    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Polygon(Mark):
    """A closed, filled outline."""

    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Text(Mark):
    """Words whose baseline begins (or centres, or ends) at (x, y)."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: str = "start"  # start, middle, end
    bold: bool = False
    turned: bool = False  # a quarter turn to the left, for the axis on the left


@dataclass(frozen=True, slots=True)
class Image(Mark):
    """A heat map: each cell is ``strength`` of one of ``roles``, laid on the paper.

    A smooth one runs from the middle of a cell to the middle of the next.
    """

    x: float
    y: float
    width: float
    height: float
    roles: tuple[str, ...]
    which: tuple[tuple[int, ...], ...]
    strength: tuple[tuple[float, ...], ...]
    smooth: bool = True


KINDS: dict[str, type[Mark]] = {
    kind.__name__: kind
    for kind in (Rectangle, Circle, Line, Curve, Polygon, Text, Image)
}
AnyMark = TypeVar("AnyMark", bound=Mark)


@dataclass(frozen=True, slots=True)
class Scene:
    """The shapes of one drawing, back to front, on a sheet of width x height points.

    >>> scene = Scene(20.0, 10.0, (Circle(5.0, 5.0, 2.0, fill="positive"),))
    >>> Scene.from_json(scene.to_json()) == scene
    True
    """

    width: float
    height: float
    marks: tuple[Mark, ...]
    title: str = ""

    def of(self, kind: type[AnyMark], group: str | None = None) -> Iterator[AnyMark]:
        """The marks of one kind, or of one kind in one group."""
        for mark in self.marks:
            if isinstance(mark, kind) and group in (None, mark.group):
                yield mark

    def texts(self, group: str | None = None) -> list[str]:
        """Everything that is written in the drawing, or in one group of it."""
        return [mark.text for mark in self.of(Text, group)]

    def to_json(self) -> str:
        """The scene as JSON: ``from_json`` makes an equal one."""
        sheet = {"format": FORMAT, "version": VERSION, "title": self.title}
        size = {"width": self.width, "height": self.height}
        marks = [_plain(mark) for mark in self.marks]
        return json.dumps(sheet | size | {"marks": marks}, allow_nan=False)

    @staticmethod
    def from_json(text: str) -> Scene:
        """The scene that ``to_json`` wrote; ArgumentError for anything else."""
        hint = "a file that picture.save('name.json') wrote"
        sheet = known(text, FORMAT, VERSION, hint)
        marks = tuple(
            KINDS[mark.pop("mark")](**{k: _frozen(v) for k, v in mark.items()})
            for mark in sheet["marks"]
        )
        return Scene(sheet["width"], sheet["height"], marks, sheet["title"])


_ORDINARY = {field.name: field.default for field in fields(Mark)}


def _plain(mark: Mark) -> dict[str, Any]:
    said = {field.name: getattr(mark, field.name) for field in fields(mark)}
    kept = {k: v for k, v in said.items() if k not in _ORDINARY or v != _ORDINARY[k]}
    return {"mark": type(mark).__name__} | kept


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def along(points: tuple[Point, ...], t: float) -> Point:
    """The place at ``t`` (0 to 1) of the first piece of a cubic Bezier curve."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    first = points[:4]
    return (
        math.fsum(w * x for w, (x, _) in zip(weights, first, strict=True)),
        math.fsum(w * y for w, (_, y) in zip(weights, first, strict=True)),
    )
