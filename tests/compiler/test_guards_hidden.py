"""What is hard to see is watched as well: it hides in modules, boxes and classes."""

import array
import contextvars
import functools
import operator
import os
import random
import runpy
import sys
import types
import warnings
import weakref
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad.compiler.tracing.codes import asked

GUARDS = runpy.run_path(str(Path(__file__).parent / "test_guards.py"))
X, SCALE = GUARDS["X"], 2.0
check, first = GUARDS["check"], GUARDS["first"]
Plain, Slotted, Scaled = GUARDS["Plain"], GUARDS["Slotted"], GUARDS["Scaled"]


def by_import(x):
    """A function that imports what it needs when it is called."""
    from of_the_user import scale

    return x * scale


def by_name(x):
    """A function that asks for names which are only strings."""
    return x * globals()["SCALE"] * getattr(MODULE, NAMES[0])


MODULE = types.ModuleType("of_the_user")
NAMES = ["scale"]


def test_modules_that_are_imported_inside(monkeypatch):
    """By `from ... import`, by `import`, and by a name that is a string."""
    monkeypatch.setitem(sys.modules, "of_the_user", MODULE)
    MODULE.scale = 2.0
    check(by_import, lambda: setattr(MODULE, "scale", 3.0))
    check(by_name, lambda: setattr(MODULE, "scale", 4.0))
    check(by_name, lambda: globals().__setitem__("SCALE", 3.0))
    globals()["SCALE"] = 2.0


def test_the_environment(monkeypatch):
    """A variable that the step looks at."""
    monkeypatch.setenv("FACTOR", "2")
    check(
        lambda x: x * float(os.environ["FACTOR"]),
        lambda: monkeypatch.setenv("FACTOR", "3"),
    )


def test_buffers_and_arrays_of_objects():
    """What is written into them."""
    bytes_, numbers = bytearray(b"\2"), array.array("d", [2.0])
    objects = np.array([[2.0], None], dtype=object)
    check(lambda x: x * bytes_[0], lambda: bytes_.__setitem__(0, 3))
    check(lambda x: x * numbers[0], lambda: numbers.__setitem__(0, 3.0))
    check(lambda x: x * objects[0][0], lambda: objects[0].__setitem__(0, 3.0))


def test_things_that_lead_to_others():
    """A context variable, a proxy of a dictionary, a weak reference, a getter."""
    value = contextvars.ContextVar("value", default=2.0)
    check(lambda x: x * value.get(), lambda: value.set(3.0))
    table = {"scale": 2.0}
    proxy = types.MappingProxyType(table)
    check(lambda x: x * proxy["scale"], lambda: table.update(scale=3.0))
    box = Plain()
    reference, getter = weakref.ref(box), operator.attrgetter("scale")
    check(lambda x: x * reference().scale, lambda: setattr(box, "scale", 4.0))
    check(lambda x: x * getter(box), lambda: setattr(box, "scale", 5.0))


def test_attributes_that_are_added_and_taken_away():
    """Of a class, where its objects had none; of a module; of a slot; of a function."""

    class Above:
        def scale(self):
            return 2.0

    class Below(Above):
        pass

    box = Below()
    check(
        lambda x: x * box.scale(),
        lambda: setattr(Below, "scale", lambda self: 3.0),
        lambda: delattr(Below, "scale"),
    )
    check(lambda x: x * getattr(box, "more", 2.0), lambda: setattr(Above, "more", 3.0))
    module = Scaled()
    check(module, lambda: setattr(module, "factor", 5.0))
    check(module, lambda: delattr(module, "factor"))
    slotted = Slotted()
    del slotted.scale
    check(
        lambda x: x * getattr(slotted, "scale", 2.0),
        lambda: setattr(slotted, "scale", 3.0),
    )
    check(lambda x: x * box.scale(), lambda: setattr(box, "__class__", Doubled))


class Doubled(Plain):
    """Another class for an object to become."""

    def scale(self):
        return 4.0


def test_attributes_of_a_module_that_are_set_behind_its_back():
    """Past its own way to set them, which counts the changes."""
    module = Scaled()
    check(module, lambda: object.__setattr__(module, "scale", 4.0))
    check(module, lambda: vars(module).update(scale=5.0))


def test_descriptors_metaclasses_and_containers_with_attributes():
    """What they hold themselves is looked at as well."""

    class Held:
        def __init__(self):
            self.value = 2.0

        def __get__(self, instance, owner):
            return self.value

    class Meta(type):
        @property
        def twice(cls):
            return 2.0 * cls.value

    class Holder(metaclass=Meta):
        held, value = Held(), 1.0

        @functools.lru_cache  # noqa: B019
        def cached(self):
            return self.value * SCALE

    class Table(dict):
        """A dictionary with an attribute and a method."""

        def scaled(self):
            return self["scale"] * self.factor * SCALE

    holder, table = Holder(), Table(scale=2.0)
    table.factor = 1.0
    descriptor = vars(Holder)["held"]
    check(lambda x: x * holder.held, lambda: setattr(descriptor, "value", 3.0))
    check(lambda x: x * Holder.twice, lambda: setattr(Holder, "value", 3.0))
    check(lambda x: x * table.scaled(), lambda: setattr(table, "factor", 3.0))
    check(lambda x: x * table.scaled(), lambda: table.update(scale=3.0))

    def change():
        Holder.value = 5.0
        Holder.cached.cache_clear()

    check(lambda x: x * holder.cached(), change)


def test_every_number_of_a_large_array_is_compared():
    """Where NumPy computes with it."""
    array = np.ones(40_001)
    check(lambda x: x * array.sum(), lambda: array.__setitem__(20_001, 5.0))


def test_an_object_that_answers_to_any_name():
    """It is not asked for names that only some objects have."""

    class Store:
        def __init__(self):
            self.held = {"scale": 2.0}

        def __getattr__(self, name):
            return self.held[name]

    store = Store()
    check(lambda x: x * store.scale, lambda: store.held.update(scale=3.0))


@pytest.mark.parametrize(
    ("generator", "draw"),
    [
        (np.random.RandomState(0), "rand"),
        (np.random.PCG64(0), "random_raw"),
        (random.Random(0), "random"),
        (random.SystemRandom(), "random"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_generators_of_every_kind_are_noticed(generator, draw):
    """Each draw is another number, so the step runs eagerly."""
    step = sg.compile(lambda x: x * float(getattr(generator, draw)()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert 3 == len({first(step(X)) for _ in range(3)})


def test_a_function_that_counts_its_calls():
    """In an attribute of its own, which is not there before the first."""

    def counted(x):
        counted.calls = getattr(counted, "calls", 0) + 1
        return x * counted.calls

    step = sg.compile(counted)
    assert [1.0, 2.0, 3.0] == [first(step(X)) for _ in range(3)]


def test_an_import_in_a_very_long_function():
    """Where byte code needs a second half for its arguments."""
    lines = [f"    x.name{i}" for i in range(300)]
    table = {}
    exec(
        "\n".join(["def long(x):", *lines, "    import math", "    from . import b"]),
        table,
    )
    assert ("math", ".") == asked(table["long"].__code__).imports


def test_a_view_that_was_released_stands_in_nobodys_way():
    """It can be held beside what a step needs."""
    table = {"view": memoryview(b"ab"), "scale": 2.0}
    check(lambda x: x * table["scale"], lambda: table.update(scale=3.0))
    table["view"].release()
    check(lambda x: x * table["scale"], lambda: table.update(scale=4.0))
