"""Straight code of thousands of instructions becomes functions, called one by one.

A program of single numbers has no loops: all of it would be one block. LLVM looks at a
block as a whole, and some of what it does takes time with the square of its length, so
it gets parts of a few hundred instructions. A number that a later part needs waits in
memory, in a place that is free again after its last reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from llvmlite import ir
from llvmlite.ir import Instruction

from seegrad.compiler.registers.loops import INDEX, POINTER

LONGEST = 256  # instructions of a part; of many more each takes LLVM longer
WORD = 8  # bytes of a place where a number waits
MELTING = {"fmul": ("fadd", "fsub", "fneg"), "fneg": ("fadd", "fsub", "fneg")}
BYTE = ir.IntType(8)


def outlined(function: ir.Function, scratch: ir.Argument) -> int:
    """Cut a function that is one long block; the bytes that its numbers wait in.

    It then calls its parts, which have all of its arguments. One that has jumps stays
    as it is.
    """
    block = function.entry_basic_block
    if len(function.blocks) > 1 or len(block.instructions) <= LONGEST:
        return 0
    outline = Outline(block.instructions, scratch)
    block.instructions = []
    caller = ir.IRBuilder(block)
    for number in range(len(outline.parts)):
        part = ir.Function(function.module, function.ftype, f"{function.name}_{number}")
        part.linkage = "internal"
        part.attributes.add("noinline")
        for argument, own in zip(part.args, function.args, strict=True):
            if "noalias" in own.attributes:
                argument.add_attribute("noalias")
        outline.write(number, part)
        caller.call(part, function.args)
    return outline.words * WORD


class Outline:
    """The parts of a block.

    A name means the same number in every part, so instructions are moved as they are,
    and whatever makes their operands known under their names may do so in its own way:
    addresses and loads are repeated in each part, all else is kept by the part that
    computes it.
    """

    def __init__(self, body: list[Instruction], scratch: ir.Argument) -> None:
        self.scratch = scratch
        self.fetched = _fetched(body)
        self.parts = _packed(_groups([x for x in body if x not in self.fetched]))
        self.home = {x: k for k, part in enumerate(self.parts) for x in part}
        self.last: dict[Instruction, int] = {}  # the last part that needs it
        for number, part in enumerate(self.parts):
            for x in part:
                self.last |= dict.fromkeys(_made(x), number)
        self.words = 0
        self.waiting: dict[Instruction, int] = {}  # where each number waits
        self._place()

    def _place(self) -> None:
        """A place for each number that is needed by a later part than its own."""
        free: list[int] = []
        leaving: dict[int, list[int]] = {}
        for number, part in enumerate(self.parts):
            for x in part:
                if self.last.get(x, number) == number:
                    continue
                if not free:
                    free.append(self.words)
                    self.words += 1
                self.waiting[x] = free.pop()
                leaving.setdefault(self.last[x], []).append(self.waiting[x])
            free += leaving.get(number, ())

    def write(self, number: int, part: ir.Function) -> None:
        """All instructions of a part, and those that it needs for them."""
        block = part.append_basic_block("entry")
        scratch = next(a for a in part.args if a.name == self.scratch.name)
        known: set[Instruction] = set()

        def place(x: Instruction) -> Instruction:
            offset = ir.Constant(INDEX, WORD * self.waiting[x])
            name = f"{x.name}.place"
            gep = ir.GEPInstr(block, scratch, [offset], False, name, source_etype=BYTE)
            block.instructions.append(gep)
            return gep

        def know(x: Instruction) -> None:
            if x in known or self.home.get(x) == number:
                return
            known.add(x)
            if x in self.fetched:
                for operand in _made(x):
                    know(operand)
                block.instructions.append(x)
            else:
                load = ir.LoadInstr(block, place(x), x.name, x.type)
                block.instructions.append(load)

        for x in self.parts[number]:
            for operand in _made(x):
                know(operand)
            block.instructions.append(x)
            if x in self.waiting:
                store = ir.StoreInstr(x.parent, x, place(x))  # no name of this part
                store.align = WORD
                block.instructions.append(store)
        ir.IRBuilder(block).ret_void()


def _made(x: Instruction) -> Iterator[Instruction]:
    """The operands of an instruction that are instructions themselves."""
    return (y for y in x.operands if isinstance(y, Instruction))


def _fetched(body: list[Instruction]) -> set[Instruction]:
    """Addresses, and what is loaded from them before anything is stored.

    Pointers are never stored.
    """
    stores = (k for k, x in enumerate(body) if x.opname == "store")
    first = next(stores, len(body))
    late = {y for x in body[first:] for y in _made(x)}
    found: set[Instruction] = set()
    for k, x in enumerate(body):
        again = x.opname == "load" and k < first and x not in late
        if (again or x.type == POINTER) and found.issuperset(_made(x)):
            found.add(x)
    return found


def _groups(body: list[Instruction]) -> list[list[Instruction]]:
    """What must not be parted: a product, and the one sum that it is for.

    They become one instruction, rounded once, so that the numbers do not depend on the
    cut.
    """
    uses = Counter(y for x in body for y in _made(x))
    user = {y: x for x in body for y in _made(x)}
    groups: list[list[Instruction]] = []
    melting: dict[Instruction, list[Instruction]] = {}
    for x in body:
        if x.opname == "store":
            groups += melting.values()
            melting.clear()
        group = [z for y in _made(x) for z in melting.pop(y, ())]
        group.append(x)
        if uses[x] == 1 and user[x].opname in MELTING.get(x.opname, ()):
            melting[x] = group
        else:
            groups.append(group)
    return groups


def _packed(groups: list[list[Instruction]]) -> list[list[Instruction]]:
    """Groups, in their order, in parts that are long enough."""
    parts: list[list[Instruction]] = [[]]
    for group in groups:
        if len(parts[-1]) + len(group) > LONGEST:
            parts.append([])
        parts[-1] += group
    return parts
