"""What nobody hopes for: one class or thirty, one step, long names, deep networks.

Every picture must stay readable: words on the sheet, none over another, no endless
file.
"""

import re

import numpy as np
import pytest

import seegrad as sg
from seegrad import draw, nn, optim
from seegrad.draw.numbers import read
from seegrad.draw.scene import Circle, Line, Text
from seegrad.errors import DataError

LONG = "a very long name that somebody gave to a thing for no good reason at all"
X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, :1] > 0) * 1.0


def tape_of(model, epochs=3, lr=0.1, x=X):
    """Some steps of a hand-written training."""
    sgd = optim.SGD(model.parameters(), lr=lr)
    with sg.recording() as tape, np.errstate(all="ignore"):
        for _ in range(epochs):
            loss = sg.losses.mse(model(x), Y)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
    return tape


def deep(activation="tanh"):
    """Thirty hidden layers."""
    return nn.MLP(2, [4] * 30, 1, activation=activation, seed=0)


def wild(parameters):
    """An optimizer that falls off every surface."""
    return optim.SGD(parameters, lr=10.0)


def attended(*shape):
    """Random attention."""
    return np.random.default_rng(0).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def classes(count):
    """Scores of thirty examples a class, and the classes."""
    right = np.repeat(np.arange(count), 30)
    scores = np.random.default_rng(0).normal(size=(len(right), count))
    return scores, right


CASES = {
    "activations of one step": lambda: draw.activations(tape_of(nn.Linear(2, 1), 1)),
    "activations of a deep network": lambda: draw.activations(tape_of(deep())),
    "gradients of one step": lambda: draw.gradients(tape_of(nn.Linear(2, 1), 1)),
    "gradients of a deep network": lambda: draw.gradients(tape_of(deep("sigmoid"))),
    "gradients of zeros": lambda: draw.gradients(
        tape_of(nn.MLP(2, [3], 1, seed=0), x=0 * X)
    ),
    "saturation of a deep network": lambda: draw.saturation(tape_of(deep(), x=50 * X)),
    "flow of a deep network": lambda: draw.parameter_flow(tape_of(deep())),
    "flow of one step": lambda: draw.parameter_flow(tape_of(nn.Linear(2, 1), 1)),
    "a deep network": lambda: draw.network(deep()),
    "a wide network": lambda: draw.network(nn.MLP(64, [100], 30, seed=0)),
    "the weights of a deep network": lambda: draw.weights(deep()),
    "weights of zero": lambda: draw.weights({LONG: np.zeros((3, 3))}),
    "thirty classes": lambda: draw.confusion(*classes(30)),
    "one class": lambda: draw.confusion([0, 0], [0, 0]),
    "long classes": lambda: draw.confusion([0, 1], [0, 1], classes=[LONG, "b"]),
    "many examples": lambda: draw.confusion(np.repeat([0, 1], 654321), [0, 1] * 654321),
    "thirty curves": lambda: draw.roc(*classes(30)),
    "a long curve": lambda: draw.roc({LONG: [0.1, 0.2]}, [0, 1]),
    "one prediction": lambda: draw.calibration([0.3], [1]),
    "a thousand bins": lambda: draw.calibration(*classes(30), bins=1000),
    "a dead layer": lambda: draw.hidden_space(
        nn.MLP(2, [2], 1, seed=0), -50.0 * np.abs(X), 0 * Y
    ),
    "a thousand vectors": lambda: draw.embedding(
        np.random.default_rng(0).normal(size=(1000, 8)), classes=np.arange(1000) % 30
    ),
    "far away": lambda: draw.embedding([[-2e5, 0.0], [2e5, 1e5], [0.0, -2e5]]),
    "many long names": lambda: draw.embedding(
        np.random.default_rng(0).normal(size=(80, 8)), [LONG] * 80
    ),
    "long tokens": lambda: draw.attention(attended(2, 3, 3), [LONG, "b", "c"]),
    "one position": lambda: draw.attention([[1.0]]),
    "many heads": lambda: draw.attention(attended(16, 40, 40)),
    "many channels": lambda: draw.convolution(
        nn.Conv2d(16, 12, 3, seed=0), np.random.default_rng(0).random((16, 8, 20))
    ),
    "one pixel": lambda: draw.convolution(nn.Conv2d(1, 1, 1, seed=0), [[1.0]]),
    "long matrices": lambda: draw.matmul([[1.0]], [[2.0]], names=(LONG, LONG, LONG)),
    "large matrices": lambda: draw.matmul(1e9 * attended(20, 30), attended(30, 20)),
    "a long function": lambda: draw.activation_functions([nn.GELU("tanh"), "sigmoid"]),
    "wide limits": lambda: draw.activation_functions("relu", limits=(-1e6, 1e6)),
    "long schedules": lambda: draw.schedule(
        {
            name: optim.CosineAnnealingLR(optim.SGD([nn.Parameter(0.0)], lr=3e-7), 999)
            for name in (LONG, "b")
        },
        steps=100_000,
    ),
    "a flat surface": lambda: draw.loss_surface(
        nn.Linear(2, 1, seed=0), X, Y, lambda p, t: (p * 0.0).sum(), resolution=5
    ),
    "one step of a race": lambda: draw.optimizers("saddle", steps=1),
    "forty racers": lambda: draw.optimizers(
        "ravine", steps=5, race={f"racer {k}": wild for k in range(40)}
    ),
    "a fall": lambda: draw.optimizers("rosenbrock", race={LONG: wild}),
}


