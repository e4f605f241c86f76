"""How ops are defined, called and refused; a person's own op is like one of ours."""

import numpy as np
import pytest

import seegrad as sg
from seegrad.lend import lend
from seegrad.node import Node
from seegrad.op import REGISTRY, elementwise, reduction

pytestmark = pytest.mark.usefixtures("own_ops")


def define(name="cube", **facts):
    """An op as a reader would write it in a notebook."""

    def forward(xp, x, /):
        """x * x * x"""
        return x * x * x

    forward.__name__ = name
    op = elementwise(at=(2.0,), **facts)(forward)
    op.derivatives(x=lambda g, out, x: g * 3.0 * x * x)
    return op


def test_an_own_op_works_at_once_as_function_and_as_method():
    """On a Value, a Tensor, an array and a float, with gradients to second order."""
    cube = define()
    x = sg.Value(2.0)
    x.cube().backward()
    assert (8.0, 12.0) == (cube(x).data, x.grad)
    t = sg.tensor([1.0, 2.0], requires_grad=True)
    cube(t).sum().backward()
    assert [3.0, 12.0] == t.grad.tolist()
    assert 8.0 == cube(2.0)
    assert [1.0, 8.0] == cube(np.array([1.0, 2.0])).tolist()
    assert 12.0 == sg.grad(sg.grad(cube))(2.0).data
    assert len(list(sg.check.calls(cube))) == sg.check.op(cube)


def test_an_own_op_is_known_by_its_formula_and_symbol():
    """The first line of the docstring, and the name where no symbol is given."""
    cube = define()
    assert ("x * x * x", "cube", "elementwise") == (
        cube.formula,
        cube.symbol,
        cube.kind,
    )
    assert REGISTRY["cube"] is cube
    assert "cube" == repr(cube)


def test_an_own_op_with_settings_takes_them_by_name_and_by_position():
    """What stands after the slash is a setting, with its default."""

    @elementwise(at=(2.0,))
    def leaky(xp, x, /, slope=0.1, shift=0.0):
        """x where it is positive, else slope * x"""
        return xp.where(x > 0, x, slope * x) + shift

    leaky.derivatives(
        x=lambda g, out, x, slope, shift: sg.where(x > 0, g, g * slope),
    )
    x = sg.tensor([-1.0, 2.0], requires_grad=True)
    assert (("x",), ("slope", "shift")) == (leaky.input_names, leaky.setting_names)
    np.testing.assert_allclose(leaky(x, 0.5).data, [-0.5, 2.0])
    np.testing.assert_allclose(x.leaky(shift=1.0).data, [0.9, 3.0], rtol=1e-6)
    leaky(x, slope=0.25).sum().backward()
    assert [0.25, 1.0] == x.grad.tolist()
    sg.check.gradients(lambda x: leaky(x, 0.25), np.array([-1.0, 2.0]))


def test_an_own_reduction_gets_its_settings_in_its_rule():
    """A rule is told the inputs, then the settings by name."""

    @reduction
    def total(xp, x, /, dim=None):
        """the sum of x"""
        return xp.sum(x, axis=dim)

    total.derivatives(x=lambda g, out, x, dim: sg.broadcast_to(g, x.shape))
    x = sg.ones((2, 3), requires_grad=True)
    total(x, 0).sum().backward()
    assert (np.ones((2, 3)) == x.grad).all()


def test_an_own_op_may_take_any_number_of_inputs():
    """Its rule is told the position of the input that it is asked about."""

    @elementwise(method=False)
    def weighted(xp, *xs):
        """x0 + 2 x1 + 3 x2 + ..."""
        return sum((i + 1) * x for i, x in enumerate(xs))

    weighted.derivatives(xs=lambda g, out, i, *xs: g * (i + 1.0))
    for count in (1, 2, 5):
        xs = [sg.Value(1.0) for _ in range(count)]
        weighted(*xs).backward()
        assert [1.0, 2.0, 3.0, 4.0, 5.0][:count] == [x.grad for x in xs]
        ts = [sg.ones(2, requires_grad=True) for _ in range(count)]
        weighted(*ts).sum().backward()
        assert [float(count)] * 2 == ts[-1].grad.tolist()
    assert "xs[1]" == weighted.input_name(1)
    sg.check.gradients(weighted, 1.0, 2.0, 3.0)


def test_an_op_may_be_defined_again_where_it_was_defined():
    """As a notebook cell that is run twice; the method is the new one."""
    define()
    again = define()
    assert REGISTRY["cube"] is again
    assert again is sg.Value(2.0).cube().op


def clash(define_it):
    """The error of a definition that must change nothing."""
    ops, attributes = dict(REGISTRY), dict(vars(Node))
    with pytest.raises(sg.errors.ArgumentError) as caught:
        define_it()
    assert ops == REGISTRY
    assert attributes == dict(vars(Node))
    assert caught.value.hint
    assert "\n  try  " in str(caught.value)
    return str(caught.value)


def test_a_name_that_an_op_has_cannot_be_taken():
    """Somebody else's exp would change every network in the process."""
    assert "already an op called 'exp'" in clash(lambda: define("exp"))


@pytest.mark.parametrize("name", ["mean", "T", "data", "backward", "shape", "item"])
def test_a_name_that_every_node_has_cannot_be_taken(name):
    """Neither what Node defines, nor its kinds, nor what other files have lent."""
    assert f"called {name!r}" in clash(lambda: define(name))


def test_an_operator_that_an_op_has_cannot_be_taken():
    """x * y stays a product."""
    assert "'__mul__'" in clash(lambda: define(symbol="*"))


