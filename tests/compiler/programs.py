"""Not a test: programs made at random: a line for each number, and any number will do.

A program is a list of codes, whole numbers. What one means depends only on the shapes
of what was computed before, so a program runs eagerly and compiled alike, and a shorter
list is a program too: hypothesis can make a failing one small. Numbers are kept near 1,
so that rounding stays near the last digit.
"""

import math
import random
import runpy
from pathlib import Path

import numpy as np

import seegrad as sg
from seegrad import ops

LENGTHS = [1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 65]
MOST = 4500  # numbers in one tensor
POOL = 6000  # numbers of the parameter that partners of any shape are cut from

FORMULAS = runpy.run_path(str(Path(__file__).parent / "formulas.py"))
SMOOTH, SHARP = FORMULAS["SMOOTH"], FORMULAS["SHARP"]
BINARY, SHARP_BINARY = FORMULAS["BINARY"], FORMULAS["SHARP_BINARY"]


class Dice:
    """A generator that a code starts, the same everywhere."""

    def __init__(self, code):
        self.random = random.Random(code).random

    def below(self, n):
        """A whole number from 0 up to n - 1."""
        return int(self.random() * n)

    def among(self, choices):
        """One of several things."""
        return choices[self.below(len(choices))]

    def some(self, choices):
        """Any of several things, at least one, each once."""
        bits = 1 + self.below(2 ** len(choices) - 1)
        return [x for k, x in enumerate(choices) if bits >> k & 1]


class Machine:
    """Runs codes over what it has: arguments, parameters, and all that it made."""

    def __init__(self, arguments, pool, positions, sharp):
        self.made, self.pool = list(arguments), pool
        self.positions, self.sharp, self.used = positions, sharp, 0

    def cut(self, shape):
        """A partner of this shape, cut from the parameter at a place that moves on."""
        size = math.prod(shape)
        start = self.used % (POOL - size + 1)
        self.used += 7
        return self.pool[start : start + size].reshape(shape)

    def run(self, codes):
        """Everything that the program computes."""
        for code in codes:
            dice = Dice(code)
            step = dice.among(SHARP_STEPS if self.sharp else STEPS)
            x = dice.among(self.made)
            out = step(self, x, dice)
            if out.size <= MOST and out.ndim <= 6:
                self.made.append(out)
        return self.made

    def index(self, length, count):
        """So many positions along an axis; some are named twice, some from the end."""
        start = count % 5
        return self.positions[length][start : start + count]


def unary(machine, x, dice):
    """One function of each number."""
    return dice.among(SMOOTH + SHARP * machine.sharp)(x, dice)


def binary(machine, x, dice):
    """Two tensors that broadcast: an earlier one if one fits, or a cut of the pool."""
    y = dice.among(machine.made)
    try:
        shape = np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        shape = None
    if shape is None or math.prod(shape) > MOST:
        kept = [n if dice.below(3) else 1 for n in x.shape]
        y = machine.cut(kept[dice.below(len(kept) + 1) :])
    return dice.among(BINARY + SHARP_BINARY * machine.sharp)(x, y)


def reduced(machine, x, dice):
    """Fewer numbers, over some of the axes."""
    names = ["mean", "sum", "logsumexp", "softmax", "var", "log_softmax"]
    names += ["amax", "amin", "any", "count"] * machine.sharp
    name = dice.among(names)
    keepdim = bool(dice.below(2))
    if not x.ndim:
        return x.mean()
    if name in ("softmax", "log_softmax", "logsumexp"):
        dim = dice.below(x.ndim)
        return getattr(sg, name)(x, dim)
    dim = tuple(dice.some(range(x.ndim)))
    count = math.prod(x.shape[d] for d in dim)
    if name == "sum":
        return x.sum(dim, keepdim) / math.sqrt(count)
    if name == "count":
        return (x > 0).sum(dim, keepdim).to(x.dtype) / count
    if name == "any":
        return (x > 1.0).any(dim, keepdim).to(x.dtype)
    if name == "var":
        if count < 2:
            return x.mean(dim, keepdim)
        return sg.var(x, dim, keepdim=keepdim)
    return getattr(x, name)(dim, keepdim)


def moved(machine, x, dice):
    """The same numbers elsewhere."""
    name = dice.among(["permute", "reshape", "broadcast", "unsqueeze", "squeeze"])
    if name == "permute":
        order, left = [], list(range(x.ndim))
        while left:
            order.append(left.pop(dice.below(len(left))))
        return x.permute(tuple(order))
    if name == "reshape":
        shape, rest = [], x.size
        for _ in range(3):
            parts = [n for n in range(1, min(rest, 70) + 1) if rest % n == 0]
            shape.append(dice.among(parts))
            rest //= shape[-1]
        return x.reshape((*shape, rest))
    if name == "broadcast":
        shape = [dice.among([1, 2, 3, 16, 17]) if n == 1 else n for n in x.shape]
        if math.prod(shape) > MOST:
            return x
        if dice.below(2) and math.prod(shape) * 3 <= MOST:
            shape = [3, *shape]
        return sg.broadcast_to(x, tuple(shape))
    return x.unsqueeze(dice.below(x.ndim + 1)) if name == "unsqueeze" else x.squeeze()


