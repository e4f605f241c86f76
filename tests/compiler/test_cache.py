"""Compiled code on disk: found again, and run only if it is surely ours and whole."""

import ctypes
import os
import stat
from pathlib import Path

import pytest

from seegrad.compiler.machine import cache
from seegrad.compiler.machine.build import build
from seegrad.compiler.machine.host import pretending
from seegrad.errors import ArgumentError

SEVEN = "define i64 @f() { ret i64 7 }"
POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("SEEGRAD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def seven() -> bool:
    """Build the example, see that it works, and say whether it came from the cache."""
    built = build(SEVEN)
    assert 7 == ctypes.CFUNCTYPE(ctypes.c_int64)(built.address("f"))()
    return built.from_cache


def entry(folder: Path) -> Path:
    """The only file of the cache."""
    (path,) = folder.iterdir()
    return path


def test_the_second_time_is_a_hit(folder):
    """The same text on the same machine is compiled once."""
    assert [False, True, True] == [seven(), seven(), seven()]


def test_an_entry_is_readable_to_its_owner_alone(folder):
    """Nobody else can read or change what will be run."""
    seven()
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(entry(folder).stat().st_mode)
        assert 0o700 == stat.S_IMODE(folder.stat().st_mode)


def test_the_key_depends_on_all_that_the_code_depends_on(folder):
    """Another text, effort or machine is another entry."""
    seven()
    assert not build(SEVEN.replace("7", "8")).from_cache
    assert not build(SEVEN, effort="thorough").from_cache
    try:
        with pretending("sse"):
            assert not build(SEVEN).from_cache
    except ArgumentError as refused:
        pytest.skip(refused.what)


def flip(data: bytes, position: int) -> bytes:
    """The same bytes, but for one bit."""
    changed = bytearray(data)
    changed[position] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:40],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: flip(data, -1),
        lambda data: flip(data, 0),
        lambda data: flip(data, len(cache.MAGIC)),
        lambda data: flip(data, len(cache.MAGIC) + 4),
        lambda data: flip(data, cache.HEADER - 1),
        lambda data: b"import os",
    ],
    ids=[
        *("empty", "header", "short", "long", "payload"),
        *("magic", "format", "key", "checksum", "foreign"),
    ],
)
def test_a_damaged_entry_is_made_again(folder, damage):
    """It is not run, and the next time there is a good one."""
    seven()
    path = entry(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert [False, True] == [seven(), seven()]


def test_an_entry_under_another_name_is_ignored(folder):
    """Code that was stored for one text is never run for another."""
    seven()
    other = build("define i64 @f() { ret i64 8 }")
    assert not other.from_cache
    a, b = sorted(folder.iterdir())
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)
    assert not seven()


def test_whole_but_useless_code_is_made_again(folder):
    """A good checksum over something that is no object file."""
    seven()
    name = bytes.fromhex(entry(folder).name.removesuffix(cache.SUFFIX))
    cache.store(name, b"not machine code")
    assert b"not machine code" == cache.load(name)
    assert [False, True] == [seven(), seven()]


@POSIX
@pytest.mark.parametrize("mode", [0o666, 0o602, 0o620])
def test_an_entry_that_others_may_write_is_ignored(folder, mode):
    """Somebody else may have put anything there."""
    seven()
    entry(folder).chmod(mode)
    assert not seven()


@POSIX
def test_an_entry_of_somebody_else_is_ignored(folder, monkeypatch):
    """Only what this person wrote is run."""
    seven()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not seven()


@POSIX
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_is_ignored(folder, tmp_path, kind):
    """A link may point anywhere, and a pipe would be waited for."""
    seven()
    path = entry(folder)
    path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert not seven()


def test_an_entry_appears_whole_or_not_at_all(folder, monkeypatch):
    """A failure just before the last move leaves nothing behind."""

    def fail(*_):
        assert 1 == len(list(folder.iterdir()))  # the partial file
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        assert not seven()
    assert [] == list(folder.iterdir())
    assert [False, True] == [seven(), seven()]


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path, monkeypatch):
    """A file stands where the folder should be."""
    (tmp_path / "cache").write_text("I was here first")
    monkeypatch.setenv("SEEGRAD_CACHE_DIR", str(tmp_path / "cache"))
    assert [False, False] == [seven(), seven()]


def test_an_empty_setting_switches_the_cache_off(monkeypatch):
    """Nothing is read and nothing is written."""
    monkeypatch.setenv("SEEGRAD_CACHE_DIR", "")
    assert cache.folder() is None
    assert [False, False] == [seven(), seven()]


def test_one_call_may_pass_the_cache_by(folder):
    """It neither reads nor writes."""
    built = build(SEVEN, cached=False)
    assert not built.from_cache
    assert not folder.exists()


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/seegrad"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/seegrad"),
        ("linux", {}, "/home/me/.cache/seegrad"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "/home/me/Library/Caches/seegrad"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/seegrad"),
    ],
)
def test_each_system_has_its_place_for_caches(monkeypatch, system, variables, expected):
    """Where people and their tools look for such things."""
    for name in ("SEEGRAD_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(cache.sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    assert Path(expected) == cache.folder()


def test_what_was_not_used_for_longest_is_removed_first(folder):
    """Reading counts as using."""
    names = [cache.key(str(n)) for n in range(4)]
    for age, name in enumerate(names):
        cache.store(name, b"x" * 1000)
        path = folder / (name.hex() + cache.SUFFIX)
        os.utime(path, (1000 + age, 1000 + age))
    cache.load(names[0])
    size = sum(path.stat().st_size for path in folder.iterdir()) // 4
    cache.trim(folder, limit=2 * size)
    kept = [n for n in range(4) if cache.load(names[n]) is not None]
    assert [0, 3] == kept


def test_storing_keeps_the_cache_within_its_limit(folder, monkeypatch):
    """Files of others in the folder are left alone."""
    monkeypatch.setattr(cache, "LIMIT", 5000)
    folder.mkdir()
    (folder / "notes.txt").write_bytes(b"y" * 9000)
    for n in range(20):
        cache.store(cache.key(str(n)), b"x" * 1000)
    ours = [path for path in folder.iterdir() if path.suffix == cache.SUFFIX]
    assert 1 <= len(ours) <= 4
    assert (folder / "notes.txt").exists()
