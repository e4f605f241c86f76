"""What being an op means, checked on every op of the registry and all its samples.

An op that is added is tested here the moment it exists: its derivatives, its dtypes,
its answers to odd memory layouts, and the errors that it promises.
"""

import numpy as np
import pytest

import seegrad as sg
from seegrad.errors import SeegradError
from seegrad.op import KINDS, REGISTRY
from seegrad.samples import MEETINGS, calls
from seegrad.tensor import Tensor

OPS = sorted(REGISTRY.values(), key=lambda op: op.name)
WHOLE = {"argmax", "argmin"}  # results that are positions
TRUTH = {"all", "any", "eq", "ge", "gt", "le", "lt", "ne"}
SETS_DTYPE = {"cast"}
EVERY_SAMPLE = [
    pytest.param(op, number, id=f"{op.name}-{number}")
    for op in OPS
    for number, _ in enumerate(calls(op))
]


def sample(op, number, dtype="float64"):
    """One sample call: its arrays and its settings."""
    return list(calls(op, dtype))[number]


def on_tensors(op, arrays, settings):
    """The op on tensors of these arrays, which is the op with a graph."""
    return op(*(sg.tensor(x) for x in arrays), **settings)


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_op_introduces_itself(op):
    """A kind, a formula, names of its inputs, and an example if it is elementwise."""
    assert op.kind in KINDS
    assert op.formula == op.__doc__.strip().splitlines()[0]
    assert op.formula
    assert op.input_names
    assert REGISTRY[op.name] is op
    assert len(list(calls(op))) > 0
    if op.kind == "elementwise" and not op.setting_names and op.name != "alias":
        assert len(op.input_names) == len(op.at)
        assert len(op.input_names) in MEETINGS


@pytest.mark.parametrize("op", OPS, ids=str)
def test_the_rules_of_every_op_agree_with_finite_differences(op):
    """To second order, on odd shapes, with uneven gradients arriving."""
    assert len(list(calls(op))) == sg.check.op(op)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("op", "number"), EVERY_SAMPLE)
def test_no_op_changes_the_width_of_floats(op, number, dtype):
    """float32 in, float32 out; only comparisons, positions and casts say otherwise."""
    arrays, settings = sample(op, number, dtype)
    expected = dtype
    if op.name in WHOLE:
        expected = "int64"
    if op.name in TRUTH:
        expected = "bool"
    if op.name in SETS_DTYPE:
        expected = settings["dtype"]
    assert expected == on_tensors(op, arrays, settings).dtype


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.int64(2)])
@pytest.mark.parametrize(
    "op", [op for op in OPS if len(op.input_names) == 2 and op.kind == "elementwise"]
)
def test_a_single_number_never_widens_float32(op, number):
    """Beside a tensor, on either side, with axes or without."""
    for x in (sg.ones(3), sg.tensor(1.0)):
        expected = "bool" if op.name in TRUTH else "float32"
        assert expected == op(x, number).dtype
        assert expected == op(number, x).dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("op", "number"), EVERY_SAMPLE)
def test_gradients_have_the_shape_and_dtype_of_their_inputs(op, number, dtype):
    """A gradient lives in the space of its input."""
    arrays, settings = sample(op, number, dtype)
    inputs = [sg.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    out = op(*inputs, **settings)
    if not out.requires_grad:
        assert not op.differentiable
        return
    out.backward(np.ones(out.shape, out.dtype))
    for x in inputs:
        if x.grad is not None:
            assert (x.shape, x.dtype) == (x.grad.shape, x.grad.dtype)
            assert x.grad.flags.writeable


@pytest.mark.parametrize(("op", "number"), EVERY_SAMPLE)
def test_plain_data_gives_plain_data_and_the_same_numbers(op, number):
    """Called without a node, an op just computes: that is what rules rely on."""
    arrays, settings = sample(op, number)
    plain = op(*arrays, **settings)
    assert not isinstance(plain, Tensor)
    np.testing.assert_array_equal(on_tensors(op, arrays, settings).data, plain)


def twins(x):
    """The same numbers in other layouts of memory: (name, array)."""
    yield "Fortran", np.array(x, order="F")
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 0] = x
    yield "strided", wide[..., 0]
    yield (
        "reversed",
        x[(slice(None, None, -1),) * x.ndim].copy()[(slice(None, None, -1),) * x.ndim],
    )
    yield "transposed", x.T.copy().T
    yield "big-endian", x.astype(x.dtype.newbyteorder(">"))
    read_only = x.copy()
    read_only.flags.writeable = False
    yield "read-only", read_only


