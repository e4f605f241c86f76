"""Index expressions say the same as the arithmetic that they were made by.

Whatever is simplified on the way (a division that comes out even, a rest that nothing
is left of) the number is the one that Python's ``//`` and ``%`` give, below zero too.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.compiler.programs.index import (
    Axis,
    Expression,
    Looked,
    Quotient,
    axes_of,
    broadcast,
    index_of,
    place,
    position,
    unravelled,
)

LENGTHS = (0, 1, 2, 3, 4, 6)
OPERATIONS = ["add", "subtract", "times", "divide", "rest", "combine"]


def value(expression, counters, tables=()):
    """The number that an expression stands for, when the counters are these."""
    total = expression.constant
    for atom, n in expression.atoms.items():
        total += n * _atom(atom, counters, tables)
    return total


def _atom(atom, counters, tables):
    if isinstance(atom, Axis):
        return counters[atom]
    if isinstance(atom, Looked):
        index = tuple(value(part, counters, tables) for part in atom.index)
        return int(atom.term[index])
    inner = value(atom.inner, counters, tables)
    return inner % atom.divisor if atom.rest else inner // atom.divisor


@st.composite
def formulas(draw):
    """Two to three counters, and an expression beside a function of their values."""
    axes = [
        Axis(n, f"i{k}")
        for k, n in enumerate(
            draw(st.lists(st.sampled_from(LENGTHS[1:]), min_size=2, max_size=3))
        )
    ]
    made = [(Expression.of(axis), lambda at, axis=axis: at[axis]) for axis in axes]
    for _ in range(draw(st.integers(1, 7))):
        (x, f), (y, g) = (draw(st.sampled_from(made)) for _ in range(2))
        n = draw(st.integers(-5, 5))
        d = draw(st.integers(1, 6))
        made.append(
            {
                "add": (x + y, lambda at, f=f, g=g: f(at) + g(at)),
                "subtract": (x - y, lambda at, f=f, g=g: f(at) - g(at)),
                "times": (x * n, lambda at, f=f, n=n: f(at) * n),
                "divide": (x // d, lambda at, f=f, d=d: f(at) // d),
                "rest": (x % d, lambda at, f=f, d=d: f(at) % d),
                "combine": (
                    x * d + y + n,
                    lambda at, f=f, g=g, d=d, n=n: f(at) * d + g(at) + n,
                ),
            }[draw(st.sampled_from(OPERATIONS))]
        )
    return axes, made


def everywhere(axes):
    """All values of some counters."""
    for numbers in itertools.product(*(range(axis.length) for axis in axes)):
        yield dict(zip(axes, numbers, strict=True))


@given(formulas())
def test_an_expression_is_the_arithmetic_that_made_it(formula):
    """At every value of its counters, and within the span that it tells."""
    axes, made = formula
    for expression, function in made:
        low, high = expression.span()
        for at in everywhere(axes):
            assert function(at) == value(expression, at)
            assert low <= value(expression, at) <= high


@given(formulas(), st.integers(1, 4))
def test_replacing_a_counter_is_computing_it_first(formula, step):
    """A counter in steps, or the parts of one that runs over two."""
    axes, made = formula
    both = Axis(axes[0].length * axes[1].length, "both")
    counter = Expression.of(both)
    new = {axes[0]: counter // axes[1].length, axes[1]: counter % axes[1].length}
    for expression, function in made:
        replaced = expression.replaced(new)
        for at in everywhere([both, *axes[2:]]):
            quotient, rest = divmod(at[both], axes[1].length)
            known = {axes[0]: quotient, axes[1]: rest, **at}
            assert function(known) == value(replaced, at)


@given(st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=4))
def test_a_place_is_unravelled_to_the_same_index(shape):
    """Whatever the shape, without a division left over."""
    shape = tuple(shape)
    axes = [Axis(n, f"i{k}") for k, n in enumerate(shape)]
    index = tuple(map(Expression.of, axes))
    assert index == unravelled(place(index, shape), shape)
    for at in everywhere(axes):
        expected = np.ravel_multi_index(tuple(at.values()), shape)
        assert expected == value(place(index, shape), at)


def test_what_comes_out_even_is_simple():
    """Adding axes, dropping and joining them leaves plain counters."""
    i, j = (Expression.of(Axis(n, name)) for n, name in ((4, "i"), (3, "j")))
    both = i * 3 + j
    assert (i, j) == (both // 3, both % 3)
    assert both == (both // 2) * 2 + both % 2
    assert "3*i + j" == repr(both)
    assert both.affine
    assert not (both // 2).affine
    assert isinstance(next(iter((both // 2).atoms)), Quotient)


def test_a_counter_of_one_round_is_zero_and_one_of_none_stays():
    """A loop without rounds must still be seen as a loop."""
    assert 0 == Expression.of(Axis(1))
    empty = Axis(0)
    assert {empty: 1} == Expression.of(empty).atoms


def test_a_plain_counter_is_told_from_all_else():
    """Not one with a number added, nor several times, nor a part of it."""
    i, j = Axis(4, "i"), Axis(3, "j")
    x, y = index_of([i, j])
    assert i is x.axis
    assert [None] * 5 == [e.axis for e in (x + 1, x * 2, x + y, x // 2, x - x)]


def test_a_view_is_walked_with_strides_of_its_own():
    """Every second column of a matrix of six, from the last row to the first."""
    rows, columns = index_of(axes_of((4, 3)))
    assert rows * -6 + columns * 2 == position((rows, columns), (-6, 2))
    assert place((rows, columns), (4, 3)) == position((rows, columns), (3, 1))


def test_equal_formulas_are_equal_and_other_ones_are_not():
    """Also as keys of a dictionary."""
    i, j = Expression.of(Axis(4, "i")), Expression.of(Axis(4, "j"))
    assert i + j - j == i
    assert i != j
    assert {i // 3: 1}[(i + j - j) // 3] == 1
    table = np.zeros(4, int)
    looked = [Expression.of(Looked(table, (x,), 9)) for x in (i, i + 0, j)]
    assert looked[0] == looked[1]
    assert looked[0] != looked[2]
    assert (0, 8) == looked[0].span()


@pytest.mark.parametrize("shape", [(3, 5), (1, 5), (5,), (), (3, 1)])
def test_a_smaller_array_is_read_as_numpy_broadcasts_it(shape):
    """An axis of length 1 is always read at 0; missing ones do not matter."""
    axes = Axis(3, "i"), Axis(5, "j")
    index = broadcast(tuple(map(Expression.of, axes)), shape)
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    for at in everywhere(axes):
        expected = np.broadcast_to(numbers, (3, 5))[tuple(at.values())]
        assert expected == numbers[tuple(value(part, at) for part in index)]