@pytest.mark.parametrize("case", CASES)
def test_awkward_pictures_can_be_read(case, misplaced):
    """Words stay on the sheet and apart, and a file stays small."""
    picture = CASES[case]()
    assert [] == misplaced(picture.scene)
    assert 800_000 > len(picture.svg())
    assert picture.alt


def test_columns_of_a_deep_network_stand_apart():
    """The sheet grows with the network."""
    scene = draw.network(deep()).scene
    across = sorted({circle.x for circle in scene.of(Circle)})
    assert 32 == len(across)
    assert min(np.diff(across)) >= 100.0
    assert scene.width > 3000.0


def test_before_and_after_of_a_large_network_are_of_one_size():
    """The legend with all its entries still fits in one row."""
    model, x = nn.MLP(20, [30], 30, seed=0), np.ones((5, 20))
    before = draw.capture(model, x, np.zeros((5, 30)), "mse")
    model.load_state_dict({k: 0.9 * v for k, v in model.state_dict().items()})
    after = draw.capture(model, x, np.zeros((5, 30)), "mse")
    one = draw.network(before).scene
    other = draw.network(after, before=before).scene
    assert "changed most" in other.texts()
    assert (one.width, one.height) == (other.width, other.height)


def test_where_gradients_vanish_their_panels_lie_low(log_number_at):
    """All panels have one scale, and the first and the last layer are among them."""
    tape = tape_of(deep("sigmoid"))
    scene = draw.gradients(tape).scene
    heights = {}
    for name in ("0.weight", "60.weight"):
        (line,) = scene.of(Line, f"mean {name}")
        heights[name] = line.points[0][1]
        gradient = tape.events(name=name, kind="gradient", op="accumulate")[0].value
        size = float(np.sqrt((np.asarray(gradient, float) ** 2).mean()))
        assert size == pytest.approx(
            log_number_at(scene, line.points[0][1], name), 0.02
        )
    assert scene.texts("0.weight y tick") == scene.texts("60.weight y tick")
    assert "12 of 31" in scene.texts("how to read it")[0]


def test_a_cast_is_no_output_of_a_network():
    """Float64 given to a network of float32 is what it reads, not what it gives."""
    panels = draw.activations(tape_of(nn.MLP(2, [3], 1, seed=0))).scene.texts("panel")
    assert ["0 Linear", "1 ReLU", "2 Linear"] == panels


def test_long_paths_of_layers_keep_their_ends():
    """All begin alike, and differ at the end."""

    class Holder(nn.Module):
        def __init__(self):
            setattr(self, LONG.replace(" ", "_"), nn.MLP(2, [3], 1, seed=0))

        def forward(self, x):
            return getattr(self, LONG.replace(" ", "_"))(x)

    tape = sg.record(Holder(), X, Y, loss="mse")
    panels = draw.activations(tape).scene.texts("panel")
    ends = ["_at_all.0 Linear", "_at_all.1 ReLU", "_at_all.2 Linear"]
    for name, end in zip(panels, ends, strict=True):
        assert name.startswith("…")
        assert name.endswith(end)
    cards = draw.recorded_graph(tape, "forward", max_nodes=60).scene.texts()
    assert any(text.startswith("…") and text.endswith(".0.weight") for text in cards)


