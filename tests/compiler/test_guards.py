"""What a step takes for granted is watched: a change is traced anew, never missed."""

import functools
import math
import types

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn

X = sg.tensor(np.array([1.0, 2.0]))
SCALE = 2.0
TABLE = {"scale": 2.0, "more": [1.0, {"deep": 3.0}]}


def first(out):
    """The first number of a result."""
    return float(out.numpy().ravel()[0])


def check(function, change, back=None, x=X):
    """Before and after a change, compiled as eagerly; going back costs nothing."""
    step = sg.compile(function)
    for _ in range(2):
        assert first(function(x)) == first(step(x))
    assert 1 == step.traces
    before = first(function(x))
    change()
    for _ in range(2):
        assert first(function(x)) == first(step(x))
    assert before != first(function(x))
    assert 2 == step.traces
    if back is not None:
        back()
        assert before == first(step(x))
        assert 2 == step.traces
    return step


class Plain:
    """An ordinary object of the user."""

    factor = 2.0

    def __init__(self):
        self.scale, self.unread, self.parts = 3.0, 0, [1.0]

    def scaled(self, x):
        return x * self.scale * self.factor

    @property
    def doubled(self):
        return 2.0 * self.scale


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("scale",)

    def __init__(self):
        self.scale = 3.0


class Scaled(nn.Module):
    """A module with plain attributes, a class attribute and a global."""

    factor = 2.0

    def __init__(self):
        self.scale, self.parts = 3.0, {"all": [nn.Dropout(0.5), nn.Tanh()]}

    def forward(self, x):
        return x * self.scale * self.factor * SCALE


def by_global(x):
    """A function with a global of its own."""
    return x * SCALE


def test_a_number_in_an_enclosing_function():
    """Also one that only a nested function reads."""
    scale = 2.0

    def change(new):
        nonlocal scale
        scale = new

    check(lambda x: x * scale, lambda: change(3.0), lambda: change(2.0))
    check(lambda x: sum(x * scale for _ in "ab"), lambda: change(4.0))


def test_a_global_of_this_and_of_a_called_function():
    """Wherever the called function is found."""
    model, box = Scaled(), types.SimpleNamespace(f=by_global)
    table, inner = {"f": by_global}, sg.compile(by_global)
    calls = {
        "directly": lambda x: x * SCALE,
        "called": lambda x: by_global(x) * 1.0,
        "nested": lambda x: next(by_global(x) for _ in "a"),
        "partial": functools.partial(lambda y, x: by_global(x) * y, 1.0),
        "method": model.forward,
        "module": lambda x: model(x) * 1.0,
        "in a dictionary": lambda x: table["f"](x) * 1.0,
        "in an attribute": lambda x: box.f(x) * 1.0,
        "differentiated": sg.grad(lambda x: (by_global(x) * x).sum()),
        "compiled": lambda x: inner(x) * 1.0,
        "decorated": functools.wraps(by_global)(lambda x: by_global(x) * 1.0),
    }
    for name, function in calls.items():
        try:
            check(function, lambda: set_scale(3.0), lambda: set_scale(2.0))
        except AssertionError:
            pytest.fail(name)
        finally:
            set_scale(2.0)


def set_scale(new):
    """Change the global."""
    globals()["SCALE"] = new


def test_what_is_inside_of_lists_and_dictionaries():
    """At any depth; a renamed key is a change."""
    deep = TABLE["more"][1]

    def function(x):
        return x * TABLE["scale"] * TABLE["more"][1].get("deep", 7.0)

    check(function, lambda: deep.update(deep=5.0), lambda: deep.update(deep=3.0))
    check(function, lambda: deep.update(other=deep.pop("deep")))
    deep["deep"] = deep.pop("other")
    nested = [[[[[[[[2.0]]]]]]]]
    inner = nested[0][0][0][0][0][0][0]
    check(
        lambda x: x * nested[0][0][0][0][0][0][0][0], lambda: inner.__setitem__(0, 3.0)
    )


def test_equal_numbers_of_another_kind_are_a_change():
    """1 is not True, and 0.0 is not -0.0."""
    box = Plain()
    box.scale = 1
    check(lambda x: x * (2.0 if box.scale is True else 3.0), lambda: mutate(box, True))
    box.scale = 0.0
    check(lambda x: x / box.scale, lambda: mutate(box, -0.0))
    box.scale = math.nan
    step = sg.compile(lambda x: x * box.scale)
    for _ in range(3):
        step(X)
    assert 1 == step.traces


def mutate(thing, new, name="scale"):
    """Set an attribute."""
    setattr(thing, name, new)


