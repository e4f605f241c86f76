"""The engine computes what PyTorch computed, at hard points and in wild programs."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg

HERE = Path(__file__).parent
CASES = SimpleNamespace(**runpy.run_path(str(HERE / "cases.py")))
PROGRAMS = SimpleNamespace(**runpy.run_path(str(HERE / "programs.py")))
DTYPES = SimpleNamespace(**runpy.run_path(str(HERE / "dtypes_made.py")))
CASE_VALUES = CASES.stored(HERE / "cases.npz")
PROGRAM_VALUES = CASES.stored(HERE / "programs.npz")
TOLERANCE = {"float64": 1e-12, "float32": 3e-6}
ROUGH = {  # where PyTorch itself rounds to fewer digits
    "var of 1e8": 1e-7,
    "std of 1e8": 1e-7,
    "var of offset": 1e-7,
    "std of offset": 1e-7,
    "logsumexp of hard logits": 1e-3,
    "logsumexp of the row": 1e-3,
}
OURS = {  # where we differ on purpose, and only in the numbers that are NaN for one
    "abs at the edges": "the sign of NaN is NaN, as in NumPy, and not 0",
    "logsumexp of hard logits": "the slope at -inf everywhere is 0, and not NaN",
    "logsumexp of the row": "the same",
}


def same(name, expected, actual, dtype):
    """Assert equality: NaN and infinities exactly, numbers to a relative tolerance."""
    near = max([TOLERANCE[dtype], *(t for start, t in ROUGH.items() if start in name)])
    exact = "at the edges" in name or "near 0" in name
    if any(start in name for start in OURS):
        differ = np.isnan(expected) != np.isnan(actual)
        assert differ.sum() <= 3
        expected, actual = expected[~differ], actual[~differ]
    tiny = np.finfo(dtype).tiny if exact else near / 10
    np.testing.assert_allclose(actual, expected, rtol=near, atol=tiny, equal_nan=True)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", list(CASES.cases()), ids=lambda case: case.name)
def test_hard_points_have_the_values_and_slopes_of_pytorch(case, dtype):
    """Edges, ties, NaN, infinities, empty tensors, repeated indices, an input twice."""
    with np.errstate(over="ignore"):
        arrays = [x.astype(dtype) for x in case.inputs]
    leaves = [sg.tensor(x, requires_grad=True) for x in arrays]
    out = case.function(sg, *leaves)
    expected = {
        what: CASE_VALUES[key]
        for what in ("out", "grad0", "grad1")
        if (key := f"{case.name}|{dtype}|{what}") in CASE_VALUES
    }
    assert expected["out"].shape == out.shape
    same(case.name, expected.pop("out"), out.data, dtype)
    if not expected:
        assert not out.requires_grad
        return
    assert dtype == out.dtype
    out.backward(CASES.weights(out.shape).astype(dtype))
    for i, leaf in enumerate(leaves):
        assert dtype == leaf.grad.dtype
        same(case.name, expected[f"grad{i}"], leaf.grad, dtype)


@pytest.mark.parametrize("seed", range(300))
def test_random_programs_have_the_values_and_gradients_of_pytorch(seed):
    """Whatever ops meet, and however often a result is used again."""
    program = PROGRAMS.program(seed)
    leaves = [sg.tensor(x, requires_grad=True) for x in program.leaves]
    out = PROGRAMS.run(program, sg, leaves)
    out.backward()
    actual = np.concatenate([[out.item()], *(leaf.grad.ravel() for leaf in leaves)])
    np.testing.assert_allclose(actual, PROGRAM_VALUES[str(seed)], rtol=1e-9, atol=1e-12)


WE_COMPUTE = (  # where PyTorch refuses, and there is one sensible answer
    *("softmax", "log_softmax", "softplus", "abs", "relu", "argmax", "argmin"),
    *("matmul", " - ", "bool[2] **", "bool[] **", "True **"),
)
WE_DIFFER = {
    "all of uint8": "bool",  # PyTorch keeps this one exception for old programs
    "any of uint8": "bool",
    "sign of bool": "error",
    "bool[2] ** True": "int8",  # as NumPy
    "bool[] ** True": "int8",
}


def test_every_dtype_is_the_one_that_pytorch_makes():
    """Every op on every dtype; every pair, with axes and without; Python numbers."""
    text = (HERE / "dtypes_made.txt").read_text(encoding="utf-8")
    told = dict(line.rsplit(" = ", 1) for line in text.splitlines()) | WE_DIFFER
    wrong = []
    for name, call in DTYPES.calls():
        try:
            made = call(sg, sg.tensor).dtype.name
        except sg.errors.DtypeError:
            made = "error"
        expected = told.pop(name)
        if expected == "error" and any(words in name for words in WE_COMPUTE):
            continue
        if made != expected:
            wrong.append((name, made, expected))
    assert {} == told
    assert [] == wrong


@pytest.mark.parametrize("name", ["mean", "std", "var"])
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_the_spread_of_whole_numbers_is_refused_with_a_way_out(name, dtype):
    """The mean of integers is not an integer, and nobody said which float it is."""
    with pytest.raises(sg.errors.DtypeError, match=r"int|bool") as caught:
        getattr(sg, name)(sg.ones(3, dtype=dtype))
    assert "x.to(sg.float32) first" == caught.value.hint
