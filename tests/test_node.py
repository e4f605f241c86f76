"""What is true of every node: leaves and results, gradients, copies, identity."""

import copy
import pickle

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import (
    DtypeError,
    GradientError,
    InputTypeError,
    SeegradError,
    ShapeError,
)

MAKERS = {
    "Value": lambda: sg.Value(2.0, name="x"),
    "Tensor": lambda: sg.tensor([2.0, 3.0], requires_grad=True, name="x"),
}


@pytest.fixture(params=MAKERS.values(), ids=MAKERS.keys())
def x(request):
    """A leaf of each kind."""
    return request.param()


def test_a_leaf_has_no_history_and_a_result_has_one(x):
    """op, inputs and settings say how it was made."""
    out = x * x
    assert (None, (), {}, "x") == (x.op, x.inputs, x.settings, x.name)
    assert (sg.mul, (x, x), {}, None) == (out.op, out.inputs, out.settings, out.name)


def test_settings_are_remembered_in_normal_form():
    """Whatever was written: dim counted from the front, defaults filled in."""
    out = sg.ones((2, 3), requires_grad=True).sum(-1)
    assert {"dim": (1,), "keepdim": False} == out.settings


def test_numbers_met_in_an_expression_are_constants(x):
    """They are nodes, so that the graph is whole, and need no gradient."""
    out = x * 3.0
    assert not out.inputs[1].requires_grad
    assert out.inputs[1].op is None


def test_a_result_of_constants_is_a_leaf():
    """Nothing remembers what nobody will differentiate."""
    out = sg.tensor([1.0]) * sg.tensor([2.0])
    assert (None, (), False) == (out.op, out.inputs, out.requires_grad)


def test_nodes_are_dictionary_keys_by_identity():
    """`==` compares numbers, `is` and `hash` compare nodes."""
    a, b = sg.Value(1.0), sg.Value(1.0)
    assert {a: "a", b: "b"} == {b: "b", a: "a"}
    assert 1.0 == (a == b).data
    t, u = sg.tensor([1.0, 2.0]), sg.tensor([1.0, 3.0])
    assert 2 == len({t, u, t})
    assert [True, False] == (t == u).tolist()
    assert [False, True] == (t != u).tolist()


def test_a_gradient_is_none_until_it_arrives_and_can_be_forgotten(x):
    """zero_grad() and x.grad = None are the same."""
    assert x.grad is None
    for forget in (x.zero_grad, lambda: setattr(x, "grad", None)):
        x.backward(x.data)
        assert x.grad is not None
        forget()
        assert x.grad is None


def test_a_gradient_can_be_set_and_is_a_copy(x):
    """In the dtype of the node, whatever was given."""
    given = np.array(x.data, dtype="float64")
    x.grad = given
    given *= 0
    assert np.all(np.asarray(x.data) == x.grad)
    x.grad = x.data * 0
    assert np.all(0.0 == np.asarray(x.grad))


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        (np.zeros(3), ShapeError, r"the gradient has shape \(3,\) where \(2,\) was"),
        (0.0, ShapeError, r"has shape \(\) where \(2,\)"),
        ("a", DtypeError, "cannot make the gradient of str"),
        (np.zeros(2, complex), DtypeError, "complex128"),
        ([[1.0], [1.0, 2.0]], InputTypeError, "inhomogeneous"),
    ],
)
def test_a_gradient_that_does_not_fit_is_refused(new, error, words):
    """And the old one is still there."""
    x = sg.tensor([1.0, 2.0], requires_grad=True)
    x.sum().backward()
    with pytest.raises(error, match=words) as caught:
        x.grad = new
    assert caught.value.hint
    assert [1.0, 1.0] == x.grad.tolist()


def test_a_gradient_of_a_value_is_a_number():
    """Not text, and not an array of several."""
    x = sg.Value(1.0)
    for new in ("a", np.ones(2), 1j, None.__class__):
        with pytest.raises(InputTypeError, match="one number") as caught:
            x.grad = new
        assert caught.value.hint
    x.grad = 0
    assert 0.0 == x.grad
    assert float is type(x.grad)


def test_assign_replaces_the_data_of_a_leaf(x):
    """x.data = new is the same; what is given is copied."""
    new = np.array(x.data, dtype="float64") + 1.0
    x.assign(new)
    assert np.all(new == x.data)
    x.data = new + 1.0
    new *= 0.0
    assert np.all(np.asarray(x.data) > 3.0)


