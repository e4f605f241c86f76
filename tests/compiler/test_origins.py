"""Where an op says that its numbers come from is where its forward takes them from.

The facts of every movement, lookup, reduction and contraction are followed, number by
number, in Python; the result has to be what the forward computed with NumPy.
"""

import itertools

import numpy as np
import pytest

import seegrad as sg
from seegrad import ops
from seegrad.compiler.programs.index import Axis, Expression, Looked
from seegrad.compiler.programs.origins import origins, puts_once, reads
from seegrad.compiler.programs.program import Term, below, constant, leaf
from seegrad.facts import Where
from seegrad.op import REGISTRY
from seegrad.samples import calls

OPS = sorted(REGISTRY.values(), key=lambda op: op.name)
MOVED = [op for op in OPS if op.kind in ("movement", "lookup")]
REDUCED = [op for op in OPS if op.kind == "reduction"]
PRODUCTS = [op for op in OPS if op.kind == "contraction"]
COMBINE = {
    "add": np.add,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "any": np.logical_or,
    "all": np.logical_and,
}


class Numbers:
    """Evaluates expressions at values of axes; looked up terms have these arrays."""

    def __init__(self, axes, at, arrays):
        self.counters = dict(zip(axes, at, strict=True))
        self.arrays = arrays

    def of(self, expression):
        """The whole number that an expression is here."""
        expression = Expression.of(expression)
        return expression.constant + sum(
            n * self.atom(atom) for atom, n in expression.atoms.items()
        )

    def atom(self, atom):
        """The number of one atom; a position may count from the end."""
        if isinstance(atom, Axis):
            return self.counters[atom]
        if hasattr(atom, "divisor"):
            inner = self.of(atom.inner)
            return inner % atom.divisor if atom.rest else inner // atom.divisor
        found = int(self.arrays[atom.term][tuple(map(self.of, atom.index))])
        return found + atom.length if found < 0 else found


