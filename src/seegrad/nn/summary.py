"""The table of a network: each layer, the shape it gives, and what it has learned.

The shapes are not derived but seen: the network is run once on zeros (or on your
input) and each layer's result is looked at. Nothing is changed by that, neither the
mode of the layers nor any gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seegrad.errors import InputTypeError, SeegradError, ShapeError
from seegrad.mode import no_grad
from seegrad.nn._call import watching_calls
from seegrad.nn._modes import switched
from seegrad.nn._precision import precision
from seegrad.tensor import Tensor

if TYPE_CHECKING:
    from seegrad.nn.module import Module

HEAD = ("Layer (type)", "Output Shape", "Param #")
Row = tuple[str, str, str]


class Summary:
    """What `Module.summary` returns: prints as a table, and shows itself in a notebook.

    ``rows`` has name and type, output shape and number of parameters of each layer;
    ``total``, ``trainable`` and ``frozen`` count numbers, ``bytes`` their memory.
    """

    def __init__(self, model: Module, x: Any = None) -> None:
        shapes = _shapes(model, x)
        parameters = model.parameters()
        self.name = type(model).__name__
        self.rows = _rows(model, shapes)
        self.total = sum(p.size for p in parameters)
        self.trainable = sum(p.size for p in parameters if p.requires_grad)
        self.frozen = self.total - self.trainable
        self.bytes = sum(p.data.nbytes for p in parameters)
        learning = sum(p.data.nbytes for p in parameters if p.requires_grad)
        frozen = self.bytes - learning
        self.totals = [
            f"Total params: {self.total:,} ({in_bytes(self.bytes)})",
            f"Trainable params: {self.trainable:,} ({in_bytes(learning)})",
            f"Non-trainable params: {self.frozen:,} ({in_bytes(frozen)})",
        ]

    def __str__(self) -> str:
        widths = [
            max(map(len, column)) for column in zip(HEAD, *self.rows, strict=True)
        ]
        lines = [f"Model: {self.name}", _rule("┏━┳┓", widths), _line(HEAD, widths, "┃")]
        lines.append(_rule("┡━╇┩", widths))
        lines += [_line(row, widths, "│") for row in self.rows]
        lines.append(_rule("└─┴┘", widths))
        return "\n".join([*lines, *(f" {total}" for total in self.totals)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(text)}</th>" for text in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>"
            for row in self.rows
        )
        totals = "<br>".join(map(escape, self.totals))
        title = f"<caption>Model: {escape(self.name)}</caption>"
        return (
            f"<table>{title}<thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><p>{totals}</p>"
        )


def in_bytes(count: int) -> str:
    """A number of bytes as a person reads it.

    >>> in_bytes(1348), in_bytes(0)
    ('1.32 KB', '0.00 B')
    """
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024.0:
            return f"{size:.2f} {unit}"
        size /= 1024.0
    return f"{size:.2f} TB"


def _rule(ends: str, widths: list[int]) -> str:
    left, stroke, between, right = tuple(ends)
    return left + between.join(stroke * (width + 2) for width in widths) + right


def _line(row: Row, widths: list[int], wall: str) -> str:
    cells = [f" {text:<{width}} " for text, width in zip(row, widths, strict=True)]
    cells[-1] = f" {row[-1]:>{widths[-1]}} "
    return wall + wall.join(cells) + wall


def _rows(model: Module, shapes: dict[int, str]) -> list[Row]:
    """A row for each module that holds no other; a tied parameter counts once."""
    counted: set[int] = set()
    rows = []
    for name, module in model.named_modules():
        if module.children() and not _own(module):
            continue
        new = [p for p in _own(module) if id(p) not in counted]
        counted.update(map(id, new))
        kind = type(module).__name__
        rows.append(
            (
                f"{name} ({kind})" if name else kind,
                shapes.get(id(module), "?"),
                f"{sum(p.size for p in new):,}",
            )
        )
    return rows


def _own(module: Module) -> list[Any]:
    """The parameters that stand on the module itself, not on its children."""
    inner = {id(p) for child in module.children() for p in child.parameters()}
    return [p for p in module.parameters() if id(p) not in inner]


def _shapes(model: Module, x: Any) -> dict[int, str]:
    """The shape of each module's result, seen in one run without gradients."""
    size = _first_size(model) if x is None else x
    if size is None:
        return {}
    example, batch = _example(model, size)
    seen: dict[int, str] = {}

    def look(module: Module, inputs: tuple[Any, ...], out: Any) -> None:
        shape = getattr(out, "shape", None)
        if shape is None:
            seen[id(module)] = "?"
        elif batch and shape:
            seen[id(module)] = f"({', '.join(['batch', *map(str, shape[1:])])})"
        else:
            seen[id(module)] = str(tuple(shape))

    try:
        with switched(model, training=False), no_grad(), watching_calls(look):
            model(example)
    except (SeegradError, TypeError):
        if x is not None:
            raise  # the size of the first layer was a guess; your own x is not
    return seen


def _first_size(model: Module) -> Any:
    """How many features the first layer takes, if it says so."""
    layers = (layer for _, layer in model.named_modules() if not layer.children())
    return getattr(next(layers, None), "in_features", None)


def _example(model: Module, x: Any) -> tuple[Any, bool]:
    """An input to run on, and whether its first axis is a batch of any length."""
    if isinstance(x, np.ndarray | Tensor):
        return x, False
    shape = (
        (x,) if isinstance(x, int) else tuple(x) if isinstance(x, list | tuple) else ()
    )
    if not shape or not all(isinstance(n, int) for n in shape):
        raise InputTypeError(
            f"summary() takes an input or the shape of one example, not {x!r}",
            hint="model.summary((3,)), or model.summary(x[:1])",
        )
    if min(shape) < 0:
        raise ShapeError(f"a shape has sizes of 0 or more, not {shape}")
    return Tensor(np.zeros((1, *shape), precision(model))), True