def test_long_classes_stand_upright_above_their_columns():
    """And short ones lie."""
    named = [f"the class {k}" for k in range(30)]
    scene = draw.confusion(*classes(30), classes=named).scene
    assert named == scene.texts("column name")
    assert all(text.turned for text in scene.of(Text, "column name"))
    scene = draw.confusion([0, 1], [0, 1]).scene
    assert not any(text.turned for text in scene.of(Text, "column name"))


def test_of_thirty_curves_the_best_and_the_worst_stand_out():
    """Five of each; the others are pale, and all are in the words."""
    picture = draw.roc(*classes(30))
    areas = dict(re.findall(r"(\d+): area under the curve ([\d.]+);", picture.alt))
    assert 30 == len(areas)
    ranked = sorted(areas, key=lambda name: float(areas[name]))
    strong = {
        line.group
        for line in picture.scene.of(Line)
        if line.group in areas and line.stroke != "frame"
    }
    assert {*ranked[:5], *ranked[-5:]} == strong
    texts = " ".join(picture.scene.texts())
    assert all(f"{name}: area {areas[name]}" in texts for name in strong)


def test_names_without_room_are_counted():
    """Those that are written and those that are not make all of them."""
    points = np.random.default_rng(0).normal(size=(80, 8))
    scene = draw.embedding(points, [f"the word {k}" for k in range(80)]).scene
    (below,) = scene.texts("how to read it")
    missing = int(re.search(r"(\d+) names found no room", below)[1])
    assert 80 == len(scene.texts("name")) + missing


def test_the_ranking_of_a_race_is_best_first():
    """By the loss at the end; who fell off comes last."""
    race = {
        "wild": wild,
        "slow": lambda p: optim.SGD(p, lr=1e-4),
        "quick": lambda p: optim.Adam(p, lr=0.05),
    }
    scene = draw.optimizers("rosenbrock", race=race).scene
    rows = sorted(
        (text.y, text.text) for text in scene.of(Text) if text.group.startswith("label")
    )
    names, ends = zip(*(words.split(": ") for _, words in rows), strict=True)
    assert ("quick", "slow", "wild") == names
    assert read(ends[0]) < read(ends[1])
    assert "fell off" == ends[2]


def test_one_filter_is_not_shown_twice():
    """The row of all filters is for layers that have several."""
    image = np.eye(6)
    alone, several = (
        draw.convolution(nn.Conv2d(1, count, 3, seed=0), image).scene
        for count in (1, 2)
    )
    assert not any(mark.group.startswith("small") for mark in alone.marks)
    assert any(mark.group.startswith("small") for mark in several.marks)
    assert alone.height < several.height


@pytest.mark.parametrize(
    ("text", "hint", "call"),
    [
        ("no finite output of a layer", r"sg\.doctor\(tape\)",
         lambda: draw.activations(tape_of(nn.Linear(2, 1, seed=0), x=X * np.nan))),
        ("all parameters stood still", "a larger lr",
         lambda: draw.parameter_flow(tape_of(nn.Linear(2, 1, seed=0), lr=1e-20))),
        ("of the 2 numbers in the weights are not finite", r"np\.argwhere",
         lambda: draw.attention([[np.nan, 1.0]])),
        ("the loss is nowhere a finite number", "look at x and y",
         lambda: draw.loss_surface(nn.Linear(2, 1, seed=0), X * np.nan, Y, "mse")),
        ("the loss here is nan", "look at x and y", lambda: draw.loss_surface(
            nn.Linear(2, 1, seed=0), X * np.nan, Y, "mse", dimensions=1)),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_explained(text, hint, call):
    """What happened, and what to try."""
    with pytest.raises(DataError, match=text) as caught:
        call()
    assert re.search(rf"try\s.*{hint}", str(caught.value))


def test_a_path_of_one_point_spans_no_plane():
    """The error counts its dimensions."""
    model = nn.Linear(2, 1, seed=0)
    with pytest.raises(DataError, match="there are 0 along the path of training"):
        draw.loss_surface(model, X, Y, "mse", path=[model.state_dict()])
