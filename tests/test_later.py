"""What is loaded when it is first used: not before, whichever way, and all of it."""

import copy
import importlib
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import seegrad as sg
from seegrad.later import FOLDERS, load_later

SOURCE = Path(__file__).parent.parent / "src"
START = f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n"
HEAVY = {"difflib", "hashlib", "html", "json", "llvmlite", "matplotlib", "shutil"}
HEAVY |= {"tempfile", "tqdm"}


def fresh(code: str) -> list[str]:
    """The words that a process of its own prints."""
    command = [sys.executable, "-W", "error", "-c", START + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("", 0) == (done.stderr, done.returncode)
    return done.stdout.split()


def loaded(code: str) -> set[str]:
    """The modules that NumPy does not load, but the code does."""
    start = "import numpy; before = set(sys.modules)\n"
    return set(fresh(f"{start}{code}\nprint(*set(sys.modules) - before)"))


def folders(code: str) -> set[str]:
    """The folders of FOLDERS that the code loads."""
    modules = loaded(code)
    return {folder for folder in FOLDERS if f"seegrad.{folder}" in modules}


def test_the_import_loads_what_every_program_needs():
    """Neither the folders nor what is slow to load of Python and of others."""
    modules = loaded("import seegrad")
    assert "seegrad.train" in modules
    parts = tuple(f"seegrad.{folder}" for folder in FOLDERS)
    assert [] == sorted(name for name in modules if name.startswith(parts))
    assert set() == HEAVY & modules


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import seegrad as sg; sg.compile", {"compiler"}),
        ("from seegrad import draw", {"draw"}),
        ("from seegrad import record", {"record"}),
        ("from seegrad import Tape", {"compiler", "record"}),
        ("from seegrad import *", set(FOLDERS)),
        ("import seegrad as sg; dir(sg)", set()),
        ("import seegrad as sg; hasattr(sg, 'recrod')", set()),
    ],
)
def test_a_name_loads_its_folder(code, expected):
    """And no drawings for somebody who compiles."""
    assert expected == folders(code)


@pytest.mark.parametrize(
    "code",
    [
        "import seegrad as sg; sg.record",
        "from seegrad import doctor",
        "import seegrad.record",
        "import seegrad.record.tape",
        "from seegrad.record.nudge import Nudge",
    ],
)
def test_record_is_the_function_whoever_loads_the_folder(code):
    """Python would hang the folder `seegrad.record` in its place."""
    code += "\nimport seegrad as sg; from seegrad.record import record"
    code += "\nimport seegrad.record as the_same"
    assert ["True", "True"] == fresh(
        f"{code}\nprint(sg.record is record, sg.record is the_same)"
    )


def test_names_are_known_before_they_are_loaded():
    """For help, tab completion and whoever looks through the module."""
    known = fresh("import seegrad as sg; print(*dir(sg))")
    assert sorted(known) == known
    assert set() == {*sg.__all__, *FOLDERS, "__version__"} - set(known)
    assert set(known) <= set(dir(sg))


def test_every_name_can_be_had_by_itself():
    """One after another from the last to the first, each is that of its folder."""
    code = "import seegrad as sg\nfor n in sg.__all__[::-1]: getattr(sg, n)\n"
    assert ["ok"] == fresh(code + "print('ok')")
    for folder in FOLDERS[:-1]:
        part = importlib.import_module(f"seegrad.{folder}")
        for name in set(part.__all__) & set(sg.__all__):
            assert getattr(part, name) is getattr(sg, name)


def test_threads_get_the_same_name():
    """Whoever asks while another loads waits for the whole of it."""
    words = fresh(
        "import threading, seegrad as sg\n"
        "gate, found = threading.Barrier(8), []\n"
        "def look(name):\n"
        "    gate.wait()\n"
        "    found.append((name, getattr(sg, name)))\n"
        "names = ['record', 'Tape', 'doctor', 'draw'] * 2\n"
        "threads = [threading.Thread(target=look, args=(n,)) for n in names]\n"
        "[t.start() for t in threads], [t.join() for t in threads]\n"
        "print(len(found), all(thing is getattr(sg, n) for n, thing in found))\n"
    )
    assert ["8", "True"] == words


def test_an_error_while_loading_is_raised_each_time_until_it_is_gone():
    """As a missing module is; then the folder is loaded as if nothing had been."""
    words = fresh(
        "import seegrad as sg\n"
        "sys.modules['seegrad.draw.svg'] = None\n"
        "for ask in (getattr, hasattr):\n"
        "    try:\n"
        "        ask(sg, 'draw')\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(error.name)\n"
        "del sys.modules['seegrad.draw.svg']\n"
        "print(sg.draw.graph.__name__, sg.doctor.__name__)\n"
    )
    assert ["seegrad.draw.svg"] * 2 + ["graph", "doctor"] == words


@pytest.mark.parametrize("name", ["draw", "doctor"])
def test_a_mistake_while_loading_does_not_pass_for_a_missing_name(monkeypatch, name):
    """`hasattr` would call an AttributeError a no, and `from` would hide it."""

    def broken(folder):
        raise AttributeError("module 'numpy' has no attribute 'flaot'")

    monkeypatch.setattr("seegrad.later.import_module", broken)
    library = ModuleType("planted")
    load_later(library)
    library.__all__ = ["doctor", "draw"]
    with pytest.raises(ImportError, match=r"cannot be loaded: .* 'flaot'"):
        hasattr(library, name)


def test_a_name_that_nobody_has():
    """The error is that of every module."""
    with pytest.raises(AttributeError) as caught:
        sg.recrod
    assert "module 'seegrad' has no attribute 'recrod'" == str(caught.value)
    assert ("recrod", sg) == (caught.value.name, caught.value.obj)


def test_a_name_can_be_replaced(monkeypatch):
    """Only a folder is not taken for `record`."""
    monkeypatch.setattr(sg, "record", 1)
    assert 1 == sg.record
    monkeypatch.setattr(sg, "draw", 2)
    assert 2 == sg.draw


def test_copies_and_pickles_are_by_name():
    """A function of a notebook that uses `sg` can be sent to another process."""
    assert sg is copy.deepcopy(sg)
    assert sg is pickle.loads(pickle.dumps(sg))
    for thing in (sg.record, sg.doctor, sg.Tape, sg.draw.graph):
        assert thing is pickle.loads(pickle.dumps(thing))
