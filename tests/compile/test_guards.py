"""What a step takes for granted is watched: a change is traced anew, never missed."""

import functools
import math
import types
import warnings

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

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
    check(lambda x: [x * scale for _ in "a"][0], lambda: change(4.0))


def test_a_global_of_this_and_of_a_called_function():
    """Wherever the called function is found."""
    calls = {
        "directly": lambda x: x * SCALE,
        "called": lambda x: by_global(x),
        "partial": functools.partial(lambda y, x: by_global(x) * y, 1.0),
        "method": Scaled().forward,
        "module": (lambda model: lambda x: model(x))(Scaled()),
        "in a dictionary": (lambda table: lambda x: table["f"](x))({"f": by_global}),
        "in an attribute": (lambda box: lambda x: box.f(x))(
            types.SimpleNamespace(f=by_global)
        ),
        "differentiated": sg.grad(lambda x: (by_global(x) * x).sum()),
        "compiled": (lambda inner: lambda x: inner(x))(sg.compile(by_global)),
        "decorated": functools.wraps(by_global)(lambda x: by_global(x)),
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
    global SCALE
    SCALE = new


def test_what_is_inside_of_lists_and_dictionaries():
    """At any depth; a renamed key is a change."""
    deep = TABLE["more"][1]
    function = lambda x: x * TABLE["scale"] * TABLE["more"][1].get("deep", 7.0)  # noqa: E731
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


def test_train_and_eval_and_the_share_of_dropout():
    """Each is one trace; going back is none."""
    model = nn.Sequential(nn.Linear(2, 4, seed=0, dtype="float64"), nn.Dropout(0.5))

    def run(f):
        sg.manual_seed(0)
        return f(X).numpy()

    step = sg.compile(lambda x: model(x))
    for mode, p, traces in [
        (True, 0.5, 1),
        (False, 0.5, 2),
        (True, 0.5, 2),
        (True, 0.2, 3),
        (False, 0.5, 3),
    ]:
        model.train(mode)
        model[1].p = p
        np.testing.assert_allclose(run(model), run(step), rtol=1e-12)
        assert traces == step.traces


def test_layers_are_appended_replaced_and_taken_away():
    """In a network, and in a list inside of a dictionary."""
    model = nn.Sequential(nn.Linear(2, 2, seed=0, dtype="float64"))
    step = sg.compile(model)
    changes = [
        lambda: model.append(nn.Tanh()),
        lambda: model.layers.__setitem__(0, nn.Linear(2, 2, seed=1, dtype="float64")),
        lambda: model.layers.pop(),
        lambda: mutate(model[0], nn.Parameter(np.ones((2, 2))), "weight"),
        lambda: mutate(model[0], None, "bias"),
    ]
    for change in [lambda: None, *changes]:
        change()
        for _ in range(2):
            np.testing.assert_allclose(model(X).numpy(), step(X).numpy(), rtol=1e-12)
    assert 6 == step.traces


def training(optimizer=optim.SGD, **settings):
    """A parameter, its optimizer, and one step."""
    p = nn.Parameter(np.array([1.0, 2.0]))
    opt = optimizer([p], lr=0.1, **settings)

    def step(x):
        loss = (p * p * x).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss

    return p, opt, step


def side_by_side(changes, traces, optimizer=optim.SGD, **settings):
    """The same changes between steps that run eagerly, and compiled."""
    (p, one, eager), (q, two, step) = [training(optimizer, **settings) for _ in range(2)]
    step = sg.compile(step)
    for change in changes:
        change(p, one)
        change(q, two)
        for _ in range(2):
            np.testing.assert_allclose(eager(X).data, step(X).data, 1e-12, 1e-12)
            np.testing.assert_allclose(p.data, q.data, rtol=1e-12, atol=1e-12)
    assert traces == step.traces


def nothing(p, opt):
    """No change."""


def test_a_new_learning_rate_is_no_new_trace():
    """It is read at every step."""
    changes = [lambda p, opt, k=k: mutate(opt, 0.1 / (k + 1), "lr") for k in range(4)]
    side_by_side(changes, 1)
    side_by_side(changes, 1, optim.Adam)


def test_settings_of_an_optimizer():
    """Betas, and a momentum that is switched on later."""
    side_by_side(
        [nothing, lambda p, opt: mutate(opt, (0.5, 0.6), "betas")], 2, optim.Adam
    )
    # The first step with a momentum makes a memory for it, and so changes the optimizer.
    side_by_side([nothing, lambda p, opt: mutate(opt, 0.9, "momentum")], 2)
    decay = lambda p, opt: mutate(opt, 0.1, "weight_decay")  # noqa: E731
    side_by_side([nothing, decay], 2, optim.AdamW)


def test_freezing_and_thawing():
    """A frozen parameter stands still; thawed, it is the old trace again."""

    def freeze(p, opt):
        p.requires_grad = False

    def thaw(p, opt):
        p.requires_grad = True

    p, q = nn.Parameter(np.ones(2)), nn.Parameter(np.ones(2))
    opt = optim.SGD([p, q], lr=0.1)

    def function(x):
        opt.zero_grad()
        (p * q * x).sum().backward()
        opt.step()

    step = sg.compile(function)
    for flag, traces in [(True, 1), (False, 2), (True, 2), (False, 2)]:
        before = p.data
        p.requires_grad = flag
        step(X)
        assert flag == bool((before != p.data).any())
        assert traces == step.traces


def test_loading_a_state_is_seen():
    """Of the parameter, and of the optimizer, whose memory is exchanged."""
    saved = {}

    def save(p, opt):
        saved[id(p)] = opt.state_dict(), p.data.copy()

    def load(p, opt):
        state, data = saved[id(p)]
        opt.load_state_dict(state)
        p.assign(data)

    side_by_side([nothing, save, nothing, load, load], 3, optim.Adam)


def test_python_numbers_as_arguments_are_traced_once_each():
    """Old ones are known; the ninth new one runs eagerly, with a warning that helps."""
    step = sg.compile(lambda x, scale: x * scale)
    for _ in range(2):
        for k in range(8):
            assert 1.0 + k == first(step(X, 1.0 + k))
    assert 8 == step.traces
    with pytest.warns(UserWarning, match=r"traced 8 times .* sg\.tensor"):
        assert 50.0 == first(step(X, 50.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        assert 60.0 == first(step(X, 60.0))
        assert 3.0 == first(step(X, 3.0))
        for k in range(20):
            assert k == first(step(X, sg.tensor(float(k))))
    assert 9 == step.traces


def test_the_warning_names_what_changed():
    """Here an attribute that is counted up outside of the step."""
    box = Plain()
    step = sg.compile(lambda x: x * box.scale)
    with pytest.warns(UserWarning, match=r"box\.scale"):
        for k in range(12):
            box.scale = float(k)
            assert k == first(step(X))
    assert 8 == step.traces


@pytest.mark.parametrize("kind", ["list", "cell", "attribute", "rate"])
def test_a_step_that_changes_what_it_depends_on_stays_right(kind):
    """It is traced some times, then runs eagerly; every call counts once."""
    box, seen = Plain(), []
    p, opt, _ = training()
    count = 0.0

    def function(x):
        nonlocal count
        if kind == "list":
            seen.append(1.0)
            return x * len(seen)
        if kind == "cell":
            count += 1.0
            return x * count
        if kind == "attribute":
            box.scale += 1.0
            return x * (box.scale - 3.0)
        opt.lr = opt.lr + 0.5
        opt.zero_grad()
        (p * x).sum().backward()
        opt.step()
        return x * ((opt.lr - 0.1) * 2.0)

    step = sg.compile(function)
    with pytest.warns(UserWarning, match="eagerly"):
        found = [first(step(X)) for _ in range(12)]
    np.testing.assert_allclose(np.arange(1.0, 13.0), found)


def test_random_numbers_of_numpy_and_python_are_noticed():
    """They would be the same in every run, so the step runs eagerly and says why."""
    rng, other = np.random.default_rng(0), np.random.default_rng(0)
    step = sg.compile(lambda x: x * rng.normal())
    with pytest.warns(UserWarning, match="NumPy"):
        found = [first(step(X)) for _ in range(4)]
    assert [float(other.normal()) for _ in range(4)] == found


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