def test_a_result_cannot_be_assigned(x):
    """Its number follows from its inputs; the hint says so."""
    out = x * 2.0
    for change in (lambda: out.assign(x.data), lambda: setattr(out, "data", x.data)):
        with pytest.raises(GradientError, match="only a leaf can be assigned") as e:
            change()
        assert "mul" in e.value.what
        assert "assign to its inputs" in e.value.hint
    assert np.all(np.asarray(x.data) * 2.0 == out.data)


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        ([1.0, 2.0, 3.0], ShapeError, r"assigned data has shape \(3,\)"),
        ("a", DtypeError, "cannot make assigned data of str"),
        ([[1.0], [1.0, 2.0]], InputTypeError, "assigned data"),
    ],
)
def test_assigned_data_that_does_not_fit_is_refused(new, error, words):
    """And the old data is still there, and can still be differentiated."""
    x = sg.tensor([1.0, 2.0], requires_grad=True)
    out = (x * x).sum()
    with pytest.raises(error, match=words):
        x.assign(new)
    out.backward()
    assert [2.0, 4.0] == x.grad.tolist()


def test_floats_are_not_assigned_to_integers():
    """The fractions would be lost in silence."""
    with pytest.raises(DtypeError, match="float64 where int64") as caught:
        sg.tensor([1]).assign([1.5])
    assert "numbers of dtype int64" == caught.value.hint


@pytest.mark.parametrize(("dtype", "number"), [("int8", 300), ("uint8", -1)])
def test_integers_that_do_not_fit_are_not_assigned(dtype, number):
    """They would wrap around in silence."""
    x = sg.ones(1, dtype=dtype)
    with pytest.raises(DtypeError, match="do not fit into"):
        x.assign([number])
    assert [1] == x.tolist()


def test_requires_grad_can_be_changed_on_leaves_only(x):
    """As in PyTorch; a result follows its inputs."""
    x.requires_grad = False
    assert not (x * x).requires_grad
    x.requires_grad = True
    out = x * x
    for flag in (True, False):
        with pytest.raises(GradientError, match="on leaves only") as caught:
            out.requires_grad = flag
        assert "detach() gives a leaf" in caught.value.hint


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_whole_numbers_need_no_gradient(dtype):
    """At construction and later; the message says why."""
    with pytest.raises(DtypeError, match=f"not {dtype}: a small change") as caught:
        sg.tensor([1], dtype=dtype, requires_grad=True)
    assert "make it with dtype=sg.float32" == caught.value.hint
    x = sg.tensor([1], dtype=dtype)
    with pytest.raises(DtypeError):
        x.requires_grad = True
    assert not x.requires_grad
    with pytest.raises(DtypeError):
        sg.ones(2, dtype=dtype, requires_grad=True)


def test_detach_gives_a_leaf_with_the_same_numbers(x):
    """The gradient ends there, and the node itself is left alone."""
    out = x * 2.0
    cut = out.detach()
    assert np.all(np.asarray(out.data) == cut.data)
    assert (None, False) == (cut.op, cut.requires_grad)
    assert out.op is sg.mul


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_leaf_is_copied_with_its_name_but_without_its_gradient(x, copied):
    """The copy is a leaf of its own, and as frozen as any."""
    (x * 1.0).backward(x.data)
    twin = copied(x)
    assert type(x) is type(twin)
    assert (True, "x", None) == (twin.requires_grad, twin.name, twin.grad)
    assert np.all(np.asarray(x.data) == twin.data)
    if isinstance(x, sg.Tensor):
        with pytest.raises(ValueError, match="read-only"):
            twin.data[0] = 5.0
    twin.assign(x.data * 0)
    assert np.all(np.asarray(x.data) >= 2.0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_result_cannot_be_copied(x, copied):
    """A copy of half a graph would be a trap; the hint says detach()."""
    with pytest.raises(GradientError, match="only a leaf can be copied") as caught:
        copied(x * 2.0)
    assert "detach() first" == caught.value.hint
    assert copied((x * 2.0).detach()) is not None


def test_nodes_have_no_attributes_but_their_own(x):
    """A misspelt attribute is an error, not a silent extra."""
    with pytest.raises(AttributeError):
        x.gard = 1.0
    with pytest.raises(AttributeError):
        x.requires_gradient


def test_values_and_tensors_do_not_mix():
    """Either way round, and the hint says how to choose."""
    for mix in (
        lambda: sg.Value(1.0) + sg.ones(2),
        lambda: sg.ones(2) + sg.Value(1.0),
        lambda: sg.Value(sg.ones(1)),
        lambda: sg.Value(sg.Value(1.0)),
    ):
        with pytest.raises(InputTypeError) as caught:
            mix()
        assert "item()" in caught.value.hint


@pytest.mark.parametrize("other", [None, "a", {}, object()])
@pytest.mark.parametrize("symbol", ["+", "==", "<", "!="])
def test_what_is_no_number_cannot_be_computed_with(x, other, symbol):
    """`x == None` would be a tensor of something; `x is None` is what was meant."""
    with pytest.raises(SeegradError) as caught:
        {
            "+": lambda: x + other,
            "==": lambda: x == other,
            "<": lambda: x < other,
            "!=": lambda: x != other,
        }[symbol]()
    assert caught.value.hint
    if other is None:
        assert "x is None" in caught.value.hint
