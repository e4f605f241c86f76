"""How fast are the compiler's matrix products? Against NumPy, and against the machine.

The peak is measured with a loop that only multiplies and adds in registers. Rounds of
ours and NumPy's alternate, and medians are shown, because machines change their pace.
With one thread the time of the processor counts, so that waiting does not.
Run: python bench/matrix_products.py [rounds] [threads]
"""

# ruff: noqa: E402 - NumPy looks once, when imported, how many threads to use

from __future__ import annotations

import ctypes
import os
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter, thread_time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
THREADS = int(sys.argv[2]) if len(sys.argv) > 2 else 1
for name in ("OPENBLAS", "MKL", "OMP"):
    os.environ[f"{name}_NUM_THREADS"] = str(THREADS)

import numpy as np
from llvmlite import ir

from bench.product_function import ProductFunction
from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import host
from seegrad.compiler.products.product_vectors import Vectors
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops

# rows, columns, inner
SMALL = ((8, 8, 8), (100, 16, 2), (100, 16, 16), (100, 1, 16), (16, 2, 100))
NARROW = ((64, 128, 64), (64, 10, 128), (32, 512, 128), (1, 512, 784), (8, 128, 64))
LARGE = ((128, 512, 784), (784, 512, 128), (1024, 64, 64), (1024, 256, 64))
CUBES = ((512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048))
LAYOUTS = {"x @ W.T": (0, 1), "g @ W": (0, 0), "g.T @ x": (1, 0), "x.T @ W.T": (1, 1)}
WORK = 5e7  # multiplications in a round, about

clock = thread_time if THREADS == 1 else perf_counter


def peak() -> float:
    """Multiplications and additions per nanosecond, when nothing is loaded."""
    module = ir.Module()
    kind = ir.FunctionType(ir.VoidType(), [POINTER, INDEX])
    function = ir.Function(module, kind, "peak")
    loops = Loops(function)
    vectors = Vectors(loops, "float32", host())
    pointer, rounds = function.args
    x = vectors.load(pointer)
    sums = min(24, host().vector_registers - 2)
    out = loops.loop(
        0,
        rounds,
        lambda _, *now: [vectors.multiply_add(old, x, x) for old in now],
        carried=[x] * sums,
    )
    for n, value in enumerate(out):
        vectors.store(value, pointer, n * vectors.lanes)
    loops.builder.ret_void()
    built = build(module, cached=False)
    kinds = [ctypes.c_void_p, ctypes.c_int64]
    native = ctypes.CFUNCTYPE(None, *kinds)(built.address("peak"))
    memory = np.zeros(1024, np.float32)
    count = 50_000
    times = [seconds(lambda: native(memory.ctypes.data, count)) for _ in range(30)]
    return 2e-9 * count * sums * vectors.lanes / statistics.median(times)


def call() -> float:
    """Microseconds that Python takes to call a product of nothing much."""
    product = ProductFunction("float32", host(), (1, 1, 1))
    numbers = np.zeros(1, np.float32)
    pointers = product.pointers(numbers, numbers, numbers)
    work = partial(product.native, *pointers, 0, 1)
    return 1e6 * min(seconds(work, 10_000) for _ in range(5))


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    """How long one of several repetitions took."""
    start = clock()
    for _ in range(repeats):
        work()
    return (clock() - start) / repeats


def together(
    product: ProductFunction,
    pointers: list[tuple[int, ...]],
    repeats: int,
    pool: ThreadPoolExecutor,
) -> float:
    """The same for ours; each thread repeats its share and waits for no other."""
    work = [partial(product.native, *p, n, THREADS) for n, p in enumerate(pointers)]
    start = clock()
    others = [pool.submit(seconds, share, repeats) for share in work[1:]]
    seconds(work[0], repeats)
    for other in others:
        other.result()
    return (clock() - start) / repeats


def measure(
    sizes: tuple[int, int, int], turned: tuple[int, int], pool: ThreadPoolExecutor
) -> tuple[float, float, float]:
    """Ours and NumPy's, in 10^9 operations a second; milliseconds to compile."""
    rows, columns, inner = sizes
    start = perf_counter()
    product = ProductFunction("float32", host(), sizes, turned=turned)
    compiling = perf_counter() - start
    rng = np.random.default_rng(0)
    shapes = (rows, inner), (inner, columns)
    a, b = (
        rng.standard_normal(shape[::-1] if t else shape, np.float32)
        for shape, t in zip(shapes, turned, strict=True)
    )
    x, y = a.T if turned[0] else a, b.T if turned[1] else b
    out, theirs = (np.empty((rows, columns), np.float32) for _ in range(2))
    pointers = [product.pointers(a, b, out, thread) for thread in range(THREADS)]

    work = rows * columns * inner
    repeats = max(1, min(2000, int(WORK / work)))
    times: list[tuple[float, float]] = []
    for _ in range(ROUNDS if work < 1e9 else min(ROUNDS, 5)):
        mine = together(product, pointers, repeats, pool)
        numpys = seconds(lambda: np.matmul(x, y, out=theirs), repeats)
        times.append((mine, numpys))
    np.testing.assert_allclose(out, theirs, rtol=1e-3, atol=1e-3 * inner**0.5)
    fast, slow = (statistics.median(column) for column in zip(*times, strict=True))
    return 2e-9 * work / fast, 2e-9 * work / slow, 1e3 * compiling


def main() -> None:
    """Print the table."""
    top = peak()
    print(f"float32, {THREADS} threads, medians of {ROUNDS} rounds, 10^9 operations/s")
    print(f"peak of one core {top:.0f}; a call of ours from Python takes", end=" ")
    print(f"{call():.2f} us, which counts")
    head = f"{'rows x columns x inner':<24}{'layout':<12}{'ours':>8}{'NumPy':>8}"
    print(head + f"{'ratio':>8}{'of peak':>9}{'ms to compile':>15}")
    with ThreadPoolExecutor(max(1, THREADS - 1)) as pool:
        for sizes in (*SMALL, *NARROW, *LARGE, *CUBES):
            if THREADS > 1 and np.prod(sizes) < 1e7:
                continue  # too small to be shared
            for layout, turned in LAYOUTS.items():
                ours, numpys, compiling = measure(sizes, turned, pool)
                print(
                    f"{' x '.join(map(str, sizes)):<24}{layout:<12}{ours:8.1f}"
                    f"{numpys:8.1f}{ours / numpys:8.2f}"
                    f"{ours / top / THREADS:9.0%}{compiling:15.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
