"""Random programs: a few dozen operations each, the same from a seed on every machine.

Whoever runs a program brings the library: PyTorch when the reference values are made,
seegrad when they are tested. The generator knows the shape of everything it has made,
so every program is right, and it keeps the numbers tame, so that rounding stays small.
"""

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Shape = tuple[int, ...]
SHAPES: list[Shape] = [(), (3,), (2, 3), (3, 1), (2, 1, 3), (4, 3), (1,)]
UNARY: dict[str, Callable[[Any, Any], Any]] = {
    "tanh": lambda lib, x: lib.tanh(x),
    "sin": lambda lib, x: lib.sin(x),
    "cos": lambda lib, x: lib.cos(x * 2),
    "sigmoid": lambda lib, x: lib.sigmoid(x),
    "softplus": lambda lib, x: lib.softplus(x),
    "exp": lambda lib, x: lib.exp(-x * x),
    "relu": lambda lib, x: lib.relu(x),
    "abs": lambda lib, x: 1 - lib.abs(x),
    "sqrt": lambda lib, x: lib.sqrt(x * x + 1),
    "log": lambda lib, x: lib.log(1.5 + lib.tanh(x)),
    "clamp": lambda lib, x: lib.clamp(x, -0.8, 0.9),
    "pow": lambda lib, x: lib.tanh(x) ** 3,
    "where": lambda lib, x: lib.where(x > 0.1, x, x * x - 0.5),
}
BINARY: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda lib, x, y: (x + y) / 2,
    "sub": lambda lib, x, y: x - y / 3,
    "mul": lambda lib, x, y: x * y,
    "div": lambda lib, x, y: x / (y * y + 1.0),
    "maximum": lambda lib, x, y: lib.maximum(x, y * 1.25),
    "minimum": lambda lib, x, y: lib.minimum(x, 0.75 * y),
}


class Step(NamedTuple):
    """One line of a program: which function, of which earlier results, with what."""

    function: str
    inputs: tuple[int, ...]
    detail: Any = None


class Program(NamedTuple):
    """Leaves with their numbers, then steps; the result is a sum over what is left."""

    leaves: list[np.ndarray]
    steps: list[Step]


class _Dice:
    """A generator that relies on `random()` alone, whose numbers never change."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def among(self, choices: Any) -> Any:
        choices = list(choices)
        return choices[int(self.random() * len(choices))]


def program(seed: int) -> Program:
    """The program of this seed."""
    dice = _Dice(seed)
    shapes = [dice.among(SHAPES) for _ in range(2 + int(dice.random() * 3))]
    leaves = [
        np.array([dice.random() * 3 - 1.5 for _ in range(math.prod(s))]).reshape(s)
        for s in shapes
    ]
    steps: list[Step] = []
    for _ in range(6 + int(dice.random() * 20)):
        step, shape = dice.among((_unary, _binary, _reduced, _moved, _product))(
            dice, shapes
        )
        if math.prod(shape) <= 64:
            steps.append(step)
            shapes.append(shape)
    return Program(leaves, steps)


def run(program: Program, lib: Any, leaves: list[Any]) -> Any:
    """The result of a program: the mean of everything that it computed."""
    made = list(leaves)
    for step in program.steps:
        made.append(_do(step, lib, [made[i] for i in step.inputs]))
    total = made[0].sum() * 0.0
    for i, x in enumerate(made):
        total = total + lib.mean(x) * (1.0 + i % 3)
    return total


def _do(step: Step, lib: Any, inputs: list[Any]) -> Any:
    name, x, detail = step.function, inputs[0], step.detail
    if name in UNARY:
        return UNARY[name](lib, x)
    if name in BINARY:
        return BINARY[name](lib, x, inputs[1])
    if name == "index":
        return x[detail]
    if name in ("concatenate", "stack"):
        return getattr(lib, name)(inputs, detail)
    if name == "matmul":
        return lib.tanh(x @ inputs[1])
    return getattr(lib, name)(x, *detail)


def _unary(dice: _Dice, shapes: list[Shape]) -> tuple[Step, Shape]:
    i = dice.among(range(len(shapes)))
    return Step(dice.among(UNARY), (i,)), shapes[i]


def _binary(dice: _Dice, shapes: list[Shape]) -> tuple[Step, Shape]:
    i, j = dice.among(range(len(shapes))), dice.among(range(len(shapes)))
    try:
        shape = np.broadcast_shapes(shapes[i], shapes[j])
    except ValueError:
        j, shape = i, shapes[i]
    return Step(dice.among(BINARY), (i, j)), shape


def _reduced(dice: _Dice, shapes: list[Shape]) -> tuple[Step, Shape]:
    i = dice.among(range(len(shapes)))
    shape = shapes[i]
    if not shape:
        return _unary(dice, shapes)
    dim = dice.among(range(len(shape)))
    name = dice.among(["sum", "mean", "amax", "amin", "logsumexp", "softmax", "var"])
    if name == "softmax":
        return Step(name, (i,), (dim,)), shape
    rest = shape[:dim] + shape[dim + 1 :]
    if name in ("sum", "var"):  # one that may grow, one that needs two numbers
        name = "mean"
    return Step(name, (i,), (dim,)), rest


def _moved(dice: _Dice, shapes: list[Shape]) -> tuple[Step, Shape]:
    i = dice.among([i for i, shape in enumerate(shapes) if shape] or [0])
    shape = shapes[i]
    if not shape:
        return Step("unsqueeze", (i,), (0,)), (1,)
    dim = dice.among(range(len(shape)))
    name = dice.among(["index", "repeat", "transpose", "reshape", "concatenate"])
    if name == "index":
        step = dice.among([slice(None, None, 2), slice(1, None), slice(0, 1)])
        index = (*(slice(None) for _ in range(dim)), step)
        length = len(range(*step.indices(shape[dim])))
        if not length:
            return _unary(dice, shapes)
        return Step("index", (i,), index), (*shape[:dim], length, *shape[dim + 1 :])
    if name == "repeat":
        positions = [dice.among(range(shape[0])) for _ in range(3)]
        return Step("index", (i,), (positions,)), (3, *shape[1:])
    if name == "transpose":
        turned = list(shape)
        turned[0], turned[dim] = turned[dim], turned[0]
        return Step("transpose", (i,), (0, dim)), tuple(turned)
    if name == "reshape":
        return Step("reshape", (i,), ((-1,),)), (math.prod(shape),)
    doubled = (*shape[:dim], 2 * shape[dim], *shape[dim + 1 :])
    return Step("concatenate", (i, i), dim), doubled


def _product(dice: _Dice, shapes: list[Shape]) -> tuple[Step, Shape]:
    pairs = [
        (i, j)
        for i, a in enumerate(shapes)
        for j, b in enumerate(shapes)
        if len(a) == 2 and len(b) in (1, 2) and a[1] == b[0]
    ]
    if not pairs:
        return _moved(dice, shapes)
    i, j = dice.among(pairs)
    return Step("matmul", (i, j)), (shapes[i][0], *shapes[j][1:])
