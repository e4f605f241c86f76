"""The machine room: what is built can be called, read, and goes when it is done."""

import ctypes
import gc
import threading
import weakref

import pytest
from llvmlite import ir

from seegrad.compiler.machine import host as host_file
from seegrad.compiler.machine.build import Built, build
from seegrad.compiler.machine.host import (
    cache_sizes,
    enabled,
    host,
    pretending,
    usable_cores,
)
from seegrad.compiler.registers.loops import INDEX, POINTER, Loops
from seegrad.errors import ArgumentError

TWICE = """
define i64 @twice(i64 %x) { %y = call i64 @add(i64 %x, i64 %x) ret i64 %y }
define internal i64 @add(i64 %x, i64 %y) { %z = add i64 %x, %y ret i64 %z }
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing is taken from the cache of the person who runs the tests."""
    monkeypatch.setenv("SEEGRAD_CACHE_DIR", str(tmp_path / "cache"))


def call(built: Built, name: str, *numbers: int) -> int:
    """The result of a function of whole numbers."""
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * len(numbers))
    return kind(built.address(name))(*numbers)


def doubling(lanes: int) -> ir.Module:
    """A module with one function, that adds one vector of floats to itself."""
    module = ir.Module("doubling")
    kind = ir.FunctionType(ir.VoidType(), [POINTER, POINTER])
    loops = Loops(ir.Function(module, kind, "double"))
    b, vector = loops.builder, ir.VectorType(ir.FloatType(), lanes)
    x = b.load(loops.function.args[0], typ=vector, align=4)
    b.store(b.fadd(x, x), loops.function.args[1], align=4)
    b.ret_void()
    return module


def test_what_is_built_can_be_called():
    """Text goes in, a function comes out; only what is public has an address."""
    built = build(TWICE)
    assert 42 == call(built, "twice", 21)
    assert ["twice"] == built.names
    with pytest.raises(KeyError):
        built.address("add")


def test_a_module_of_llvmlite_is_taken_as_it_is():
    """The loops of the compiler run as they are written."""
    module = ir.Module("triangle")
    loops = Loops(
        ir.Function(module, ir.FunctionType(INDEX, [INDEX]), "triangle number")
    )
    n, b = loops.function.args[0], loops.builder
    start = [loops.count(0)]
    (total,) = loops.loop(0, n, lambda i, sum: [b.add(sum, i)], carried=start)
    b.ret(total)
    assert 45 == call(build(module), "triangle number", 10)


@pytest.mark.parametrize("effort", ["quick", "thorough"])
def test_the_result_of_the_passes_can_be_read(effort):
    """Both efforts give the same function, as text and as instructions."""
    built = build(TWICE, effort=effort)
    assert "define" in built.ir
    assert "twice:" in built.assembly
    assert 42 == call(built, "twice", 21)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("define void @f( { }", "parsing error"),
        ("define i64 @f() { ret i64 %x }", "undefined value"),
    ],
)
def test_a_malformed_module_is_refused(text, complaint):
    """LLVM's own words say what is wrong."""
    with pytest.raises(RuntimeError, match=complaint):
        build(text)


def test_many_modules_live_side_by_side():
    """Functions of the same name do not meet."""
    texts = [f"define i64 @f() {{ ret i64 {n} }}" for n in range(50)]
    all_of_them = [build(text) for text in texts]
    assert list(range(50)) == [call(built, "f") for built in all_of_them]


def test_the_code_goes_when_the_handle_goes():
    """Nothing of ours holds on to what was built."""
    built = build(TWICE)
    library = weakref.ref(built._library)
    del built
    gc.collect()
    assert library() is None


def test_several_threads_may_compile_at_once():
    """Each gets the function it asked for."""
    results = {}

    def work(n):
        text = f"define i64 @f() {{ ret i64 {n} }}"
        results[n] = call(build(text, cached=n % 2 == 0), "f")

    workers = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {n: n for n in range(12)} == results


def test_a_function_of_the_c_library_is_found():
    """Code may call what the process has."""
    text = "declare i64 @labs(i64)\ndefine i64 @f(i64 %x) { %y = call i64 @labs(i64 %x)"
    assert 5 == call(build(text + " ret i64 %y }"), "f", -5)


def test_the_host_is_what_it_says():
    """Widths are of one of the known machines, sizes rise with the level."""
    here = host()
    assert here.vector_bytes in (16, 32, 64)
    assert here.vector_registers in (16, 32)
    assert 0 < here.level_1 <= here.level_2
    assert 1 <= usable_cores()
    assert here.vector_bytes == 4 * here.lanes(4)
    assert here is host()


@pytest.mark.parametrize(("kind", "register"), [("sse", "xmm"), ("avx2", "ymm")])
def test_code_for_a_smaller_machine_runs_here(kind, register):
    """It is written with the smaller registers, and gives the same result."""
    try:
        with pretending(kind) as smaller:
            assert smaller is host()
            built = build(doubling(smaller.lanes(4)))
    except ArgumentError as refused:
        pytest.skip(refused.what)
    assert smaller.lanes(4) * 4 == {"xmm": 16, "ymm": 32}[register]
    assert register in built.assembly
    assert "zmm" not in built.assembly
    x, out = (ctypes.c_float * 8)(*[1.5] * 8), (ctypes.c_float * 8)()
    kind_of_call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
    kind_of_call(built.address("double"))(ctypes.addressof(x), ctypes.addressof(out))
    assert [3.0] * smaller.lanes(4) == out[: smaller.lanes(4)]
    assert host() is not smaller


def test_an_unknown_machine_cannot_be_pretended():
    """The error lists the known ones."""
    with pytest.raises(ArgumentError, match="no machine called 'avx'"):
        pretending("avx").__enter__()


def test_a_larger_machine_cannot_be_pretended(monkeypatch):
    """Its code could not run here."""
    bare = host_file.replace(host(), features="+sse4.2,-avx2")
    monkeypatch.setattr(host_file, "_real", lambda: bare)
    with pytest.raises(ArgumentError, match="cannot run code for 'avx2'"):
        pretending("avx2").__enter__()
    with pretending("sse") as smaller:
        assert 16 == smaller.vector_bytes


def test_caches_are_read_from_the_system(tmp_path, monkeypatch):
    """Instruction caches do not count, and what is unreadable is taken as typical."""
    for number, (kind, level, size) in enumerate(
        [("Data", 1, "48K"), ("Instruction", 1, "99K"), ("Unified", 2, "2M\n")]
    ):
        entry = tmp_path / f"index{number}"
        entry.mkdir()
        for name, text in {"type": kind, "level": level, "size": size}.items():
            (entry / name).write_text(str(text))
    (tmp_path / "index3").mkdir()
    monkeypatch.setattr(host_file, "CACHES", tmp_path)
    monkeypatch.setattr(host_file.platform, "system", lambda: "Linux")
    assert {1: 48 << 10, 2: 2 << 20} == cache_sizes()


@pytest.mark.parametrize(("text", "most"), [("150000 100000", 2), ("1000 100000", 1)])
def test_a_quota_limits_the_cores(tmp_path, monkeypatch, text, most):
    """One and a half cores are two; the least is one."""
    (tmp_path / "cpu.max").write_text(text)
    monkeypatch.setattr(host_file, "QUOTA", tmp_path / "cpu.max")
    assert 1 <= usable_cores() <= most


def test_enabled_features_are_those_with_a_plus():
    """A minus switches off."""
    assert {"avx2", "fma"} == enabled("+avx2,-avx512f,+fma")
