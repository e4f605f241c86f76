"""What every test runs under: no window is opened, and random inputs can be repeated.

Hypothesis draws new inputs on each run at a desk, so that the suite keeps exploring,
and the same inputs on each run in CI, so that a red build is red again when looked at.
A test that leaves the library in another state than it found it in fails.
"""

import os
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

import seegrad as sg
from seegrad import lend, node
from seegrad.mode import mode, switched
from seegrad.op import REGISTRY

os.environ["MPLBACKEND"] = "Agg"

# No deadline: the first call of a test pays for imports, and machines are unequal.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def library_state() -> dict[str, object]:
    """Everything that one test could leave behind for the next."""
    return {
        "recording": mode.recording,
        "watcher": mode.watcher,
        "switched": list(switched),
        "ops": {
            name: op
            for name, op in REGISTRY.items()
            if not op.__module__.startswith("seegrad.")  # ours arrive with an import
        },
        "number of threads": sg.get_num_threads(),
        "NumPy's random numbers": np.random.get_state()[2],  # noqa: NPY002
        "NumPy's error state": np.geterr(),
    }


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """Fail a test that changes global state; give each the same random stream."""
    before = library_state()
    sg.manual_seed(0)
    yield
    after = library_state()
    changed = [name for name in before if before[name] != after[name]]
    assert [] == changed


@pytest.fixture
def own_ops() -> Iterator[None]:
    """A test with this fixture may define ops; they are gone when it is over."""
    ops, lent = dict(REGISTRY), dict(lend.LENT)
    attributes = dict(vars(node.Node))
    yield
    for name in set(vars(node.Node)) - set(attributes):
        delattr(node.Node, name)
    for name in lent:
        setattr(node.Node, name, attributes[name])
    for table, before in ((REGISTRY, ops), (lend.LENT, lent)):
        table.clear()
        table.update(before)