def settled(op, arrays, settings):
    """The same, of inputs that ask for gradients: only then the settings are kept."""
    tensors = [sg.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    return op(*tensors, **settings)


def sample_terms(op):
    """(term, arrays, result) of each sample of an op."""
    for arrays, settings in calls(op):
        out = settled(op, arrays, settings)
        inputs = tuple(leaf(None, x.shape, x.dtype) for x in arrays)
        kept = dict(out.settings) if out.op is op else normal(op, arrays, settings)
        term = Term(op, inputs, kept, out.shape, out.dtype)
        yield term, dict(zip(inputs, arrays, strict=True)), out.data


def normal(op, arrays, settings):
    """Settings as the op brings them into their normal form."""
    settings = op.defaults | settings
    return op.normal(*map(sg.tensor, arrays), **settings) if op.normal else settings


def index_of(shape):
    """Counters for a shape, and the index that they are."""
    axes = tuple(Axis(n, f"i{k}") for k, n in enumerate(shape))
    return axes, tuple(map(Expression.of, axes))


@pytest.mark.parametrize("op", MOVED, ids=str)
def test_a_moved_number_is_found_where_the_facts_say(op):
    """At each index of each sample; outside of the conditions it is 0."""
    for term, arrays, expected in sample_terms(op):
        if op.facts.target is not None and not puts_once(term):
            continue  # several numbers may meet: the next test
        axes, index = index_of(term.shape)
        found = np.zeros(term.shape, term.dtype)
        for at in np.ndindex(term.shape):
            numbers = Numbers(axes, at, arrays)
            for read in origins(term, index):
                inside = [0 <= numbers.of(c[0]) < c[1] for c in read.conditions]
                if all(inside):
                    found[at] = arrays[read.term][tuple(map(numbers.of, read.index))]
        np.testing.assert_array_equal(expected, found)


@pytest.mark.parametrize(
    "op", [op for op in MOVED if op.facts.target is not None], ids=str
)
def test_what_is_put_somewhere_arrives_there(op):
    """All numbers that are put at one place are added up."""
    for term, arrays, expected in sample_terms(op):
        g, positions = term.inputs
        axes, index = index_of(g.shape)
        length = term.shape[term.settings["dim"]]

        def look(i, positions=positions, length=length):
            return Looked(positions, tuple(map(Expression.of, i)), length)

        target = op.facts.target(index, look, g.shape, positions.shape, **term.settings)
        found = np.zeros(term.shape, term.dtype)
        for at in np.ndindex(g.shape):
            numbers = Numbers(axes, at, arrays)
            found[tuple(map(numbers.of, target))] += arrays[g][at]
        np.testing.assert_allclose(expected, found, 1e-12)


@pytest.mark.parametrize("op", REDUCED, ids=str)
def test_a_reduction_combines_what_it_says_over_the_axes_that_it_says(op):
    """Whatever the axes are called, and whether they are kept."""
    for term, arrays, expected in sample_terms(op):
        (x,) = arrays.values()
        over = tuple(op.facts.over(x.shape, **term.settings))
        combine = COMBINE[op.facts.combine]
        found = combine.reduce(x, axis=over) if over else x
        found = found.astype(expected.dtype).reshape(expected.shape)
        np.testing.assert_allclose(expected, found, 1e-12)


@pytest.mark.parametrize("op", PRODUCTS, ids=str)
def test_a_contraction_is_the_sum_of_products_that_it_says(op):
    """Every number of the result, each once; factors outside of the array are 0."""
    for term, arrays, expected in sample_terms(op):
        given = list(arrays.values())
        product = op.facts.product(*(x.shape for x in given), **term.settings)
        found = np.full(term.shape, np.nan)
        batch, rows, columns, inner = (
            list(itertools.product(*map(range, part))) for part in product[:4]
        )
        for b, r, c in itertools.product(batch, rows, columns):
            total = 0.0
            for k in inner:
                left = number(given, product.left, b, r, k)
                total += left * number(given, product.right, b, c, k)
            found[tuple(product.out(b, r, c))] = total
        np.testing.assert_allclose(expected, found, 1e-10, 1e-12)


def number(arrays, factor, *where):
    """The number of a factor; 0 where its index counts for nothing."""
    array, index = arrays[factor.position], factor.index(*where)
    if isinstance(index, Where):
        index, divisible = index
        if any(e % n for e, n in divisible):
            return 0.0
    outside = any(not 0 <= i < n for i, n in zip(index, array.shape, strict=True))
    return 0.0 if outside else float(array[tuple(index)])


def test_labels_are_put_once_and_rows_of_a_table_are_not():
    """One label for each row is a choice; many positions may name the same row."""
    g, labels = leaf(None, (3,), "f8"), leaf(None, (3,), "i8")
    settings = {"dim": 1, "shape": (3, 4)}
    assert puts_once(
        Term(REGISTRY["scatter_along"], (g, labels), settings, (3, 4), g.dtype)
    )
    settings = {"dim": 0, "length": 5}
    assert not puts_once(
        Term(REGISTRY["scatter_add"], (g, labels), settings, (5,), g.dtype)
    )


def test_a_place_that_no_number_is_put_at_is_not_read():
    """Two columns of positions in a table of four: the others must not be looked at."""
    g, index = leaf(None, (1, 2), "f8"), leaf(None, (1, 2), "i8")
    settings = {"dim": 0, "shape": (3, 4)}
    assert not puts_once(
        Term(REGISTRY["scatter_along"], (g, index), settings, (3, 4), g.dtype)
    )


def test_the_way_back_ends_at_what_is_kept():
    """Through formulas and movements, to leaves and kept terms, each index once."""
    x, kept = leaf(1, (3, 4), "f8"), leaf(2, (4, 3), "f8")
    turned = Term(ops.permute, (kept,), {"dims": (1, 0)}, (3, 4), kept.dtype)
    both = Term(ops.add, (x, turned), {}, (3, 4), x.dtype)
    whole = Term(ops.mul, (both, x), {}, (3, 4), x.dtype)
    (i, j), index = index_of((3, 4))
    found = set(reads(whole, index, stops=lambda term: term is kept))
    assert {(x, index), (kept, (Expression.of(j), Expression.of(i)))} == found


def test_what_a_term_is_made_from_comes_before_it():
    """Each once, whoever asks for it; where the walk stops, nothing lies behind."""
    x = leaf(1, (3,), "f8")
    y = x.but(op=ops.exp, inputs=(x,))
    z = x.but(op=ops.mul, inputs=(y, x))
    assert [x, y, z] == below([z])
    assert [y, x, z] == below([z], stops=lambda term: term is y)


def test_another_term_of_the_same_line_forgets_what_a_leaf_knew():
    """An op on a constant is no constant, and its turn is not before its inputs'."""
    early = constant(np.zeros(3))
    late = Term(ops.exp, (early,), {}, (3,), early.dtype, line=("a.py", 7), order=5)
    made = early.but(op=ops.mul, inputs=(early, late))
    assert (None, None, 5) == (made.data, made.number, made.order)
    assert ("a.py", 7) == late.but(shape=(3, 1)).line
