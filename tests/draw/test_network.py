"""The state of a network around one update: captured, drawn, and compared."""

from xml.etree import ElementTree

import numpy as np
import pytest

from seegrad import losses, nn
from seegrad.draw import capture, network
from seegrad.draw.lettering import width_of
from seegrad.draw.numbers import fixed, read, short
from seegrad.draw.palette import ROLES
from seegrad.draw.scene import Circle, Line, Rectangle, Text
from seegrad.draw.units import tiny
from seegrad.errors import ArgumentError, ShapeError

X = np.array([[0.5, -1.0], [1.5, 2.0], [-1.0, 0.3]], dtype=np.float32)
Y = np.array([0, 1, 1])


def model():
    """2 -> 3 -> 1 with tanh."""
    return nn.MLP(2, [3], 1, activation="tanh", seed=3)


def around_an_update(net, x=X, y=Y, loss="bce_with_logits", lr=1.0):
    """States before and after one step of gradient descent."""
    before = capture(net, x, y, loss)
    getattr(losses, loss)(net(x), y).backward()
    for p in net.parameters():
        p.assign(p.data - np.float32(lr) * p.grad)
    return before, capture(net, x, y, loss)


def test_every_weight_and_gradient_of_a_small_network_is_written():
    """On its edge, and in full in the tooltip."""
    state = capture(model(), X, Y, "bce_with_logits")
    scene = network(state).scene
    for layer in state.layers:
        for (j, i), weight in np.ndenumerate(layer.weight):
            name = f"{layer.name}.weight[{j}, {i}]"
            grad = layer.weight_grad[j, i]
            assert [fixed(weight), f"grad {fixed(grad)}"] == scene.texts(
                f"label {name}"
            )
            (line,) = scene.of(Line, f"edge {name}")
            assert f"{name} = {short(weight)}, gradient {short(grad)}" == line.title


def test_every_unit_shows_value_gradient_and_bias():
    """Two digits in the circle, four in the tooltip."""
    state = capture(model(), X, Y, "bce_with_logits")
    scene = network(state).scene
    for place, layer in enumerate(state.layers, start=1):
        for unit in range(len(layer.value)):
            value, grad = layer.value[unit], layer.grad[unit]
            shown = scene.texts(f"unit {place}[{unit}]")
            assert [tiny(value), tiny(grad)] == shown
            assert [f"b {tiny(layer.bias[unit])}"] == scene.texts(
                f"under {place}[{unit}]"
            )
            (circle,) = scene.of(Circle, f"unit {place}[{unit}]")
            assert f"value {short(value)}, gradient {short(grad)}" in circle.title


def test_sign_is_told_by_colour_and_dash_and_size_by_width():
    """Blue and solid, orange and dashed; the largest weight is the widest line."""
    state = capture(model())
    scene = network(state).scene
    weight = state.layers[0].weight
    widths = {}
    for (j, i), w in np.ndenumerate(weight):
        (line,) = scene.of(Line, f"edge 0.weight[{j}, {i}]")
        assert ("positive" if w > 0 else "negative") == line.stroke
        assert (w < 0) == bool(line.dash)
        widths[abs(w)] = line.thickness
    assert [widths[k] for k in sorted(widths)] == sorted(widths.values())


def test_before_and_after_have_the_same_layout():
    """Every unit and every edge stays where it was."""
    before, after = around_an_update(model())
    one, other = network(before).scene, network(after, before=before).scene
    assert (one.width, one.height) == (other.width, other.height)
    for kind, start in ((Circle, "unit"), (Line, "edge")):
        places = [
            {
                m.group: (m.x, m.y) if kind is Circle else m.points
                for m in scene.of(kind)
                if m.group.startswith(start)
            }
            for scene in (one, other)
        ]
        assert places[0]
        assert places[0] == places[1]


