"""Counting in LLVM: constants, loops that carry values along, and conditions.

LLVM has no loops, only blocks and jumps. Everything that the compiler writes is built
from the few words in this file, so that a kernel reads as the loops that it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

INDEX = ir.IntType(64)
FLAG = ir.IntType(1)
POINTER = ir.PointerType()

Count = Any  # a Python int, or an LLVM value of type i64
Body = Callable[..., Sequence[Any] | None]


class Loops:
    """A place in a function where instructions are added, and how loops are made there.

    ``builder`` is llvmlite's own; every method adds instructions where it stands.
    """

    def __init__(self, function: ir.Function) -> None:
        self.function = function
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))

    @property
    def module(self) -> ir.Module:
        """The module that the function belongs to."""
        return self.function.module

    def count(self, n: Count) -> Any:
        """A number of the type i64; what is an LLVM value already stays as it is."""
        return ir.Constant(INDEX, n) if isinstance(n, int) else n

    def loop(
        self,
        start: Count,
        stop: Count,
        body: Body,
        *,
        step: int = 1,
        carried: Sequence[Any] = (),
    ) -> list[Any]:
        """``for i in range(start, stop, step): carried = body(i, *carried)``.

        The body returns the new values of what is carried, or None where nothing is.
        The result is what is carried when the loop is over. A loop of one round, known
        beforehand, is written out.
        """
        if isinstance(start, int) and isinstance(stop, int):
            rounds = len(range(start, stop, step))
            if rounds == 0:
                return list(carried)
            if rounds == 1:
                return list(body(self.count(start), *carried) or ())
        else:
            rounds = 0  # unknown: look before the first round
        return self._blocks(start, stop, body, step, carried, rounds > 0)

    def _blocks(
        self,
        start: Count,
        stop: Count,
        body: Body,
        step: int,
        carried: Sequence[Any],
        runs: bool,
    ) -> list[Any]:
        b = self.builder
        begin, end = self.count(start), self.count(stop)
        before, inside = b.block, b.append_basic_block("loop")
        after = b.append_basic_block("done")
        if runs:
            b.branch(inside)
        else:
            b.cbranch(b.icmp_signed("<", begin, end), inside, after)
        b.position_at_end(inside)
        i = b.phi(INDEX)
        i.add_incoming(begin, before)
        now = [b.phi(value.type) for value in carried]
        for phi, value in zip(now, carried, strict=True):
            phi.add_incoming(value, before)
        new = list(body(i, *now) or ())
        following = b.add(i, self.count(step), flags=["nsw"])
        last = b.block
        b.cbranch(b.icmp_signed("<", following, end), inside, after)
        i.add_incoming(following, last)
        for phi, value in zip(now, new, strict=True):
            phi.add_incoming(value, last)
        b.position_at_end(after)
        if runs:
            return new
        out = [b.phi(value.type) for value in carried]
        for phi, old, value in zip(out, carried, new, strict=True):
            phi.add_incoming(old, before)
            phi.add_incoming(value, last)
        return out

    def by_lanes(
        self, start: int, stop: int, lanes: int, body: Body, carried: Sequence[Any] = ()
    ) -> list[Any]:
        """As `loop`, so many numbers at a time; ``valid=n`` tells of the last few."""
        left = max(stop - start, 0) % lanes
        end = stop - left
        now = self.loop(start, end, body, step=lanes, carried=carried)
        return list(body(self.count(end), *now, valid=left) or ()) if left else now

    def existing(
        self, number: Any, total: int, lanes: int, body: Callable[[int], None]
    ) -> None:
        """``body(valid)`` for one vector of those that so many numbers fill."""
        whole, left = divmod(total, lanes)
        if not left:
            body(lanes)
            return
        is_last = self.builder.icmp_signed("==", number, self.count(whole))
        with self.when(self.builder.not_(is_last)):
            body(lanes)
        with self.when(is_last):
            body(left)

    def shares(self, count: int, thread: Any, threads: Any) -> tuple[Any, Any]:
        """The part of ``count`` rounds that belongs to a thread: from, up to."""
        b, total = self.builder, self.count(count)
        start = b.udiv(b.mul(total, thread), threads)
        after = b.add(thread, self.count(1))
        return start, b.udiv(b.mul(total, after), threads)

    @contextmanager
    def when(self, condition: Any) -> Iterator[None]:
        """What is added inside runs only where the condition (an i1) holds."""
        b = self.builder
        inside, after = b.append_basic_block("when"), b.append_basic_block("after")
        b.cbranch(condition, inside, after)
        b.position_at_end(inside)
        yield
        b.branch(after)
        b.position_at_end(after)

    def any(self, flags: Any) -> Any:
        """Whether a flag (an i1) is set in any lane."""
        if not isinstance(flags.type, ir.VectorType):
            return flags
        bits = self.builder.bitcast(flags, ir.IntType(flags.type.count))
        return self.builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    def smaller(self, a: Count, b: Count) -> Any:
        """The smaller of two counts."""
        if isinstance(a, int) and isinstance(b, int):
            return self.count(min(a, b))
        x, y = self.count(a), self.count(b)
        return self.builder.select(self.builder.icmp_signed("<", x, y), x, y)

    def fetch(self, address: Any) -> None:
        """Ask for the memory at an address, to be written, before it is needed."""
        writing, soon, data = (ir.Constant(ir.IntType(32), n) for n in (1, 3, 1))
        given = [address, writing, soon, data]
        self.intrinsic("llvm.prefetch.p0", ir.VoidType(), given)

    def shuffled(self, a: Any, b: Any, lanes: Sequence[int]) -> Any:
        """The named lanes of the vector a and, counted on, of b."""
        mask = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes))
        return self.builder.shuffle_vector(a, b, mask)

    def intrinsic(self, name: str, result: Any, arguments: Sequence[Any]) -> Any:
        """Call an LLVM intrinsic by its full name, declaring it on its first use."""
        known = self.module.globals.get(name)
        if known is None:
            kinds = [argument.type for argument in arguments]
            known = ir.Function(self.module, ir.FunctionType(result, kinds), name)
        return self.builder.call(known, arguments)