@pytest.mark.parametrize(("op", "number"), EVERY_SAMPLE)
def test_memory_layout_makes_no_difference_and_nothing_is_written(op, number):
    """Strided, reversed, transposed, big-endian twins give the same bits."""
    arrays, settings = sample(op, number)
    expected = on_tensors(op, arrays, settings).data
    for made in zip(*(list(twins(x)) for x in arrays), strict=True):
        names, others = zip(*made, strict=True)
        before = [x.tobytes() for x in others]
        np.testing.assert_array_equal(
            on_tensors(op, others, settings).data, expected, err_msg=names[0]
        )
        assert before == [x.tobytes() for x in others]


@pytest.mark.parametrize("op", [op for op in OPS if len(op.input_names) == 2], ids=str)
def test_inputs_repeated_with_stride_zero_are_read_right(op):
    """np.broadcast_to makes many out of one; the op sees the many."""
    for arrays, settings in calls(op):
        wide = [np.broadcast_to(x, (2, *x.shape))[1] for x in arrays]
        np.testing.assert_array_equal(
            on_tensors(op, wide, settings).data, on_tensors(op, arrays, settings).data
        )


REFUSALS = [
    pytest.param(op, *refusal, id=f"{op.name}-{refusal[3]}")
    for op in OPS
    for refusal in op.refusals
]


@pytest.mark.parametrize(("op", "shapes", "settings", "error", "text"), REFUSALS)
def test_calls_that_cannot_be_are_refused_and_change_nothing(
    op, shapes, settings, error, text
):
    """The listed class and words, in the three-line form, and a way out."""
    inputs = [sg.ones(shape, requires_grad=True) for shape in shapes]
    before = [x.data.tobytes() for x in inputs]
    with pytest.raises(error) as caught:
        op(*inputs, **settings)
    assert isinstance(caught.value, SeegradError)
    assert text in caught.value.what
    assert "\n" not in caught.value.what
    assert f"\n  try  {caught.value.hint}" in str(caught.value)
    assert before == [x.data.tobytes() for x in inputs]
    assert all(x.grad is None for x in inputs)
    (inputs[0] * 2.0).sum().backward()  # and what comes after is right
    np.testing.assert_array_equal(inputs[0].grad, np.full(shapes[0], 2.0))


@pytest.mark.parametrize("op", OPS, ids=str)
def test_a_wrong_call_says_how_it_is_right(op):
    """Too many inputs, an unknown setting: what is wrong, and the signature."""
    x = sg.ones((2, 2))
    for args, settings in [((x,) * 9, {}), ((x,), {"axes_of_it": 1})]:
        if not settings and (op.variadic or len(op.setting_names) == 1):
            continue  # x.reshape(3, 4) is right, however many numbers there are
        with pytest.raises(sg.errors.InputTypeError, match=op.name) as caught:
            op(*args, **settings)
        assert caught.value.hint.startswith(f"{op.name}(")


@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=str)
def test_no_grad_leaves_no_history_for_any_op(op):
    """Inside no_grad every result is a leaf that needs nothing."""
    arrays, settings = sample(op, 0)
    inputs = [sg.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    with sg.no_grad():
        out = op(*inputs, **settings)
    assert (False, None, ()) == (out.requires_grad, out.op, out.inputs)
    out = op(*inputs, **settings)
    assert (True, op) == (out.requires_grad, out.op)
