"""One function out of the text of a whole module, in LLVM's language or in assembly.

LLVM prints modules; a person looks at one kernel at a time. Where a function begins and
ends can be read off the text of either language. The parts that a long kernel was cut
into follow it.
"""

from __future__ import annotations

import re

_DEFINED = re.compile(r'^define [^@\n]*@"?([\w.$-]+)"?\(.*?^\}$', re.M | re.S)
_PART = re.compile(r"^(kernel_\d+)_\d+$")
_LABEL = re.compile(r"^_?([A-Za-z][\w$]*):")
_NOISE = re.compile(r"^\s*\.(cfi_|p2align|type|size|section|text|globl|addrsig)")


def ir_functions(text: str) -> dict[str, str]:
    """The functions of a module in LLVM's language, by name.

    >>> list(ir_functions("define i64 @one() {" + chr(10) + "}"))
    ['one']
    """
    functions: dict[str, list[str]] = {}
    for found in _DEFINED.finditer(text):
        functions.setdefault(_whole(found[1]), []).append(found[0])
    return {name: "\n\n".join(parts) for name, parts in functions.items()}


def assembly_functions(text: str, names: list[str]) -> dict[str, str]:
    """The instructions of each function that is named, without what only linkers read.

    >>> text = ["one:", "  movl $1, %eax", "  retq", "two:", "  retq"]
    >>> assembly_functions(chr(10).join(text), ["two"])["two"].split()
    ['two:', 'retq']
    """
    wanted, found = set(names), dict[str, list[str]]()
    current: list[str] | None = None
    for line in text.splitlines():
        label = _LABEL.match(line)
        if label:
            name = _whole(label[1])
            current = found.setdefault(name, []) if name in wanted else None
        elif line.startswith((".Lfunc_end", "Lfunc_end")):
            current = None
        if current is not None and not _NOISE.match(line):
            current.append(line)
    return {name: "\n".join(lines).rstrip() for name, lines in found.items()}


def _whole(name: str) -> str:
    """The function that a part was cut from: ``kernel_2`` for ``kernel_2_17``."""
    return _PART.sub(r"\1", name)


def instructions(assembly: str) -> int:
    """How many instructions there are in the text of a function.

    >>> instructions(chr(10).join(["one:", "  movl $1, %eax", "  retq"]))
    2
    """
    lines = (line.split("#")[0] for line in assembly.splitlines())
    return sum(
        line[:1].isspace() and line.strip()[:1] not in ("", ".") for line in lines
    )
