"""What is written with registers, compiled and run over whole arrays."""

import ctypes

import numpy as np
import pytest
from llvmlite import ir

from seegrad.compiler.machine.build import build
from seegrad.compiler.registers.dialect import Words, memory_type
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops

FLOATS = ("float32", "float64")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e30, -1e-30, np.inf, -np.inf, np.nan]


@pytest.fixture(scope="session")
def compiled():
    """The function below, for tests in any file of this folder."""
    return _compiled


def _compiled(formulas, dtypes, lanes=1):
    """One native function for each ``formula(words, *registers)``, over flat arrays.

    ``formulas`` are a dict; so is the result. All are compiled as one module, which
    costs little more than one.
    """
    module, made = ir.Module(), {}
    for number, (name, formula) in enumerate(formulas.items()):
        kinds = [INDEX] + [POINTER] * (len(dtypes) + 1)
        kind = ir.FunctionType(ir.VoidType(), kinds)
        function = ir.Function(module, kind, f"f{number}")
        made[name] = function.name, _write(Loops(function), formula, dtypes, lanes)
    built = build(module, cached=False)
    return {
        name: _caller(built, symbol, dtype, lanes)
        for name, (symbol, dtype) in made.items()
    }


def _write(loops, formula, dtypes, lanes):
    n, out, *inputs = loops.function.args
    words, b, found = Words(loops, lanes), loops.builder, []

    def place(pointer, i, dtype):
        return b.gep(pointer, [i], source_etype=memory_type(dtype))

    def body(i):
        registers = []
        for pointer, dtype in zip(inputs, dtypes, strict=True):
            kind = memory_type(dtype, lanes)
            value = b.load(place(pointer, i, dtype), typ=kind, align=1)
            registers.append(words.loaded(value, dtype))
        result = formula(words, *registers)
        result = words.splat(words.together(result)[0])
        found.append(result.dtype)
        b.store(words.stored(result), place(out, i, result.dtype), align=1)

    loops.loop(0, n, body, step=lanes)
    b.ret_void()
    return found[0]


def _caller(built, symbol, dtype, lanes):
    def call(*arrays):
        arrays = np.broadcast_arrays(*arrays)
        size = -(-arrays[0].size // lanes) * lanes  # whole registers
        padded = [np.resize(array, size) for array in arrays]
        out = np.empty(size, dtype)
        pointers = [array.ctypes.data for array in (out, *padded)]
        kinds = [ctypes.c_int64] + [ctypes.c_void_p] * len(pointers)
        function = ctypes.CFUNCTYPE(None, *kinds)(built.address(symbol))
        function(size, *pointers)
        return out[: arrays[0].size].reshape(arrays[0].shape)

    return call


@pytest.fixture
def words():
    """The words of a function that is never run, four lanes wide."""
    kind = ir.FunctionType(ir.VoidType(), [ir.FloatType(), ir.IntType(32)])
    return Words(Loops(ir.Function(ir.Module(), kind, "f")), lanes=4)


@pytest.fixture(scope="session")
def pairs():
    """Two flat arrays of a dtype, in which every number meets every other."""
    return _pairs


@pytest.fixture(scope="session")
def agree():
    """Check that formulas give in registers what they give in arrays, to the bit."""
    return _agree


def _pairs(dtype):
    """Two flat arrays in which every number meets every other."""
    if dtype == "bool":
        numbers = np.array([False, True])
    elif dtype in FLOATS:
        tiny = np.finfo(dtype).smallest_subnormal
        numbers = np.array([*SPECIAL, tiny, -tiny, np.finfo(dtype).max], dtype)
    else:
        info = np.iinfo(dtype)
        numbers = np.array([0, 1, 2, 3, 7, 100, info.max, info.min, info.min // 2])
        numbers = numbers.astype(dtype)
    return tuple(axis.ravel() for axis in np.meshgrid(numbers, numbers))


def _same(expected, actual, message=""):
    """The same dtype and the same bits, but for the many ways to write NaN."""
    assert expected.dtype == actual.dtype, message
    np.testing.assert_array_equal(expected, actual, str(message))
    if expected.dtype.kind == "f":
        real = ~np.isnan(expected)
        signs = np.signbit(expected[real]), np.signbit(actual[real])
        np.testing.assert_array_equal(*signs, str(message))


def _agree(formulas, inputs, lanes=4):
    """Each formula gives in registers what it gives in arrays."""
    made = _compiled(formulas, [array.dtype for array in inputs], lanes)
    for name, formula in formulas.items():
        with np.errstate(all="ignore"):
            expected = formula(np, *inputs)
        _same(np.asarray(expected), made[name](*inputs), (name, inputs[0].dtype))
