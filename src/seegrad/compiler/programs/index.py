"""Where a number stands, as a formula: index expressions and how they simplify.

While a loop runs over the axes of one array, the numbers it needs stand somewhere in
others: turned over, shifted, repeated, looked up. Each place is a sum of counters times
whole numbers, with a division here and there. Kept as formulas, most of them turn out
to be simple, and a simple place is what a vector load needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Index = tuple["Expression", ...]


class Axis:
    """A counter of a loop, from 0 up to, not including, ``length``."""

    __slots__ = ("length", "name")

    def __init__(self, length: int, name: str = "i") -> None:
        self.length, self.name = length, name

    def __repr__(self) -> str:
        return self.name

    def span(self) -> tuple[int, int]:
        """The least and the largest value."""
        return 0, max(self.length - 1, 0)


@dataclass(frozen=True, slots=True)
class Quotient:
    """inner // divisor, or inner % divisor where ``rest``."""

    inner: Expression
    divisor: int
    rest: bool

    def __repr__(self) -> str:
        return f"({self.inner} {'%' if self.rest else '//'} {self.divisor})"

    def span(self) -> tuple[int, int]:
        """The least and the largest value."""
        low, high = self.inner.span()
        if not self.rest:
            return low // self.divisor, high // self.divisor
        if low // self.divisor == high // self.divisor:
            return low % self.divisor, high % self.divisor
        return 0, self.divisor - 1


@dataclass(frozen=True, slots=True)
class Looked:
    """The whole number that stands in the array of ``term`` at an index."""

    term: Any = field(hash=False)
    index: Index
    length: int

    def __repr__(self) -> str:
        return f"{self.term}{list(self.index)}"

    def span(self) -> tuple[int, int]:
        """The least and the largest value, which a check makes sure of."""
        return 0, max(self.length - 1, 0)


Atom = Axis | Quotient | Looked


