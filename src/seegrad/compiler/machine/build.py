"""From LLVM's language to machine code that can be called, and what it looks like.

The text of a module is checked, made better by LLVM's passes and turned into an object
file, which is linked into this process. The object is kept on disk, so all but the last
step happens once per machine. What a person wants to look at (the better text, the
assembly) is made when it is asked for.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import llvmlite
import llvmlite.binding as llvm
from llvmlite import ir

from seegrad.compiler.machine import cache as disk
from seegrad.compiler.machine.host import Host, host

# LLVM is used by one thread at a time: llvmlite takes this lock for each call, and
# whenever it throws something away. A fork waits for it, or a child would inherit a
# lock that nobody is left to open.
_lock: Any = getattr(llvm.ffi.lib, "_lock", None) or threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.__enter__,
        after_in_parent=_lock.__exit__,
        after_in_child=_lock.__exit__,
    )
_numbers = itertools.count()

# A name that other code can see: `define void @"step"(...)`, but not `define internal`.
_PUBLIC = re.compile(
    r'^define (?!internal |private )[^@\n]*@(?:"([^"\n]+)"|([^\s(]+))\(', re.M
)
_OF_PYTHON = re.compile(r"^declare [^@\n]*@(Py\w+)\(", re.M)  # what it calls of CPython

# All that loops need which are already written as they should run. Measured against
# LLVM's -O2 on whole steps: as fast, in a third of the time.
PASSES = (
    "always_inliner",
    "sroa",
    "simplify_cfg",
    "instruction_combine",
    "aggressive_dce",
    "simplify_cfg",
    "global_dead_code_eliminate",
)


@dataclass
class Built:
    """Machine code in this process, alive as long as this object is.

    ``from_cache`` tells whether the code was found on disk. Whoever calls an address
    must hold on to the object meanwhile.
    """

    text: str
    host: Host
    effort: str = "quick"
    from_cache: bool = False
    make: Callable[[], str] | None = None  # writes the text of code that was found
    names: list[str] = field(default_factory=list)  # the functions that can be called
    _library: Any = None

    def __post_init__(self) -> None:
        self.names = self.names or [a or b for a, b in _PUBLIC.findall(self.text)]

    @property
    def source(self) -> str:
        """The text of the module, before LLVM's passes."""
        if not self.text and self.make is not None:
            self.text = self.make()
        return self.text

    def address(self, name: str) -> int:
        """Where a function begins; KeyError if the module has none of that name."""
        return int(self._library[name])

    @cached_property
    def ir(self) -> str:
        """The module after LLVM's passes, as text."""
        with _lock, _optimised(self) as (module, _):
            return str(module)

    @cached_property
    def assembly(self) -> str:
        """The instructions of the machine, as text."""
        with _lock, _optimised(self) as (module, machine):
            return str(machine.emit_assembly(module))


def build(
    module: ir.Module | str, *, effort: str = "quick", cached: bool = True
) -> Built:
    """Compile a module and load it; RuntimeError if LLVM finds it malformed.

    ``effort`` is ``"quick"`` for loops that are written out as they should run, or
    ``"thorough"`` for others, which takes LLVM about three times as long.

    >>> built = build("define i64 @one() { ret i64 1 }", cached=False)
    >>> built.names, built.address("one") > 0
    (['one'], True)
    """
    built = Built(str(module), host(), effort)
    _complete(built, built.text, lambda: 0, cached)
    return built


def build_described(
    description: str, names: list[str], make: Callable[[], tuple[ir.Module, int]]
) -> tuple[Built, int]:
    """Code found on disk by a description, or else made; and a number kept with it.

    Equal descriptions must mean equal code. ``make`` returns the module and the number;
    ``names`` are the functions that can be called.
    """
    built = Built("", host(), make=lambda: str(make()[0]), names=names)

    def write() -> int:
        module, number = make()
        built.text = str(module)
        return number

    return built, _complete(built, description, write)


def _complete(
    built: Built, content: str, write: Callable[[], int], cached: bool = True
) -> int:
    """Find the code on disk, or compile what is written; the number kept with it."""
    name = _key(built, content)
    entry = disk.load(name) if cached else None
    if entry is not None:
        try:
            _link(built, entry[8:])
        except RuntimeError:  # whole, but of no use: then as if it were not there
            pass
        else:
            built.from_cache = True
            return int.from_bytes(entry[:8], "little")
    number = write()
    with _lock, _optimised(built) as (module, machine):
        code = bytes(machine.emit_object(module))
    _link(built, code)
    if cached:
        disk.store(name, number.to_bytes(8, "little") + code)
    return number


def _key(built: Built, content: str) -> bytes:
    version = ".".join(map(str, llvm.llvm_version_info))
    machine = built.host
    return disk.key(
        content,
        built.effort,
        machine.triple,
        machine.name,
        machine.features,
        llvmlite.__version__,
        version,
    )


@contextmanager
def _optimised(built: Built) -> Iterator[tuple[Any, Any]]:
    """The module in LLVM's memory after its passes, and the machine it is for."""
    _wake_llvm()
    target = _target_machine(built.host)
    # In a context of its own, so that its types and constants are freed with it.
    with (
        llvm.create_context() as context,
        llvm.parse_assembly(built.source, context) as module,
    ):
        module.triple = target.triple
        module.data_layout = str(target.target_data)
        module.verify()
        _optimise(module, target, built.effort)
        yield module, target


def _optimise(module: Any, target: Any, effort: str) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    # Our loops say themselves which numbers go into one vector, and how many rounds
    # are written out.
    options.loop_vectorization = options.slp_vectorization = False
    options.loop_interleaving = options.loop_unrolling = False
    builder = llvm.create_pass_builder(target, options)
    if effort == "thorough":
        passes = builder.getModulePassManager()
    else:
        passes = llvm.create_new_module_pass_manager()
        for name in PASSES:
            getattr(passes, f"add_{name}_pass")()
    passes.run(module, builder)


def _link(built: Built, code: bytes) -> None:
    """Load object code into this process and look up its functions."""
    with _lock:
        _wake_llvm()
        library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name in built.names:
            library.export_symbol(name)
        for name in _OF_PYTHON.findall(built.text):
            function = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p)
            library.import_symbol(name, function.value)
        built._library = library.link(_linker(), f"seegrad {next(_numbers)}")


@cache
def _wake_llvm() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@cache
def _target_machine(machine: Host) -> Any:
    """LLVM's idea of a machine: near code, near constants."""
    near = os.name != "nt"
    return llvm.Target.from_triple(machine.triple).create_target_machine(
        cpu=machine.name,
        features=machine.features,
        opt=2,
        reloc="pic" if near else "default",
        codemodel="small" if near else "jitdefault",
        jit=True,
    )


@cache
def _linker() -> Any:
    return llvm.create_lljit_compiler(
        _target_machine(host()), use_jit_link=os.name != "nt"
    )
