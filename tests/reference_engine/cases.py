"""Calls whose values and slopes PyTorch has told us, where code tends to go wrong.

Each case is a function of a library and some inputs, written once: it runs on PyTorch
when the reference file is made, and on seegrad when it is tested. The names are the
same in both. Arriving gradients are uneven, so that a transposition cannot hide.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

INF, NAN = float("inf"), float("nan")
EDGES = np.array([
    0.0, -0.0, INF, -INF, NAN, 1e-300, -1e-300, 1e300, -1e300, 1e-20, 1e-8, -1e-8,
    1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.7, 50.0, -50.0, 1e3, -1e3, 1e5,
])  # fmt: skip
LEFT, RIGHT = (m.ravel() for m in np.meshgrid(EDGES, EDGES))
BOX = np.array([[0.5, -1.0, 2.0, 2.0], [2.0, 0.25, -3.0, 1.5], [-1.0, 4.0, 0.0, 4.0]])
CUBE = np.arange(24.0).reshape(2, 3, 4) * 7 % 11 - 5
NANS = np.array([[1.0, NAN, 3.0], [2.0, 2.0, 2.0]])
LOGITS = np.array([
    [1e4, 1e4, 1e4], [-INF, -INF, -INF], [INF, 1.0, 2.0], [NAN, 1.0, 2.0],
    [-INF, 0.0, 1.0], [1e300, -1e300, 0.0], [-1e4, 0.0, 1e4], [88.0, 89.0, 90.0],
])  # fmt: skip
CONSTANT = np.full((3, 4), 0.75)
OFFSET = 1e8 + np.array([0.25, -0.5, 1.0, 2.0, -0.75])
UNARY = [
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "softplus",
    "abs",
    "relu",
    "neg",
]
BINARY = ["add", "sub", "mul", "div", "pow", "maximum", "minimum"]
REDUCTIONS = ["sum", "mean", "var", "std", "amax", "amin", "logsumexp"]
DIMS: list[Any] = [0, 1, -1, (0, 1), (-1, 0)]


class Case(NamedTuple):
    """A named call: what is computed, and from which numbers."""

    name: str
    function: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]


def weights(shape: tuple[int, ...]) -> np.ndarray:
    """The gradient that arrives at an output of this shape: no two neighbours alike."""
    return (np.arange(np.prod(shape, dtype=int)) % 7 * 0.25 + 0.5).reshape(shape)


def store(path: Any, arrays: dict[str, np.ndarray]) -> None:
    """Many small arrays in a small file: their numbers end to end, and an index."""
    index = [f"{name}|{array.shape}" for name, array in arrays.items()]
    numbers = np.concatenate([array.ravel().astype(float) for array in arrays.values()])
    np.savez_compressed(path, index=np.array(index), numbers=numbers)


def stored(path: Any) -> dict[str, np.ndarray]:
    """What `store` stored."""
    file = np.load(path)
    found, start, numbers = {}, 0, file["numbers"]
    for entry in file["index"].tolist():
        name, _, text = entry.rpartition("|")
        shape = tuple(int(n) for n in text.strip("()").split(",") if n)
        stop = start + int(np.prod(shape, dtype=int))
        found[name], start = numbers[start:stop].reshape(shape), stop
    return found


def cases() -> Iterator[Case]:
    """All of them, in an order that does not matter."""
    for make in (_edges, _clamps, _reductions, _soft, _empty, _indices, _twice):
        for name, function, *inputs in make():
            yield Case(name, function, tuple(np.asarray(x, float) for x in inputs))
    for name, function, *inputs in [*_moved(), *_products(), *_broadcast()]:
        yield Case(name, function, tuple(np.asarray(x, float) for x in inputs))


def _edges() -> Iterator[tuple[Any, ...]]:
    for op in UNARY:
        yield f"{op} at the edges", lambda lib, x, op=op: getattr(lib, op)(x), EDGES
    for op in BINARY:
        name = f"{op} at the edges"
        yield name, lambda lib, x, y, op=op: getattr(lib, op)(x, y), LEFT, RIGHT
    yield "sigmoid, far out", lambda lib, x: lib.sigmoid(x), [-745.0, -40.0, 40.0]
    yield "softplus, far out", lambda lib, x: lib.softplus(x), [-745.0, -40.0, 40.0]
    small = [0.0, 1e-17, -1e-17, 1e-9, -1e-9, 1e-5]
    yield "expm1 near 0", lambda lib, x: lib.expm1(x), small
    yield "log1p near 0", lambda lib, x: lib.log1p(x), small
    for y in (0, 1, 2, 3, 0.5, -1):
        zeros = [0.0, 1.0, -2.0]
        yield f"pow of 0 and others to {y}", lambda lib, x, y=y: x**y, zeros
        yield f"{y} to the power of 0 and others", lambda lib, x, y=y: y**x, zeros
    yield "where, NaN not taken", _where, [1.0, -1.0, 2.0], [NAN, 3.0, INF]
    yield "where, log of 0 not taken", _log_or_x, [-1.0, 0.5, 2.0]


def _where(lib: Any, x: Any, y: Any) -> Any:
    return lib.where(x > 0, x, y)


def _log_or_x(lib: Any, x: Any) -> Any:
    return lib.where(x > 0, lib.log(x), x)


def _clamps() -> Iterator[tuple[Any, ...]]:
    for low, high in [(-1, 1), (0, None), (None, 0.5), (1, -1), (-1.0, -1.0)]:
        name = f"clamp from {low} to {high}"
        yield name, lambda lib, x, a=low, b=high: lib.clamp(x, a, b), EDGES


def _reductions() -> Iterator[tuple[Any, ...]]:
    inputs = {"box": BOX, "NaN": NANS, "constant": CONSTANT, "1e8": OFFSET[None]}
    for op in REDUCTIONS:
        for dim in DIMS:
            for keepdim in (False, True):
                for what, x in inputs.items():
                    if (op, what) == ("logsumexp", "1e8"):
                        continue  # 1e8 + log(5) has no digits left to compare
                    name = f"{op} of {what} over {dim}, keepdim {keepdim}"
                    yield name, _reduction(op, dim, keepdim), x
    for op in ("var", "std"):
        for n in (0, 1, 2):
            name = f"{op} of offset numbers, correction {n}"
            yield name, lambda lib, x, op=op, n=n: _spread(lib, op, x, n), OFFSET
        yield f"{op} of one number", _reduction(op, 0, False), [3.0]
    for op in ("max", "min"):
        yield f"{op} of all", lambda lib, x, op=op: getattr(lib, op)(x), BOX
        for dim in (0, 1, -1):
            name = f"{op} along {dim}"
            yield name, lambda lib, x, op=op, d=dim: getattr(lib, op)(x, d).values, BOX
    for op in ("argmax", "argmin"):
        for dim in (None, 0, 1):
            for what, x in {"box": BOX, "NaN": NANS}.items():
                name = f"{op} of {what} along {dim}"
                yield name, lambda lib, x, op=op, d=dim: getattr(lib, op)(x, d), x


def _reduction(op: str, dim: Any, keepdim: bool) -> Any:
    return lambda lib, x: getattr(lib, op)(x, dim=dim, keepdim=keepdim)


def _spread(lib: Any, op: str, x: Any, correction: int) -> Any:
    return getattr(lib, op)(x, dim=0, correction=correction)


def _soft() -> Iterator[tuple[Any, ...]]:
    for op in ("softmax", "log_softmax", "logsumexp"):
        for dim in (0, 1, -1):
            name = f"{op} of hard logits over {dim}"
            yield name, lambda lib, x, op=op, d=dim: getattr(lib, op)(x, d), LOGITS
            for i, row in enumerate(LOGITS):
                name = f"{op} of the row {i} over {dim}"
                dim_of_row = 0 if dim == 0 else -1
                yield (
                    name,
                    lambda lib, x, op=op, d=dim_of_row: getattr(lib, op)(x, d),
                    row,
                )


def _empty() -> Iterator[tuple[Any, ...]]:
    for op in ("sum", "mean", "logsumexp", "var", "std"):
        for shape in ((), (0,), (0, 3), (3, 0)):
            for dim in range(-1, len(shape)):
                for keepdim in (False, True):
                    if shape:
                        name = f"{op} of shape {shape} over {dim}, keepdim {keepdim}"
                        yield name, _reduction(op, dim, keepdim), np.zeros(shape)
            if op != "logsumexp":
                name = f"{op} of shape {shape}"
                yield name, lambda lib, x, op=op: getattr(lib, op)(x), np.ones(shape)
    for op in ("amax", "amin"):
        yield f"{op} of no axes", lambda lib, x, op=op: getattr(lib, op)(x), 3.0
        name = f"{op} of shape (0, 3) over 1"
        yield name, _reduction(op, 1, False), np.zeros((0, 3))
    for op in ("softmax", "log_softmax"):
        for shape, dim in [((0, 3), 0), ((0, 3), 1), ((0,), 0)]:
            name = f"{op} of shape {shape} over {dim}"
            yield (
                name,
                lambda lib, x, op=op, d=dim: getattr(lib, op)(x, d),
                np.zeros(shape),
            )


def _indices() -> Iterator[tuple[Any, ...]]:
    indices: list[Any] = [
        0, -1, [0, 0, 2], ([0, 0, 0], [1, 1, 2]), slice(None, None, 2), (..., 1),
        (None, 1), (slice(1, None), [3, 3, 0]), ([[0, 1], [1, 1]],), (1, slice(0, 0)),
        (slice(None), None, -1),
    ]  # fmt: skip
    for index in indices:
        yield f"x[{index}]", lambda lib, x, index=index: x[index], BOX
    for index in indices[:2] + indices[4:7]:
        yield f"x[{index}] of a cube", lambda lib, x, index=index: x[index], CUBE
    yield "x[x > 1]", lambda lib, x: x[x > 1], BOX
    yield "x[x > 9]", lambda lib, x: x[x > 9], BOX
    yield "gather, repeated", _gather([[0, 0], [3, 1], [2, 2]], 1), BOX
    yield "gather along 0", _gather([[0, 0, 2, 1]], 0), BOX


def _gather(index: Any, dim: int) -> Any:
    return lambda lib, x: lib.gather(x, dim, lib.tensor(index))


def _twice() -> Iterator[tuple[Any, ...]]:
    yield "x + x", lambda lib, x: x + x, BOX
    yield "x - x", lambda lib, x: x - x, BOX
    yield "x * x", lambda lib, x: x * x, BOX
    yield "x / x", lambda lib, x: x / x, [1.0, -2.0, 0.0, 1e200]
    yield "x ** x", lambda lib, x: x**x, [1.0, 2.0, 0.5, 0.0]
    yield "x @ x", lambda lib, x: x @ x, BOX[:, :3]
    yield "maximum(x, x)", lambda lib, x: lib.maximum(x, x), BOX
    yield "minimum(x, x)", lambda lib, x: lib.minimum(x, x), BOX
    yield "where(c, x, x)", lambda lib, x: lib.where(x > 0, x, x), BOX
    yield "x beside x", lambda lib, x: lib.concatenate([x, x], 1), BOX
    yield "x upon x", lambda lib, x: lib.stack([x, x], 1), BOX


def _moved() -> Iterator[tuple[Any, ...]]:
    yield "reshape", lambda lib, x: x.reshape(4, -1), CUBE
    yield "permute", lambda lib, x: x.permute(2, 0, 1), CUBE
    yield "transpose", lambda lib, x: x.transpose(0, -1), CUBE
    yield "T", lambda lib, x: x.T, BOX
    yield "flatten", lambda lib, x: x.flatten(1), CUBE
    yield "flatten a number", lambda lib, x: x.flatten(), 2.0
    yield "squeeze", lambda lib, x: x.squeeze(), CUBE[:, :1]
    yield "squeeze one", lambda lib, x: x.squeeze(1), CUBE[:1, :1]
    yield "unsqueeze", lambda lib, x: x.unsqueeze(-1), BOX
    yield "broadcast_to", lambda lib, x: x.broadcast_to((2, 3, 4)), BOX[:, :1]
    yield "concatenate", lambda lib, x, y: lib.concatenate([x, y]), BOX, BOX[:1]
    yield "stack", lambda lib, x, y: lib.stack([x, y], -1), BOX, -BOX
    yield "detach", lambda lib, x: x * x.detach(), BOX


def _products() -> Iterator[tuple[Any, ...]]:
    shapes = [((4,), (4,)), ((4,), (4, 2)), ((3, 4), (4,)), ((3, 4), (4, 2))]
    shapes += [((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((2, 3, 4), (2, 4, 2))]
    shapes += [((2, 1, 3, 4), (5, 4, 2)), ((0, 4), (4, 2)), ((3, 0), (0, 2))]
    for a, b in shapes:
        x, y = weights(a) - 1.0, weights(b) - 0.75
        yield f"{a} @ {b}", lambda lib, x, y: x @ y, x, y


def _broadcast() -> Iterator[tuple[Any, ...]]:
    pairs = [((3, 4), (4,)), ((2, 1, 3), (5, 1)), ((), (5,)), ((3, 1), (1, 4))]
    pairs += [((0, 3), (1, 3)), ((1,), ()), ((2, 3), (2, 1))]
    for op in ("add", "mul", "div", "pow", "maximum"):
        for a, b in pairs:
            x, y = weights(a), weights(b) + 0.125
            yield (
                f"{op} of {a} and {b}",
                lambda lib, x, y, op=op: getattr(lib, op)(x, y),
                x,
                y,
            )
