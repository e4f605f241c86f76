#!/usr/bin/env python3
"""Make tests/compiler/functions.npz: what the compiler's functions have to be near.

For exp, log, sin and the others: float64 numbers, among them those where it is hard
(near a multiple of pi, near overflow, denormal); the float64 nearest to the true
result; and how far the truth is from it, in units of its last place. Needs mpmath,
which comes with PyTorch in the group `reference`.

    python scripts/make_function_reference.py
"""

from __future__ import annotations

from pathlib import Path

import mpmath
import numpy as np
from make_digits import archive

FILE = Path(__file__).resolve().parents[1] / "tests" / "compiler" / "functions.npz"
ONE = {
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
}
# Where each function is defined and its result is a float that is not 0.
RANGES = {
    "exp": (-745.1, 709.78),
    "expm1": (-40.0, 709.78),
    "log": (0.0, 1e308),
    "log1p": (-0.99999, 1e308),
    "sin": (-1e9, 1e9),
    "cos": (-1e9, 1e9),
    "tanh": (-20.0, 20.0),
    "erf": (-6.0, 6.0),
}
LIMITS = (88.72283905206835, 709.782712893384, -708.3964185322641, -745.1332191019411)
TINY = (5e-324, 1e-310, 2.2250738585072014e-308, 1e-300)


def inputs(name: str, generator: np.random.Generator) -> np.ndarray:
    """Hard and random numbers inside the range."""
    low, high = RANGES[name]
    signs = generator.choice([-1.0, 1.0], 120)
    turns = np.rint(10 ** generator.uniform(0, 8.3, 60)) * (np.pi / 2)
    x = np.concatenate(
        [
            generator.uniform(-1.0, 1.0, 80),
            signs * 10 ** generator.uniform(-18.0, 3.0, 120),
            generator.uniform(max(low, -1e9), min(high, 1e9), 60),
            1.0 + signs[:40] * 10 ** generator.uniform(-16.0, 0.0, 40),
            2.0 ** generator.uniform(-1074, 1023, 60),
            turns,
            np.array(LIMITS),
            np.array(TINY),
        ]
    )
    return x[(x > low) & (x <= high) & (x != 0)]


def powers(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bases and exponents whose power is a float."""
    x = np.concatenate(
        [
            10 ** generator.uniform(-5, 5, 150),
            2.0 ** generator.uniform(-1074, 1023, 80),
            1.0 + generator.uniform(-1, 1, 120) * 10 ** generator.uniform(-9, -2, 120),
        ]
    )
    logs = generator.uniform(-740.0, 709.0, x.size)
    y = np.where(generator.random(x.size) < 0.7, logs / np.log(x), logs / 100)
    with np.errstate(all="ignore"):
        z = x**y
    good = (z > 0) & np.isfinite(z)
    return x[good], y[good]


def nearest(value: mpmath.mpf) -> tuple[float, float]:
    """The float64 nearest to a number, and the way from there, in its last place."""
    out = float(value)
    return out, float(
        (value - mpmath.mpf(out)) / mpmath.mpf(float(np.spacing(abs(out))))
    )


def main() -> None:
    """Write the file."""
    mpmath.mp.prec = 400  # enough for what is left of a large x after its turns
    generator = np.random.default_rng(0)
    stored: dict[str, np.ndarray] = {}
    for name, function in ONE.items():
        x = inputs(name, generator)
        stored[f"{name}.x"] = x
        found = [nearest(function(mpmath.mpf(float(number)))) for number in x]
        stored[f"{name}.out"], stored[f"{name}.rest"] = np.array(found).T.copy()
    x, y = powers(generator)
    stored["power.x"], stored["power.y"] = x, y
    pairs = zip(x, y)
    found = [nearest(mpmath.power(mpmath.mpf(float(a)), float(b))) for a, b in pairs]
    stored["power.out"], stored["power.rest"] = np.array(found).T.copy()
    FILE.write_bytes(archive(stored))


if __name__ == "__main__":
    main()
