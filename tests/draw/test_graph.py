"""Computation graphs: every number can be read out of the drawing."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest

import seegrad as sg
from seegrad import nn
from seegrad.backpropagation import ordered
from seegrad.draw.graph import graph
from seegrad.draw.numbers import read, short
from seegrad.draw.palette import ROLES
from seegrad.draw.parts import group_part
from seegrad.draw.scene import Curve, Rectangle, Text
from seegrad.errors import ArgumentError, InputTypeError


def example():
    """out = tanh(a * b + 10), differentiated."""
    a, b = sg.Value(2.0, name="a"), sg.Value(-3.0, name="b")
    product = a * b
    product.name = "c"
    out = (product + 7.0).tanh()
    out.name = "out"
    out.backward()
    return a, b, product, out


def facts(scene, group):
    """The labels and numbers of one card."""
    texts = scene.texts(group)
    return {
        label: read(number)
        for label, number in pairwise(texts)
        if label in ("data", "grad")
    }


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("style", ["cards", "record"])
def test_data_and_gradient_of_every_node_are_on_its_card(style, rankdir):
    """What the drawing says is what the nodes say."""
    nodes = example()
    scene = graph(nodes[-1], style=style, rankdir=rankdir).scene
    for node in nodes:
        shown = facts(scene, node.name)
        assert node.data == pytest.approx(shown["data"], rel=1e-3)
        assert node.grad == pytest.approx(shown["grad"], rel=1e-3)


def test_local_derivatives_stand_on_the_edges():
    """d (a * b) / d a is b, and d (a * b) / d b is a."""
    scene = graph(example()[-1]).scene
    assert ["∂ −3.0"] == scene.texts("a -> c")
    assert ["∂ 2.0"] == scene.texts("b -> c")


def test_the_chain_rule_can_be_recomputed_from_the_drawing():
    """Gradient of the input = gradient of the result times what stands on the edge."""
    scene = graph(example()[-1]).scene
    slope = read(scene.texts("a -> c")[0].removeprefix("∂ "))
    expected = facts(scene, "c")["grad"] * slope
    assert expected == pytest.approx(facts(scene, "a")["grad"], rel=1e-3)


def test_the_sign_is_told_by_colour_and_by_dash():
    """A negative local derivative is orange and dashed, a positive one blue."""
    scene = graph(example()[-1]).scene
    negative, positive = scene.of(Curve, "a -> c"), scene.of(Curve, "b -> c")
    assert [("negative", True)] == [(c.stroke, bool(c.dash)) for c in negative]
    assert [("positive", False)] == [(c.stroke, bool(c.dash)) for c in positive]


def test_a_constant_has_no_gradient_and_no_derivative():
    """Nothing flows back to a number that needs no gradient."""
    scene = graph(example()[-1]).scene
    assert ["constant", "data", "7.0"] == scene.texts("constant")
    assert ["neutral"] == [c.stroke for c in scene.of(Curve, "constant -> c + 7.0")]


def test_before_backward_there_is_no_gradient_yet():
    """Which is not the same as a gradient of zero."""
    scene = graph(sg.Value(2.0, name="a") * 3.0).scene
    assert ["a", "data", "2.0", "grad", "none yet"] == scene.texts("a")


def test_a_node_used_twice_is_drawn_once_with_two_edges():
    """x * x."""
    x = sg.Value(3.0, name="x")
    scene = graph(x * x).scene
    assert 1 == scene.texts().count("x")
    assert ["∂ 3.0", "∂ 3.0"] == scene.texts("x -> x * x")


def test_a_model_or_a_dict_gives_names():
    """Parameters are called what the state_dict calls them."""
    layer = nn.Linear(2, 1, seed=0)
    out = layer(sg.tensor([[1.0, 2.0]])).sum()
    assert {"weight", "bias"} <= set(graph(out, names=layer).scene.texts())
    named = graph(out, names={"w": layer.weight, "total": out})
    assert "w" in named.scene.texts()
    assert "Computation graph of total" in named.alt
    assert "w" not in graph(out).scene.texts()


def test_an_expression_names_what_has_no_name():
    """a * b is called a * b as long as a and b have names."""
    a, b = sg.Value(1.0, name="a"), sg.Value(2.0, name="b")
    scene = graph(a * b + 1.0).scene
    assert "a * b" in scene.texts()
    assert "a + b" in graph(a + b).scene.texts()
    assert "b ** 2.0" in graph(b**2).scene.texts()


def test_a_tensor_shows_its_shape_and_its_numbers():
    """Small ones in full, row by row; large ones as range and mean."""
    x = sg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    many = sg.tensor([float(i) for i in range(100)], requires_grad=True, name="many")
    out = (x * 2.0).sum() + many.sum()
    out.backward()
    scene = graph(out).scene
    assert ["x", "shape", "(2, 2)"] == scene.texts("x")[:3]
    assert ["data", "1.0, 2.0", "3.0, 4.0"] == scene.texts("x")[3:6]
    assert ["grad", "2.0, 2.0", "2.0, 2.0"] == scene.texts("x")[6:]
    shown = scene.texts("many")
    assert ["data", "0.0 … 99.0", "mean", "49.5"] == shown[3:7]


def test_titles_and_numbers_stay_inside_their_cards():
    """No text runs over the edge of the box it belongs to."""
    from seegrad.draw.lettering import width_of

    a = sg.Value(-0.000123456, name="a rather long name for a number")
    out = (a * sg.Value(-98765.4321, name="b")).exp().log()
    out.backward()
    scene = graph(out).scene
    for box in scene.of(Rectangle):
        for text in scene.of(Text, box.group):
            if box.fill in ("card", "paper") and "->" not in box.group:
                width = width_of(text.text, text.size, bold=text.bold)
                shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
                assert box.x <= text.x - shift * width
                assert text.x + (1 - shift) * width <= box.x + box.width


def test_the_alternative_tells_every_number():
    """Data, gradients and local derivatives, in words."""
    a, _, product, out = example()
    alt = graph(out).alt
    assert f"a: data 2.0, grad {short(a.grad)}." in alt
    assert f"grad {short(product.grad)}; local derivative −3.0 by a, 2.0 by b." in alt


def test_only_known_roles_are_used():
    """Every mark can be painted in every theme."""
    for mark in graph(example()[-1], style="record").scene.marks:
        assert {mark.fill, mark.stroke} <= ROLES.keys() | {"none"}


def test_every_node_can_draw_itself():
    """`out.draw()` is `draw.graph(out)`."""
    out = example()[-1]
    assert graph(out, rankdir="TB").scene == out.draw(rankdir="TB").scene


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({"style": "card"}, "try  'cards'"),
        ({"rankdir": "TL"}, "no rankdir called 'TL'"),
        ({"max_nodes": 1}, "max_nodes must be 3 or more, not 1"),
        ({"theme": "drak"}, "try  'dark'"),
    ],
)
def test_unknown_settings_are_explained(setting, text):
    """With the nearest name that exists."""
    with pytest.raises(ArgumentError, match=text):
        graph(sg.Value(1.0), **setting)


def test_only_nodes_have_a_graph():
    """A plain number does not remember where it came from."""
    with pytest.raises(InputTypeError, match="not float"):
        graph(2.0)


def test_a_leaf_alone_is_a_graph():
    """Of one card."""
    assert ["x", "data", "1.0", "grad", "none yet"] == graph(
        sg.Value(1.0, name="x")
    ).scene.texts("x")


def test_the_same_drawing_under_any_hash_seed():
    """Nothing follows the order of a set."""
    code = (
        "import seegrad as sg; a = sg.Value(2.0, name='a'); x = a\n"
        "for i in range(40): x = (x * a + i).tanh() + a\n"
        "print(sg.draw.graph(x).svg(), sg.draw.graph(x, max_nodes=500).svg())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, check=True, encoding="utf-8",
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8",
                 "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert len(runs[0]) > 10_000
    assert runs[0] == runs[1]


def test_as_many_nodes_as_allowed_are_drawn_one_by_one():
    """Only beyond max_nodes is a graph folded."""
    out = example()[-1]
    count = len(ordered(out))
    assert not graph(out, max_nodes=count).scene.texts("caption")
    assert graph(out, max_nodes=count - 1).scene.texts("caption")


@pytest.mark.parametrize(
    ("start", "told"), [(float("nan"), "all nan"), (1.0, "some nan")]
)
def test_a_folded_group_does_not_hide_a_nan(start, told):
    """Who looks for the NaN finds the group it is in."""
    first = sg.Value(start, name="a")
    last = first * float("nan")
    assert told in group_part("stage", [first, last]).facts[-1].text
    for _ in range(100):
        last = last + 1.0
    assert "some nan" in graph(last).alt