class Expression:
    """A sum of atoms times whole numbers, and a whole number; always in normal form.

    >>> i, j = Expression.of(Axis(4, "i")), Expression.of(Axis(3, "j"))
    >>> i * 3 + j, (i * 3 + j) // 3, (i * 3 + j) % 3
    (3*i + j, i, j)
    """

    __slots__ = ("atoms", "constant")

    def __init__(self, atoms: dict[Atom, int], constant: int) -> None:
        self.atoms, self.constant = atoms, constant

    @staticmethod
    def of(thing: Any) -> Expression:
        """An expression of an atom or of a whole number."""
        if isinstance(thing, Expression):
            return thing
        if isinstance(thing, Axis) and thing.length != 1:
            return Expression({thing: 1}, 0)  # a loop without rounds stays one
        if isinstance(thing, Axis | Quotient | Looked):
            low, high = thing.span()
            return Expression({thing: 1}, 0) if low < high else Expression({}, low)
        return Expression({}, int(thing))

    def __eq__(self, other: object) -> bool:
        other = Expression.of(other)
        return self.constant == other.constant and self.atoms == other.atoms

    def __hash__(self) -> int:
        return hash((frozenset(self.atoms.items()), self.constant))

    def __repr__(self) -> str:
        parts = [f"{n}*{a}" if n != 1 else f"{a}" for a, n in self.atoms.items()]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return " + ".join(parts)

    def __add__(self, other: Any) -> Expression:
        other = Expression.of(other)
        atoms = dict(self.atoms)
        for atom, n in other.atoms.items():
            atoms[atom] = atoms.get(atom, 0) + n
            if not atoms[atom]:
                del atoms[atom]
        return _joined(Expression(atoms, self.constant + other.constant))

    __radd__ = __add__

    def __neg__(self) -> Expression:
        return self * -1

    def __sub__(self, other: Any) -> Expression:
        return self + Expression.of(other) * -1

    def __rsub__(self, other: Any) -> Expression:
        return Expression.of(other) + self * -1

    def __mul__(self, n: int) -> Expression:
        if n == 0:
            return Expression({}, 0)
        return Expression({a: m * n for a, m in self.atoms.items()}, self.constant * n)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Expression:
        whole, rest = self._split(divisor)
        low, high = rest.span()
        if low // divisor == high // divisor:
            return whole + low // divisor
        return whole + Expression.of(Quotient(rest, divisor, False))

    def __mod__(self, divisor: int) -> Expression:
        _, rest = self._split(divisor)
        low, high = rest.span()
        if low // divisor == high // divisor:
            return rest - low // divisor * divisor
        return Expression.of(Quotient(rest, divisor, True))

    def _split(self, divisor: int) -> tuple[Expression, Expression]:
        """What the divisor goes into evenly, already divided, and what is left."""
        whole = {a: n // divisor for a, n in self.atoms.items() if n % divisor == 0}
        rest = {a: n for a, n in self.atoms.items() if n % divisor}
        shared = self.constant // divisor
        left = Expression(rest, self.constant - shared * divisor)
        return Expression(whole, shared), left

    def span(self) -> tuple[int, int]:
        """The least and the largest value that it can have."""
        low = high = self.constant
        for atom, n in self.atoms.items():
            ends = [n * end for end in atom.span()]
            low, high = low + min(ends), high + max(ends)
        return low, high

    def replaced(self, new: dict[Axis, Expression]) -> Expression:
        """The same with other expressions in place of some axes."""
        out = Expression({}, self.constant)
        for atom, n in self.atoms.items():
            out = out + _replaced(atom, new) * n
        return out

    @property
    def axis(self) -> Axis | None:
        """The axis that it is, if it is nothing else."""
        if self.constant or len(self.atoms) != 1:
            return None
        ((atom, n),) = self.atoms.items()
        return atom if n == 1 and isinstance(atom, Axis) else None

    @property
    def affine(self) -> bool:
        """Whether it is a sum of counters, without division and without looking."""
        return all(isinstance(atom, Axis) for atom in self.atoms)


def _replaced(atom: Atom, new: dict[Axis, Expression]) -> Expression:
    if isinstance(atom, Axis):
        return new.get(atom) or Expression.of(atom)
    if isinstance(atom, Quotient):
        inner = atom.inner.replaced(new)
        return inner % atom.divisor if atom.rest else inner // atom.divisor
    return Expression.of(Looked(atom.term, replaced(atom.index, new), atom.length))


def _joined(sum_: Expression) -> Expression:
    """n * (x // n) + x % n is x."""
    for atom, n in sum_.atoms.items():
        if isinstance(atom, Quotient) and atom.rest:
            other = Quotient(atom.inner, atom.divisor, False)
            if sum_.atoms.get(other) == n * atom.divisor:
                atoms = {a: m for a, m in sum_.atoms.items() if a not in (atom, other)}
                return Expression(atoms, sum_.constant) + atom.inner * n
    return sum_


def axes_of(shape: Iterable[int], name: str = "i") -> tuple[Axis, ...]:
    """A counter for each axis of an array."""
    return tuple(Axis(length, f"{name}{k}") for k, length in enumerate(shape))


def index_of(parts: Iterable[Any]) -> Index:
    """An index of counters, of expressions, of whole numbers."""
    return tuple(map(Expression.of, parts))


def replaced(index: Index, new: dict[Axis, Expression]) -> Index:
    """An index with other expressions in place of some axes."""
    return tuple(part.replaced(new) for part in index)


def strides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """How far the next number of each axis is, where rows lie behind each other.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))


def position(index: Index, strides: tuple[int, ...]) -> Expression:
    """Where the number at an index lies, counted from the first one."""
    out = Expression({}, 0)
    for part, stride in zip(reversed(index), reversed(strides), strict=True):
        out = out + part * stride
    return out


def place(index: Index, shape: tuple[int, ...]) -> Expression:
    """The position of an index in memory, counted in numbers, rows first."""
    return position(index, strides_of(shape))


def unravelled(place: Expression, shape: tuple[int, ...]) -> Index:
    """The index of a position in memory: the inverse of `place`."""
    index = []
    for length in reversed(shape):
        index.append(place % length if length else place)
        place = place // length if length else place
    return tuple(reversed(index))


def broadcast(index: Index, shape: tuple[int, ...]) -> Index:
    """The index into an array that is broadcast to a larger one."""
    if not shape:
        return ()
    own = index[len(index) - len(shape) :]
    zero = Expression({}, 0)
    return tuple(zero if n == 1 else i for i, n in zip(own, shape, strict=True))
