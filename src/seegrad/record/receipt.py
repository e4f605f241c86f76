"""The answer to "why": an account of one number, whose parts add up.

A receipt lists what a number was made of and proves that nothing is missing: each check
puts a sum of parts beside the number that is on the tape.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from seegrad.borrow import borrow
from seegrad.record.numbers import short
from seegrad.record.parts import Path

FEW = 8  # samples that are told in the text


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a formula that ran: its code, its arithmetic, and what it gave."""

    code: str
    arithmetic: str
    value: float
    event: int


@dataclass(frozen=True, slots=True)
class Check:
    """Two numbers that must be the same, up to rounding."""

    what: str
    expected: float
    found: float
    scale: float = 1.0  # how large the numbers were that rounding took place at

    @property
    def difference(self) -> float:
        """How far they are apart."""
        return abs(self.expected - self.found)

    @property
    def holds(self) -> bool:
        """Whether that is rounding: a few millionths of the largest number added."""
        same = self.expected == self.found or (
            math.isnan(self.expected) and math.isnan(self.found)
        )
        return same or self.difference <= 4e-6 * max(self.scale, abs(self.expected))

    def __str__(self) -> str:
        mark = "✓" if self.holds else "✗"
        return f"{mark} {self.what}: {self.found:.9g}, on the tape {self.expected:.9g}"


@dataclass(frozen=True)
class Receipt:
    """Why a number is what it is; print it, ``draw`` it, or take it as ``to_json``.

    For a parameter: ``old`` and ``new``, its ``gradient`` by ``samples`` and ``paths``,
    and the ``lines`` of the optimizer; for any other number the ``lines`` that made it.
    """

    address: str
    step: int
    kind: str  # parameter, or result
    value: float
    old: float | None = None
    gradient: float | None = None
    samples: dict[int, float] = field(default_factory=dict)
    shared: float = 0.0
    paths: list[Path] = field(default_factory=list)
    others: float = 0.0
    others_count: int = 0
    lines: list[Line] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def new(self) -> float:
        """The number as it is now."""
        return self.value

    @property
    def proved(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def to_json(self) -> str:
        """The receipt as JSON, the checks with it."""
        plain = asdict(self)
        plain["checks"] = [asdict(c) | {"holds": c.holds} for c in self.checks]
        plain["samples"] = {str(k): v for k, v in self.samples.items()}
        return json.dumps(_finite(plain), allow_nan=False)

    def draw(self, **settings: Any) -> Any:
        """A picture of the parts; the settings are those of `draw.receipt`."""
        return borrow("Receipt", "draw")(self, **settings)

    def __str__(self) -> str:
        return "\n".join(_text(self))

    __repr__ = __str__


def _text(receipt: Receipt) -> list[str]:
    """The receipt as lines."""
    if receipt.old is None:
        lines = [f"{receipt.address} = {short(receipt.value)}, in step {receipt.step}"]
    else:
        change = receipt.value - receipt.old
        moved = f"went from {receipt.old:.6g} to {receipt.value:.6g}"
        lines = [f"{receipt.address} {moved} in step {receipt.step}: {change:+.6g}"]
    if receipt.gradient is not None:
        lines += ["", f"its gradient is {receipt.gradient:.6g}"]
    lines += _by_sample(receipt)
    if receipt.paths:
        lines += ["", "by path, each a product of slopes"]
        lines += [f"  {path}" for path in receipt.paths]
        if receipt.others_count:
            count = receipt.others_count
            lines.append(f"  {receipt.others:+.4g} by {count} other ways, not followed")
    if receipt.lines:
        title = "the lines that made it" if receipt.old is None else "the update"
        lines += ["", title]
        code = ""
        for line in receipt.lines:
            if line.code and line.code != code:
                code = line.code
                lines.append(f"  {code}")
            lines.append(f"      {line.arithmetic} = {short(line.value)}")
    lines += [f"  note: {note}" for note in receipt.notes]
    if receipt.checks:
        lines += ["", *map(str, receipt.checks)]
    return lines


def _by_sample(receipt: Receipt) -> list[str]:
    if not receipt.samples:
        return []
    ranked = sorted(receipt.samples.items(), key=lambda kv: -abs(kv[1]))
    lines = ["", "by sample, those that count most first"]
    widest = max(abs(ranked[0][1]), 1e-300)
    for k, part in ranked[:FEW]:
        bar = ("+" if part >= 0 else "-") * round(20 * abs(part) / widest)
        lines.append(f"  sample {k:>3}  {part:+.4g}  {bar}")
    rest = ranked[FEW:]
    if rest:
        total = sum(part for _, part in rest)
        lines.append(f"  {len(rest)} others  {total:+.4g}")
    if receipt.shared:
        lines.append(f"  of no sample  {receipt.shared:+.4g}")
    return lines


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