def test_an_op_without_a_method_may_have_any_free_name():
    """method=False keeps it off the nodes."""
    op = define("shape", method=False)
    assert 8.0 == op(2.0)
    assert (2,) == sg.ones(2).shape


def test_lending_twice_from_one_file_is_a_redefinition():
    """Lent by this file, it may be lent again; a name of Node may not."""
    lend("of_this_test", define)
    lend("of_this_test", clash)
    with pytest.raises(sg.errors.ArgumentError, match="'zero_grad'"):
        lend("zero_grad", define)


def test_a_rule_for_an_input_that_is_not_there_is_refused():
    """A misspelt input would silently have no gradient."""
    op = define()
    with pytest.raises(sg.errors.ArgumentError, match="no input called 'y'") as caught:
        op.derivatives(y=lambda g, out, x: g)
    assert "one of x" == caught.value.hint


@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError, IndexError])
def test_a_forward_that_raises_shows_its_own_traceback(error):
    """It is not taken for shapes that do not fit; the library goes on."""

    @elementwise(at=(2.0,))
    def broken(xp, x, /):
        """never"""
        raise error("my own mistake")

    for x in (sg.Value(2.0), sg.ones(2, requires_grad=True), np.ones(2), 2.0):
        with pytest.raises(error, match="my own mistake") as caught:
            broken(x)
        assert not isinstance(caught.value, sg.errors.SeegradError)
        assert "broken" in [entry.name for entry in caught.traceback]
    assert [2.0, 2.0] == (sg.ones(2) * 2.0).tolist()


def test_an_op_without_rules_ends_the_flow_of_gradients():
    """Comparisons are the example: their results need no gradient."""

    @elementwise(at=(2.0,))
    def rounded(xp, x, /):
        """x without its fraction"""
        return xp.floor(x)

    x = sg.Value(2.5)
    assert (2.0, False, None) == (
        rounded(x).data,
        rounded(x).requires_grad,
        rounded(x).op,
    )


def test_an_input_without_a_rule_gets_no_gradient():
    """Rules may be given for some inputs only."""

    @elementwise(at=(2.0, 3.0))
    def held(xp, x, y, /):
        """x * y, with y held"""
        return x * y

    held.derivatives(x=lambda g, out, x, y: g * y)
    x, y = sg.Value(2.0), sg.Value(3.0)
    held(x, y).backward()
    assert (3.0, None) == (x.grad, y.grad)


@pytest.mark.parametrize(
    ("call", "words", "hint"),
    [
        (lambda x: sg.exp(), "missing a required argument: 'x'", "exp(x)"),
        (lambda x: sg.exp(x, x), "too many positional", "exp(x)"),
        (lambda x: sg.exp(x.data, x.data), "too many positional", "exp(x)"),
        (lambda x: sg.exp(x=x), "positional only", "exp(x)"),
        (lambda x: sg.exp(x, base=2), "'base'", "exp(x)"),
        (lambda x: x.sum(axis=0), "'axis'", "sum(x, dim=None, keepdim=False)"),
        (lambda x: x.sum(0, True, 3), "too many positional", "sum(x, dim=None"),
        (lambda x: x.sum(0, dim=0), "multiple values for argument 'dim'", "sum(x"),
        (lambda x: x.reshape(), "missing a required argument: 'shape'", "reshape(x"),
    ],
)
def test_a_wrong_call_is_answered_with_the_signature(call, words, hint):
    """Python's own words for what is wrong, then how the op is called."""
    with pytest.raises(sg.errors.InputTypeError) as caught:
        call(sg.ones(3))
    assert words in caught.value.what
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: sg.exp("a"), "str"),
        (lambda: sg.exp([1.0]), "list"),
        (lambda: sg.exp(None), "NoneType"),
        (lambda: sg.sum([1.0, 2.0]), "list"),
        (lambda: sg.sum(3.0), "float"),
        (lambda: sg.matmul(2.0, 3.0), "float"),
        (lambda: sg.mean(3.0), "float"),
        (lambda: sg.concatenate([[1.0], [2.0]]), "list"),
        (lambda: sg.concatenate([sg.ones(1), [2.0]]), "list"),
    ],
)
def test_ops_refuse_what_is_neither_number_nor_array(call, kind):
    """A list might mean anything; the hint says how to make a tensor of it."""
    with pytest.raises(sg.errors.InputTypeError, match=kind) as caught:
        call()
    assert "sg.tensor(...) makes a tensor of lists of numbers" == caught.value.hint


def test_several_numbers_for_the_one_setting_are_one_tuple():
    """x.reshape(3, 2) and x.permute(1, 0), as PyTorch's users write them."""
    x = sg.arange(6)
    assert (3, 2) == x.reshape(3, 2).shape == x.reshape((3, 2)).shape
    assert (6, 1) == x.reshape(1, 6).permute(1, 0).shape
    assert (6,) == x.permute(0).shape


def test_an_op_without_a_slash_is_refused_when_it_is_defined():
    """Without one nothing would be an input, and gradients would be lost in silence."""
    before = dict(REGISTRY)

    with pytest.raises(sg.errors.ArgumentError, match=r"try  def square\(xp, x, /\)"):

        @elementwise(at=(2.0,))
        def square(xp, x):
            return x * x

    assert before == REGISTRY


def test_settings_in_normal_form_are_not_read_again():
    """`settled` leaves out what brings settings to that form, and nothing else."""
    x = sg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    out = sg.ops.sum.settled(x, dim=(1,), keepdim=False)
    assert sg.sum(x, -1).tolist() == out.tolist() == [3.0, 7.0]
    assert {"dim": (1,), "keepdim": False} == out.settings
    assert [3.0, 7.0] == sg.ops.sum.settled(x.data, dim=(1,), keepdim=False).tolist()
