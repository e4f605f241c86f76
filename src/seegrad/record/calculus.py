"""The derivative of an op as it is written in the source, one line for each input.

A rule is a lambda beside the forward: ``x=lambda g, out, x, y: g * y``. What stands
after the colon is the line of calculus itself, so that is what a tape shows. A rule
with more to do than calculus is a def whose docstring has the line: ``dx = g @ y^T``.
"""

from __future__ import annotations

import ast
import functools
import linecache
from types import CodeType
from typing import Any

from seegrad.record.place import Place


def rule_formula(op: Any, inputs: Any) -> str:
    """The rules of an op in one line: dx = g * y, dy = g * x."""
    return ", ".join(
        f"d{op.input_name(i)} = {text}"
        for i, rule in enumerate(_rules(op, inputs))
        if rule is not None and (text := rule_text(rule))
    )


def rule_places(op: Any, inputs: Any) -> tuple[Place, ...]:
    """The lines where the rules of an op are written."""
    codes = [_code(rule) for rule in _rules(op, inputs) if rule is not None]
    places = [
        Place(code.co_filename, code.co_firstlineno, f"the derivative of {op.name}")
        for code in codes
        if code is not None
    ]
    return tuple(dict.fromkeys(places))


def place_of(function: Any) -> Place:
    """Where a function is written."""
    code = function.__code__
    return Place(code.co_filename, code.co_firstlineno, code.co_qualname)


def rule_text(rule: Any) -> str:
    """What a rule computes, as it is written; of a def, what it says or returns."""
    code = _code(rule)
    return "" if code is None else _text(code)


def _rules(op: Any, inputs: Any) -> tuple[Any, ...]:
    if op.rule_of_each is not None:
        return (op.rule_of_each,)
    return tuple(op.rules_for(inputs))


def _code(rule: Any) -> CodeType | None:
    code = getattr(rule, "__code__", None)
    return code if isinstance(code, CodeType) else None


@functools.cache
def _text(code: CodeType) -> str:
    names = list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    for node in _functions(code.co_filename).get(code.co_firstlineno, ()):
        arguments = node.args
        own = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        own += [a.arg for a in arguments.kwonlyargs]
        if own != names:
            continue
        if isinstance(node, ast.Lambda):
            return ast.unparse(node.body)
        said = (ast.get_docstring(node) or "").partition(" = ")
        if said[2] and said[0].startswith("d"):
            return said[2].partition("\n")[0]
        returns = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
        if returns:
            return ast.unparse(returns[-1].value)  # type: ignore[arg-type]
    return ""


@functools.lru_cache(maxsize=64)
def _functions(file: str) -> dict[int, list[Any]]:
    """Every lambda and def of a file by its first line."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    found: dict[int, list[Any]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            found.setdefault(node.lineno, []).append(node)
    return found
