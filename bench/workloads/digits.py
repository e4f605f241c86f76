"""Handwritten digits of 8 x 8 pixels, 64-128-10: the size of a first real model.

They are read from seegrad's own file without importing seegrad, which the processes of
the other engines must not hold.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.workloads._perceptron import perceptron
from bench.workloads.base import Array

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "src" / "seegrad" / "data" / "digits.npz"


def source(batch: int) -> tuple[Array, Array]:
    """The first digits of the bundled set, from 0 to 1."""
    with np.load(FILE, allow_pickle=False) as stored:
        x, y = stored["images"][:batch], stored["labels"][:batch]
    return x.astype(np.float32) / np.float32(16.0), y.astype(np.int64)


WORKLOADS = [perceptron("digits", [64, 128, 10], 64, source)]