def test_what_changed_shows_old_and_new_number():
    """old → new, and an arrow that tells the direction."""
    before, after = around_an_update(model())
    scene = network(after, before=before).scene
    seen = 0
    for layer, old in zip(after.layers, before.layers, strict=True):
        for (j, i), new in np.ndenumerate(layer.weight):
            texts = scene.texts(f"label {layer.name}.weight[{j}, {i}]")
            if texts and "→" in texts[0]:
                was, now, arrow = texts[0].replace("→", "").split()
                assert (fixed(old.weight[j, i]), fixed(new)) == (was, now)
                assert ("▲" if new > old.weight[j, i] else "▼") == arrow
                seen += 1
    assert seen >= 5


def test_the_edges_that_changed_most_are_marked():
    """By a halo behind the line and by the frame of the number."""
    before, after = around_an_update(model())
    scene = network(after, before=before).scene
    steps = {
        f"{new.name}.weight[{j}, {i}]": abs(step)
        for new, old in zip(after.layers, before.layers, strict=True)
        for (j, i), step in np.ndenumerate(new.weight - old.weight)
    }
    most = sorted(steps, key=steps.get)[-3:]
    halos = {m.group for m in scene.of(Line) if m.group.startswith("changed ")}
    assert {f"changed {name}" for name in most} == halos
    for name in most:
        (box,) = scene.of(Rectangle, f"label {name}")
        assert "changed" == box.stroke


def test_the_loss_before_and_after_is_written_and_told():
    """It went down."""
    before, after = around_an_update(model())
    picture = network(after, before=before)
    assert (
        f"loss {short(before.loss)} → {short(after.loss)}"
        in picture.scene.texts("loss")[0]
    )
    assert f"Loss {short(after.loss)} (before: {short(before.loss)})." in picture.alt
    assert after.loss < before.loss


def test_nothing_changed_marks_nothing():
    """The same state twice."""
    state = capture(model(), X, Y, "bce_with_logits")
    scene = network(state, before=state).scene
    assert not [m for m in scene.marks if m.group.startswith("changed ")]


def test_large_layers_collapse_and_say_how_many_are_hidden():
    """64-128-10 stays readable: seven units and "more", but all ten outputs."""
    net = nn.MLP(64, [128], 10, activation="relu", seed=0)
    x = np.random.default_rng(0).random((8, 64), dtype=np.float32)
    before, after = around_an_update(net, x, np.arange(8), "cross_entropy")
    scene = network(after, before=before).scene
    texts = scene.texts()
    assert {"64 units, 7 shown", "128 units, 7 shown", "10 units"} <= set(texts)
    assert {"57", "121", "more"} <= set(texts)
    assert 7 + 7 + 10 == len({m.group for m in scene.of(Circle) if "unit" in m.group})
    titles = [line.title for line in scene.of(Line)]
    bundles = [t for t in titles if t.startswith("0.weight[…, …]: 6,897 weights")]
    assert 1 == len(bundles)
    assert scene.height < 900


def test_the_units_with_the_largest_gradients_are_shown():
    """Not the first ones, which may be the dark corners of an image."""
    net = nn.Sequential(nn.Linear(20, 1, seed=0))
    x = np.zeros((4, 20), dtype=np.float32)
    x[:, 15:] = 1.0
    scene = network(capture(net, x, np.ones((4, 1)), "mse"), max_units=6).scene
    shown = {m.group for m in scene.of(Circle) if m.group.startswith("unit 0")}
    assert {f"unit 0[{i}]" for i in range(15, 20)} == shown


def test_numbers_on_edges_never_cover_units_or_each_other():
    """A number that finds no free place is left to the tooltip."""
    net = nn.MLP(3, [5, 4], 2, seed=1)
    x = np.random.default_rng(1).random((6, 3), dtype=np.float32)
    before, after = around_an_update(net, x, np.arange(6) % 2, "cross_entropy")
    scene = network(after, before=before).scene
    boxes = [r for r in scene.of(Rectangle) if r.group.startswith("label ")]
    assert len(boxes) >= 6
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            apart_x = box.x + box.width <= other.x or other.x + other.width <= box.x
            assert (
                apart_x or abs(box.y - other.y) >= min(box.height, other.height) - 1e-6
            )
        for c in scene.of(Circle):
            across = max(box.x - c.x, 0.0, c.x - box.x - box.width)
            down = max(box.y - c.y, 0.0, c.y - box.y - box.height)
            assert across**2 + down**2 >= (c.radius - 1) ** 2
        for text in scene.of(Text, box.group):
            assert width_of(text.text, text.size) <= box.width