def sliced(machine, x, dice):
    """Numbers and slices with steps of either sign."""
    index = []
    for n in x.shape:
        kind = dice.below(6)
        if kind == 0:
            index.append(dice.below(n))
        elif kind == 1:
            index.append(slice(None, None, -1))
        elif kind == 2:
            index.append(slice(None, None, 2))
        elif kind == 3:
            index.append(slice(dice.below((n + 1) // 2), None))
        elif kind == 4:
            index.append(slice(n - 1, None, -2))
        else:
            index.append(slice(None))
        if not dice.below(5):
            index.append(None)
    return x[tuple(index)]


def joined(machine, x, dice):
    """Several tensors end to end, and frames of zeros."""
    if not x.ndim:
        return sg.stack([x, x * 0.5, x])
    if dice.below(3) == 0:
        widths = tuple((dice.below(3), dice.below(4)) for _ in x.shape)
        return sg.pad(x, widths)
    dim = dice.below(x.ndim)
    shape = (*x.shape[:dim], dice.among([1, 2, 5]), *x.shape[dim + 1 :])
    if math.prod(shape) > MOST:
        return x[::-1]
    part = machine.cut(shape)
    parts = dice.among([[x, part], [part, x], [x, x], [part, x, x * 0.5]])
    return sg.concatenate(parts, dim)


def product(machine, x, dice):
    """A matrix product with a partner on either side, stacked or not."""
    if not x.ndim:
        return x * 0.5
    side, columns = dice.below(2), dice.among(LENGTHS[:10])
    stack = dice.among([(), (), (), (2,), (1,), (3, 1), x.shape[:-2], "vector"])
    if side == 0 or x.ndim == 1:
        n = x.shape[-1]
        if stack == "vector":
            return (x @ machine.cut((n,))) / math.sqrt(n)
        out = np.broadcast_shapes(x.shape[:-2], stack) if fits(x, stack) else ()
        stack = stack if fits(x, stack) else ()
        partner = math.prod((*stack, n, columns))
        if math.prod((*out, *x.shape[-2:-1], columns)) > MOST or partner > POOL:
            return x
        return x @ machine.cut((*stack, n, columns)) / math.sqrt(n)
    n = x.shape[-2]
    if stack == "vector":
        return machine.cut((n,)) @ x / math.sqrt(n)
    stack = stack if fits(x, stack) else ()
    out = np.broadcast_shapes(x.shape[:-2], stack)
    partner = math.prod((*stack, columns, n))
    if math.prod((*out, columns, x.shape[-1])) > MOST or partner > POOL:
        return x
    return machine.cut((*stack, columns, n)) @ x / math.sqrt(n)


def fits(x, stack):
    """Whether a stack of matrices broadcasts with that of x."""
    try:
        np.broadcast_shapes(x.shape[:-2], stack)
    except ValueError:
        return False
    return True


def looked_up(machine, x, dice):
    """Rows by position, one number each, and numbers put back where some meet."""
    dims = [d for d, n in enumerate(x.shape) if n in machine.positions]
    if not dims:
        return x + 0.25
    dim = dice.among(dims)
    n, count = x.shape[dim], dice.among([1, 3, 6, 17])
    kind = dice.below(4)
    if kind == 0:
        return sg.take(x, machine.index(n, count), dim=dim)
    if kind == 1:
        index = machine.index(n, 4).reshape(2, 2)
        return sg.take(x, index, dim=dim)
    if kind == 2:
        index = machine.index(n, count).reshape(
            tuple(count if d == dim else 1 for d in range(x.ndim))
        )
        shape = tuple(count if d == dim else m for d, m in enumerate(x.shape))
        if math.prod(shape) > MOST:
            return x
        return sg.gather(x, dim, sg.broadcast_to(index, shape))
    length = dice.among([k for k in LENGTHS if k in machine.positions])
    return ops.scatter_add(x, machine.index(length, n), dim=dim, length=length) / 2


def mixed(machine, x, dice):
    """The same numbers as they come out of other types."""
    kind = dice.below(3)
    if kind == 0:
        return x.to(sg.float64).exp().to(x.dtype) * 0.25
    if kind == 1:
        return (x * 4.0).detach().to(sg.int64).to(x.dtype) * 0.1 + x
    return sg.where((x > 0).to(sg.int32) * 3 - 1 > 0, x, 0.5)


STEPS = [unary, unary, binary, binary, reduced, moved, sliced, joined, product]
STEPS += [looked_up, reduced, product, moved]
SHARP_STEPS = [*STEPS, mixed]
SHAPES = [(17,), (5, 8), (33, 4), (3, 1, 16), (2, 3, 7, 5), (1,), (), (65, 33)]


def inputs(seed, dtype):
    """Arguments, a parameter and positions, from a seed."""
    rng = np.random.default_rng(seed)
    arguments = [rng.uniform(-1.5, 1.5, shape).astype(dtype) for shape in SHAPES]
    pool = rng.uniform(-1.5, 1.5, POOL).astype(dtype)
    positions = {n: rng.integers(-n, n, 70) for n in LENGTHS if n > 1}
    return arguments, pool, positions


def step_of(codes, pool, sharp, lr=0.25):
    """A training step: everything forward, a loss of it all, backward, an update.

    ``sharp`` programs have corners and ties: there rounding may decide which way the
    gradient goes, so they are for float64, where that is unlikely.
    """

    def step(arguments, positions):
        machine = Machine(arguments, pool, positions, sharp)
        made = machine.run(codes)
        loss = made[0].sum() * 0.0
        for k, x in enumerate(made):
            loss = loss + (x * (1.0 + k % 3)).mean()
        pool.grad = None
        loss.backward()
        gradients = [x.grad for x in arguments if x.requires_grad]
        gradient = pool.grad
        if gradient is not None:
            pool.assign(pool.detach() - lr * gradient)
        return loss, made[len(arguments) :], gradients, gradient

    return step
