#!/usr/bin/env python3
"""Write docs/reference/ops.md: every op, from the same table that tests it.

Nothing on the page is typed by hand. The formula is the op's docstring, the derivatives
are the source of its rules, the numbers are computed, and the shapes and refusals are
the sample calls that the contract tests run.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from seegrad import Value
from seegrad.backpropagation import local_derivatives
from seegrad.op import KINDS, REGISTRY, Op
from seegrad.samples import calls

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "ops.md"

INTRODUCTION = """\
This page is made by `scripts/make_op_reference.py` from the ops themselves.
In a rule, `g` is the gradient arriving at the result `out`.
Broadcasting is undone by the engine, so no rule mentions it."""

MEANING = {
    "elementwise": "One number in, one number out, position by position.",
    "movement": "Numbers change their place, not their value.",
    "reduction": "Many numbers become one.",
    "contraction": "Products are formed and summed.",
    "lookup": "Numbers are found by their index.",
    "opaque": "Anything else; it runs, and nothing looks inside.",
}


def page() -> str:
    """The whole page as Markdown."""
    ops = [op for op in REGISTRY.values() if op.__module__.startswith("seegrad.")]
    parts = [
        "# Every op",
        INTRODUCTION,
    ]
    for kind in KINDS:
        members = sorted((op for op in ops if op.kind == kind), key=lambda op: op.name)
        if members:
            parts += [f"## {kind.capitalize()}", MEANING[kind]]
            parts += [section(op) for op in members]
    return "\n\n".join(parts) + "\n"


def section(op: Op) -> str:
    """One op: what it computes, how it differentiates, what it takes and refuses."""
    lines = [f"### `{op.name}{op.__signature__}`", "", f"out = {op.formula}", ""]
    lines += [f"- {line}" for line in (*derivatives(op), *example(op), *shapes(op))]
    for inputs, settings, error, text in op.refusals:
        given = ", ".join([*map(str, inputs), *written(settings)])
        lines.append(f"- refuses `{given}`: {error.__name__}, “… {text} …”")
    return "\n".join(lines)


def derivatives(op: Op) -> list[str]:
    """The rule of each input, as it stands in the source."""
    rules = (op.rule_of_each,) if op.variadic else op.rules
    if not op.differentiable:
        return ["no derivative: the gradient ends here"]
    return [
        f"gradient for `{name}`: `{rule_text(rule)}`"
        for name, rule in zip(op.input_names, rules, strict=True)
        if rule is not None
    ]


def rule_text(rule: Any) -> str:
    """The body of a rule: the expression of a lambda, the last line of a function."""
    source = textwrap.dedent(inspect.getsource(rule)).strip()
    if source.startswith("def"):
        body = ast.parse(source).body[0]
        assert isinstance(body, ast.FunctionDef)
        described = ast.get_docstring(body)
        return described or ast.unparse(body.body[-1]).removeprefix("return ")
    start = source.index("lambda")
    for end in range(
        len(source), start, -1
    ):  # the lambda ends before a comma or bracket
        try:
            tree = ast.parse(source[start:end], mode="eval")
        except SyntaxError:
            continue
        if isinstance(tree.body, ast.Lambda):
            return ast.unparse(tree.body.body)
    raise ValueError(f"cannot read the rule {source!r}")


def example(op: Op) -> list[str]:
    """The op at its own example point, with the slope for each input."""
    if not op.at:
        return []
    out = op(*(Value(x) for x in op.at))
    points = zip(op.input_names, op.at, strict=True)
    given = ", ".join(f"{name} = {x:g}" for name, x in points)
    text = f"at {given}: out = {out.data:.6g}"
    slopes = local_derivatives(out)
    if slopes:
        named = zip(op.input_names, slopes, strict=True)
        text += "; " + ", ".join(
            f"d out / d {name} = {slope:.6g}"
            for name, slope in named
            if slope is not None
        )
    return [text]


def shapes(op: Op) -> list[str]:
    """The shapes of the sample calls."""
    seen = []
    for inputs, settings in calls(op):
        given = ", ".join([*(str(x.shape) for x in inputs), *written(settings)])
        seen.append(f"`{given}`")
    return ["takes, for example, " + "; ".join(seen)] if seen else []


def written(settings: dict[str, Any]) -> list[str]:
    """Settings as they are written in a call."""
    return [f"{name}={plainly(value)}" for name, value in settings.items()]


def plainly(value: Any) -> str:
    """A setting on one line, arrays as the lists they are made from."""
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    if isinstance(value, tuple):
        inner = ", ".join(map(plainly, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return value.name if isinstance(value, np.dtype) else repr(value)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"wrote {PAGE}\n")
