#!/usr/bin/env python3
"""Make the values and slopes that the engine is tested against, with PyTorch.

The calls are in tests/reference_engine: hard points in `cases.py`, random programs in
`programs.py`, and which dtypes come out of which in `dtypes_made.py`. Only results are
stored. Needs the dependency group `reference`; run it as
`python scripts/make_engine_reference.py`.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "reference_engine"
sys.path.insert(0, str(FOLDER))

import cases  # noqa: E402
import dtypes_made  # noqa: E402
import programs  # noqa: E402


class Torch:
    """PyTorch under the names that seegrad uses too."""

    softplus = staticmethod(torch.nn.functional.softplus)

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)


LIB = Torch()


def results(case: Any, dtype: str) -> dict[str, np.ndarray]:
    """The value of a case and the gradient of each input."""
    leaves = [torch.tensor(x.astype(dtype), requires_grad=True) for x in case.inputs]
    out = case.function(LIB, *leaves)
    found = {"out": out.detach().numpy()}
    if out.requires_grad:
        out.backward(torch.tensor(cases.weights(tuple(out.shape)).astype(dtype)))
        for i, leaf in enumerate(leaves):
            none = np.zeros(tuple(leaf.shape), dtype)
            found[f"grad{i}"] = none if leaf.grad is None else leaf.grad.numpy()
    return found


def make_cases() -> None:
    """Every case in both precisions."""
    stored = {}
    for case in cases.cases():
        for dtype in ("float64", "float32"):
            for what, array in results(case, dtype).items():
                stored[f"{case.name}|{dtype}|{what}"] = array
    cases.store(FOLDER / "cases.npz", stored)
    print(f"{len(stored)} arrays in cases.npz")


def make_programs(count: int = 300) -> None:
    """The result of every random program, then its gradients, end to end."""
    stored = {}
    for seed in range(count):
        program = programs.program(seed)
        leaves = [torch.tensor(x, requires_grad=True) for x in program.leaves]
        out = programs.run(program, LIB, leaves)
        out.backward()
        grads = [leaf.grad.numpy().ravel() for leaf in leaves]
        stored[str(seed)] = np.concatenate([[out.item()], *grads])
    cases.store(FOLDER / "programs.npz", stored)
    print(f"{count} programs in programs.npz")


def make_dtypes() -> None:
    """The dtype that every call of `dtypes_made` gives, or `error`."""
    lines = []
    for name, call in dtypes_made.calls():
        try:
            result = str(call(LIB, torch.tensor).dtype)
        except (RuntimeError, NotImplementedError):
            result = "error"
        lines.append(f"{name} = {result.removeprefix('torch.')}\n")
    (FOLDER / "dtypes_made.txt").write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} dtypes in dtypes_made.txt")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # PyTorch's remarks on empty and single samples
    torch.set_num_threads(1)
    make_cases()
    make_programs()
    make_dtypes()
