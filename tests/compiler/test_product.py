"""The generated matrix products: against NumPy, on every kind of vectors."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from bench.product_function import ProductFunction
from hypothesis import example, given, settings
from hypothesis import strategies as st
from llvmlite import ir

from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import host
from seegrad.compiler.products import product_plan
from seegrad.compiler.products.product_operand import Operand
from seegrad.compiler.products.product_split import Pieces, Split
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.products.tiles import Tile, accumulate, best_tile, fitting
from seegrad.compiler.registers.loops import POINTER, Loops

WIDTHS = {"avx512": (64, 32), "avx2": (32, 16), "sse": (16, 16), "neon": (16, 32)}
TARGETS = {
    name: replace(host(), vector_bytes=width, vector_registers=n, level_2=512 << 10)
    for name, (width, n) in WIDTHS.items()
}
GUARD = 64  # numbers around an array that nobody may touch

SIZES = st.tuples(*[st.integers(1, 70)] * 3)
PRODUCTS = {
    "dtype": st.sampled_from(["float32", "float64"]),
    "target": st.sampled_from(sorted(TARGETS)),
    "sizes": SIZES,
    "turned": st.tuples(st.booleans(), st.booleans()),
    "heavy": st.booleans(),
    "updates": st.booleans(),
}


def guarded(array):
    """The same numbers with NaN around them in memory, and all of that."""
    whole = np.full(array.size + 2 * GUARD, np.nan, array.dtype)
    inside = whole[GUARD:-GUARD].reshape(array.shape)
    inside[...] = array
    return inside, whole


def factors(sizes, dtype, turned):
    """Random factors, and how they lie in memory."""
    rows, columns, inner = sizes
    rng = np.random.default_rng(rows + 100 * columns + 10_000 * inner)
    x = rng.standard_normal((rows, inner)).astype(dtype)
    y = rng.standard_normal((inner, columns)).astype(dtype)
    return x, y, *laid_out(x, y, turned)


def laid_out(x, y, turned):
    """The factors, those that are turned as their transposes."""
    pairs = zip((x, y), turned, strict=True)
    return [np.ascontiguousarray(f.T) if t else f for f, t in pairs]


def multiply(product, a, b, sizes, threads=1):
    """The result of all threads, one after the other; nothing around it is touched."""
    (a, _), (b, _) = guarded(a), guarded(b)
    out, around = guarded(np.full(sizes[:2], np.nan, a.dtype))
    for thread in range(threads):
        product(a, b, out, thread, threads)
    assert np.isnan(around[:GUARD]).all()
    assert np.isnan(around[-GUARD:]).all()
    return out


def assert_product(out, x, y):
    """Each number is as near to the exact one as rounding allows."""
    x, y = x.astype(float), y.astype(float)
    rounding = np.finfo(out.dtype).eps * (np.abs(x) @ np.abs(y))
    assert (np.abs(x @ y - out) <= (8 + np.sqrt(x.shape[1])) * rounding).all()


@settings(max_examples=30)
@given(**PRODUCTS)
@example("float32", "avx512", (1, 1, 1), (False, False), False, False)
@example("float32", "avx512", (64, 10, 33), (False, True), False, False)
@example("float32", "avx512", (1, 60, 33), (False, True), True, False)
@example("float32", "avx512", (300, 70, 20), (True, False), False, True)
@example("float64", "avx2", (61, 41, 13), (True, False), True, True)
@example("float32", "avx2", (3, 21, 50), (False, True), False, False)
@example("float64", "sse", (4, 9, 70), (False, True), False, False)
@example("float64", "avx2", (37, 1, 5), (True, False), False, False)
def test_a_product_is_numpys_with_any_number_of_threads(
    dtype, target, sizes, turned, heavy, updates
):
    """Every size, layout and order of tiles; more threads give the same bits."""
    x, y, a, b = factors(sizes, dtype, turned)
    product = ProductFunction(
        dtype, TARGETS[target], sizes, turned=turned, heavy=heavy, updates=updates
    )
    out = multiply(product, a, b, sizes)
    assert_product(out, x, y)
    for threads in (2, 3):
        np.testing.assert_array_equal(out, multiply(product, a, b, sizes, threads))


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("turned", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("target", ["avx512", "avx2"])
def test_large_products_are_cut_into_blocks(monkeypatch, target, turned, heavy):
    """With tiny blocks, as a machine with tiny caches would cut them."""
    for name, size in {"DEPTH": 40, "ACROSS": 64, "KEPT": 5000, "BLOCK": 2}.items():
        monkeypatch.setattr(product_plan, name, size)
    small = replace(TARGETS[target], level_2=1024)
    sizes = (75, 141, 101)
    x, y, a, b = factors(sizes, "float32", turned)
    product = ProductFunction("float32", small, sizes, turned=turned, heavy=heavy)
    out = multiply(product, a, b, sizes)
    assert_product(out, x, y)
    np.testing.assert_array_equal(out, multiply(product, a, b, sizes, threads=3))


@pytest.mark.parametrize("turned", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("sizes", [(20, 9, 7), (1, 40, 33), (40, 1, 33), (3, 40, 50)])
def test_nan_and_infinity_go_where_they_belong(turned, sizes):
    """A row with NaN and a column with infinity: only their results are not finite."""
    x, y, _, _ = factors(sizes, "float32", turned)
    x[0, 2], y[1, -1] = np.nan, np.inf
    a, b = laid_out(x, y, turned)
    product = ProductFunction("float32", TARGETS["avx512"], sizes, turned=turned)
    with np.errstate(invalid="ignore"):
        expected = np.isfinite(x @ y)
    np.testing.assert_array_equal(expected, np.isfinite(multiply(product, a, b, sizes)))


@pytest.mark.parametrize("rows", [1, 3])
def test_dots_with_a_factor_that_lies_far_away_are_the_same(rows):
    """Fewer columns are read at once; which, the order of the sums does not tell."""
    target, sizes = TARGETS["avx512"], (rows, 40, 70)
    x, y, a, b = factors(sizes, "float32", (False, True))
    out = []
    for second_cache in (1024, 1 << 20):
        known = replace(target, level_2=second_cache)
        product = ProductFunction("float32", known, sizes, turned=(False, True))
        out.append(multiply(product, a, b, sizes))
    assert_product(out[0], x, y)
    np.testing.assert_array_equal(*out)


def test_scratch_memory_is_enough():
    """Nothing is written behind the bytes that were asked for."""
    for turned in [(False, False), (False, True), (True, True)]:
        for sizes in [(30, 100, 70), (100, 1, 33), (8, 8, 8)]:
            _, _, a, b = factors(sizes, "float32", turned)
            product = ProductFunction(
                "float32", TARGETS["avx512"], sizes, turned=turned, heavy=True
            )
            out = np.empty(sizes[:2], "float32")
            *places, start = product.pointers(a, b, out)
            memory = product.scratch[0]
            memory[...] = 0xA5
            product.native(*places, start, 0, 1)
            end = start - memory.ctypes.data + product.scratch_bytes
            assert (memory[end:] == 0xA5).all()


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_an_update_is_walked_in_the_order_of_memory(target):
    """Then no factor is packed; where one has to be, all is as without an update."""
    sizes, beside = (512, 784, 128), Operand(min, contiguous="outer")
    function = ir.Function(ir.Module(), ir.FunctionType(ir.VoidType(), []), "none")
    vectors = Vectors(Loops(function), "float32", TARGETS[target])
    plans = [
        product_plan.plan(vectors, sizes, beside, right, False, updates)
        for right in (beside, Operand(min, contiguous="inner"))
        for updates in (True, False)
    ]
    assert [True, False, False, False] == [plan.by_rows for plan in plans]
    assert [False, True, True, True] == [plan.packs_right for plan in plans]


@settings(max_examples=10)
@given(st.integers(1, 14), st.integers(1, 100))
@example(14, 14)
@example(14, 13)
@example(13, 128)
def test_each_row_of_a_tile_is_fetched_once_while_it_is_summed(rows, depth):
    """Where the sum is too short for that, none is; the sums are the same."""
    module = ir.Module()
    kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER])
    function = ir.Function(module, kind, "tile")
    loops = Loops(function)
    vectors, (fetched, out) = Vectors(loops, "float64", TARGETS["sse"]), function.args

    def fetch(row):
        count = loops.builder.fadd(vectors.load_number(fetched, row), one)
        loops.builder.store(count, vectors.address(fetched, row))

    one = ir.Constant(vectors.number, 1.0)
    sums = accumulate(
        vectors,
        Tile(rows, 1),
        depth,
        lambda k, row: loops.builder.sitofp(k, vectors.number),
        lambda k, column: vectors.broadcast(one),
        fetch=fetch,
    )
    for row, total in enumerate(sums):
        vectors.store(total, out, 2 * row)
    loops.builder.ret_void()
    counts, totals = np.zeros(rows), np.zeros((rows, 2))
    built = build(module, cached=False)
    address = built.address("tile")
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(address)
    call(counts.ctypes.data, totals.ctypes.data)
    np.testing.assert_array_equal(float(depth >= rows), counts)
    np.testing.assert_array_equal(sum(range(depth)), totals)


@given(st.integers(1, 500), st.integers(1, 40))
def test_a_split_covers_everything_once(total, size):
    """The pieces follow one another, and none is larger than was asked for."""
    split = Split.at_most(size, total)
    kinds = split.kinds()
    assert total == sum(p.size * (p.stop - p.first) for p in kinds)
    assert len(kinds) <= 2
    assert max(p.size for p in kinds) <= size
    assert split.sure == min(p.size for p in kinds)


def test_the_last_piece_stands_apart_where_numbers_are_missing():
    """Its edge needs code of its own; the others share theirs."""
    expected = [Pieces(2, 0, 2), Pieces(2, 2, 3, missing=6)]
    assert expected == Split.at_most(2, 6).kinds(missing=6)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_tile_fits_in_the_registers(target):
    """Sums, a number, and the vectors they come from, of which one row needs one."""
    registers = target.vector_registers
    for tile in fitting(registers):
        vectors = tile.width if tile.rows > 1 else 1
        assert tile.rows * tile.width + vectors + 1 <= registers
    tile = best_tile(registers, 512, 512 // target.lanes(4), 512)
    assert tile.rows * tile.width >= 8  # enough to keep two multipliers busy