def test_a_model_without_data_shows_its_weights():
    """Units show their numbers, inputs their names, edges their weights."""
    scene = network(nn.Linear(2, 1, seed=0)).scene
    assert ["#0"] == scene.texts("unit 1[0]")
    assert (["x[0]"], []) == (scene.texts("unit 0[0]"), scene.texts("under 0[0]"))
    assert read(scene.texts("label weight[0, 0]")[0])


def test_a_layer_without_bias_has_none():
    """And nothing is written in its place."""
    scene = network(capture(nn.Linear(2, 1, bias=False, seed=0), X)).scene
    assert [] == scene.texts("under 1[0]")


def test_only_known_roles_are_used():
    """Every mark can be painted in every theme."""
    before, after = around_an_update(model())
    for mark in network(after, before=before).scene.marks:
        assert {mark.fill, mark.stroke} <= ROLES.keys() | {"none"}


def test_settings_are_checked():
    """Another network before, or too few units."""
    state = capture(nn.Linear(2, 1, seed=0))
    with pytest.raises(
        ShapeError, match=r"\[2, 3, 1\] units, and this one of \[2, 1\]"
    ):
        network(state, before=capture(model()))
    with pytest.raises(ArgumentError, match="max_units must be 2 or more"):
        network(state, max_units=1)


def test_numbers_that_are_not_finite_are_drawn_as_such():
    """A network that has diverged can still be looked at."""
    net = nn.Linear(2, 1, seed=0)
    net.weight.assign(np.array([[np.nan, np.inf]], dtype=np.float32))
    scene = network(capture(net, X)).scene
    assert {"nan", "inf"} <= set(scene.texts())


def test_without_gradients_the_largest_weights_choose_the_units():
    """And the picture says so; the number in a circle is told apart from a value."""
    net = nn.MLP(2, [16], 1, seed=0)
    scene = network(net).scene
    assert ["of large layers, the units with the largest weights"] == scene.texts(
        "loss"
    )
    assert ["#0"] == scene.texts("unit 2[0]")
    losses.bce_with_logits(net(X), Y).backward()
    assert network(net).scene.texts("loss")[0].endswith("the largest gradients")


def test_the_sign_of_a_value_is_told_by_the_dash_of_its_circle():
    """As that of a weight: colour is not needed."""
    state = capture(model(), X[0])
    circles = {c.group: c for c in network(state).scene.of(Circle)}
    for unit, value in enumerate(state.layers[0].value):
        circle = circles[f"unit 1[{unit}]"]
        assert (value < 0) == bool(circle.dash)
        assert ("negative" if value < 0 else "positive") == circle.stroke


def test_a_bundle_tells_the_mean_size_of_its_weights():
    """Weights of opposite sign do not cancel out."""
    net = nn.Linear(20, 1, seed=0)
    net.weight.assign(np.array([[0.5, -0.5] * 10], dtype=np.float32))
    (title,) = {e.title for e in network(net).scene.of(Line) if "weights," in e.title}
    assert title.endswith("mean size 0.5")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_network_that_has_diverged_can_be_painted(number):
    """No width and no place follows a number that is not finite."""
    net = model()
    before = capture(net, X, Y, "bce_with_logits")
    broken = net[0].weight.numpy().copy()
    broken[0, 0] = number
    net[0].weight.assign(broken)
    after = capture(net, X)
    for picture in (network(after), network(after, before=before)):
        ElementTree.fromstring(picture.svg())
        assert '="nan' not in picture.svg()
        assert '="inf' not in picture.svg()
        assert fixed(number) in " ".join(picture.scene.texts())