def test_defaults_of_a_function():
    """Mutable ones, keyword-only ones, and others put in their place."""

    def function(x, scale=2.0, *, more=[1.0]):  # noqa: B006
        return x * scale * more[0]

    check(function, lambda: function.__kwdefaults__["more"].__setitem__(0, 5.0))
    check(function, lambda: mutate(function, (3.0,), "__defaults__"))


@pytest.mark.parametrize("make", [Plain, Slotted, Scaled])
def test_attributes_of_an_object(make):
    """Of a module, of any other object, and of one with slots."""
    box = make()
    check(lambda x: x * box.scale, lambda: mutate(box, 4.0), lambda: mutate(box, 3.0))


def test_methods_properties_and_class_attributes():
    """What a class says is part of what its objects do."""
    box = Plain()
    check(lambda x: x * box.doubled, lambda: mutate(box, 4.0))
    check(box.scaled, lambda: mutate(box, 6.0))
    check(box.scaled, lambda: mutate(Plain, 5.0, "factor"))
    model = Scaled()
    check(model, lambda: mutate(Scaled, 5.0, "factor"))
    check(model, lambda: mutate(Scaled, lambda self, x: x * 77.0, "forward"))


def test_an_attribute_that_nobody_reads_may_change():
    """A counter beside the step is no reason to trace it again."""
    box, model = Plain(), nn.Linear(2, 1, seed=0, dtype="float64")
    step = sg.compile(lambda x: model(x) * box.scale)
    for _ in range(5):
        box.unread += 1
        step(X)
    assert 1 == step.traces


def test_equal_values_in_other_objects_are_no_change():
    """A list that is made anew with the same numbers is the same."""
    box = Plain()
    step = sg.compile(lambda x: x * box.parts[0])
    for _ in range(3):
        box.parts = [float("1.0")]
        step(X)
    assert 1 == step.traces


def test_the_warning_names_what_changed():
    """Here an attribute that is counted up outside of the step."""
    box = Plain()
    step = sg.compile(lambda x: x * box.scale)

    def count():
        for k in range(12):
            box.scale = float(k)
            assert k == first(step(X))

    with pytest.warns(UserWarning, match=r"box\.scale"):
        count()
    assert 8 == step.traces


def test_arrays_outside_are_read_anew():
    """Of any dtype and layout, also of no axes, also changed in place."""
    arrays = [
        np.array(2.0),
        np.array([2, 3]),
        np.array([2.0, 9.0, 3.0])[::2],
        np.array([2.0, 3.0], dtype=">f8"),
        np.array([2.0, 3.0], dtype="float32"),
    ]
    for array in arrays:
        step = sg.compile(lambda x, array=array: x * array)
        cast = sg.compile(lambda x, a=array: x * sg.tensor(a, dtype="float64"))
        for k in range(3):
            array[...] = k
            assert k == first(step(X)) == first(cast(X))
        assert (1, 1) == (step.traces, cast.traces)


def test_a_small_array_that_numpy_computes_with_is_compared():
    """What NumPy makes of it is fixed in the code, so a change is a new trace."""
    array = np.array([2.0, 3.0])
    step = sg.compile(lambda x: x * np.sqrt(array))
    for number in (4.0, 9.0, 9.0):
        array[...] = number
        assert number**0.5 == first(step(X))
    assert 2 == step.traces


def test_names_that_come_and_go():
    """A global that is defined later; an attribute that hides that of the class."""
    names = {"__name__": "__main__"}
    lines = ["def f(x):", "  try: return x * later", "  except NameError: return x"]
    exec("\n".join(lines), names)
    check(names["f"], lambda: names.update(later=5.0), lambda: names.pop("later"))
    box = Plain()
    check(lambda x: x * box.factor, lambda: mutate(box, 9.0, "factor"))


def test_functions_and_numbers_of_a_module():
    """Called and read through the name of the module."""
    module = types.ModuleType("of_the_user")
    exec("scale = 2.0\ndef f(x):\n    return x * scale", module.__dict__)
    check(lambda x: module.f(x) * module.scale, lambda: mutate(module, 3.0))


def test_objects_functions_and_modules_as_arguments():
    """They are themselves, and looked into."""
    box = Plain()
    step = sg.compile(lambda x, f, box: f(x) * box.scale)
    for f in (abs, lambda x: x * 2.0, by_global, nn.Dropout(0.0)):
        for scale in (2.0, 3.0, 3.0):
            box.scale = scale
            assert first(step.function(X, f, box)) == first(step(X, f, box))
    assert 8 == step.traces


def test_large_arrays_that_index():
    """NumPy's own indexing, with numbers that are changed in place."""
    index = np.zeros(50_000, np.int64)
    check(lambda x: x[index].sum(), lambda: index.__setitem__(..., 1))
    rows, table = [0], np.arange(6.0).reshape(3, 2)
    check(lambda x: x + table[rows], lambda: rows.__setitem__(0, 2))
