"""Pseudo-code is true: turned into Python, it computes what the machine code does.

The loops of an explanation are translated line by line and run on the numbers that were
there before a step. Afterwards every parameter, every memory of the optimizer and the
result must be what the native step left behind.
"""

import itertools
import re

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, ops, optim

RANGE = re.compile(r"(\w+) in 0\.\.(\d+)")
WORDS = {"sum": sum, "maximum": max, "minimum": min, "all": all, "any": any}


def python_of(text, called):
    """One line of pseudo-code as Python; ``called`` turns names into look-ups."""
    if text.startswith("for "):
        letters, lengths = zip(*RANGE.findall(text), strict=True)
        ranges = ", ".join(f"range({n})" for n in lengths)
        return f"for {', '.join(letters)}, in product({ranges}):"
    if text.endswith(" = 0 everywhere"):
        return f"{called(text.split(' = ')[0])}[...] = 0"
    found = re.match(r"(.*?) = (\w+) over (.*?) of (.*)", text)
    if found and found[2] in WORDS:
        rounds = " ".join(f"for {i} in range({n})" for i, n in RANGE.findall(found[3]))
        text = f"{found[1]} = {found[2]}_over(({found[4]}) {rounds})"
    return called(text)


class Numbers(dict):
    """What every name stands for."""

    def __missing__(self, name):
        raise AssertionError(f"{name} is read before it is computed")


def run(rows, numbers):
    """Run all kernels, one after the other."""
    names = set(numbers)
    for row in rows:
        for written in row["writes"]:
            names.add(written["name"])
            if written["shape"] and written["name"] not in numbers:
                shape = tuple(written["shape"])
                numbers[written["name"]] = np.zeros(shape, written["dtype"])
        for line in row["pseudo"]:
            names |= set(re.findall(r"\bt\d+\b", line["text"]))
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    known = re.compile(rf"(?<![\w.])({'|'.join(longest)})(?![\w.(])")

    def called(text):
        return known.sub(lambda found: f'v["{found[1]}"]', text)

    words = {f"{word}_over": how for word, how in WORDS.items()}
    functions = {name: getattr(ops, name) for name in dir(ops) if name[0] != "_"}
    types = {name: getattr(np, name) for name in ("float32", "float64", "int64")}
    space = functions | types | words | {"v": numbers, "inf": np.inf}
    space["product"] = itertools.product
    for row in rows:
        lines = [(line["depth"], line["text"]) for line in row["pseudo"]]
        code = [" " * depth + python_of(text, called) for depth, text in lines]
        exec("\n".join(code), space)


def before(step, x, y, explanation):
    """The number of every name, before a step with these arguments is taken."""
    native, names = step.latest.native, explanation._names
    numbers = Numbers(x=np.asarray(x.data), y=np.asarray(y.data))
    for leaf in native.schedule.leaves:
        if leaf.is_constant:
            numbers[names.term(leaf)] = leaf.data.copy()
        elif hasattr(leaf.source, "read") and "Draw" not in type(leaf.source).__name__:
            found = leaf.source.read()
            numbers[names.term(leaf)] = np.array(found) if np.ndim(found) else found
    numbers.update(joined(native, names))
    return numbers


def joined(native, names):
    """What is joined and its parts, which lie in the memory of the whole."""
    layout, memory = native.layout, np.zeros(native.layout.arena_bytes, np.uint8)
    found = {}
    for whole, parts in native.schedule.joins.items():
        for term in (whole, *parts):
            _, offset = layout.places[term]
            strides = layout.strides.get(term)
            steps = strides and [n * term.dtype.itemsize for n in strides]
            found[names.term(term)] = np.ndarray(
                term.shape, term.dtype, memory, offset, steps
            )
    return found


class States(nn.Module):
    """The mean of the states of a recurrent network: they are joined, and cut again."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, seed=0)

    def forward(self, x):
        """From (time, batch, 3) to (batch, 4)."""
        return self.lstm(x)[0].mean(dim=0)


CASES = {
    "recurrent": (States, (3, 3, 3)),
    "dense": (lambda: nn.MLP(3, [5], 4, activation="tanh", seed=0), (6, 3)),
    "normal": (
        lambda: nn.Sequential(nn.Linear(3, 4, seed=0), nn.LayerNorm(4), nn.ReLU()),
        (6, 3),
    ),
    "images": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 2, 3, padding=1, seed=0),
            nn.BatchNorm2d(2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(8, 4, seed=1),
        ),
        (3, 1, 4, 4),
    ),
    "sequences": (
        lambda: nn.Sequential(
            nn.Embedding(9, 4, seed=0), nn.Flatten(), nn.Linear(12, 4, seed=1)
        ),
        (5, 3),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_loops_compute_what_the_machine_does(name):
    """Result, parameters and the memory of the optimizer after one more step."""
    make, shape = CASES[name]
    generator = np.random.default_rng(0)
    model = make()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    if name == "images":  # the gradient before a batch norm is nothing but rounding
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x = generator.normal(size=shape).astype(np.float32)
    if name == "sequences":
        x = generator.integers(0, 9, shape)
    x, y = sg.tensor(x), sg.tensor(generator.integers(0, 4, shape[0]))

    def train_step(x, y):
        out = losses.cross_entropy(model(x), y)
        optimizer.zero_grad()
        out.backward()
        optimizer.step()
        return out

    step = sg.compile(train_step)
    step(x, y)
    explanation = step.explain()
    numbers = before(step, x, y, explanation)
    assert ("joined" in numbers) == (name == "recurrent")
    run(explanation.table, numbers)
    result = step(x, y)

    np.testing.assert_allclose(numbers["result"], result.data, rtol=1e-5)
    compared = 0
    for goal in step.latest.native.schedule.goals:
        if not isinstance(goal.target, int):
            mine = numbers[explanation._names.term(goal.term)]
            np.testing.assert_allclose(mine, goal.target.read(), rtol=2e-4, atol=2e-6)
            compared += 1
    assert compared >= 2 * len(model.parameters())
