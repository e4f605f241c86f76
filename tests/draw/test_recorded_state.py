"""Pictures of an update: every number in them is the tape's, or the model's."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.draw import capture, recorded_state, update
from seegrad.draw.change import change
from seegrad.draw.numbers import fixed
from seegrad.draw.scene import Line
from seegrad.errors import ArgumentError, DataError, InputTypeError, ShapeError
from seegrad.record import Tape

X, Y = sg.data.moons(6, noise=0.1, seed=0)


def taped(model=None, **settings):
    """A model, and the tape of one step of it with SGD."""
    model = model or nn.MLP(2, [3], 1, activation="tanh", seed=0)
    sgd = optim.SGD(model.parameters(), lr=0.5, **settings)
    return model, sg.record(model, X, Y, loss="bce_with_logits", optimizer=sgd)


def same(one, other):
    """Whether two states hold the same numbers."""
    assert one.loss == pytest.approx(other.loss, rel=1e-6)
    np.testing.assert_allclose(one.inputs, other.inputs, rtol=1e-6)
    for a, b in zip(one.layers, other.layers, strict=True):
        assert (a.name, a.kind) == (b.name, b.kind)
        for part in ("weight", "bias", "weight_grad", "bias_grad", "value", "grad"):
            np.testing.assert_allclose(
                getattr(a, part), getattr(b, part), rtol=1e-5, atol=1e-7
            )


def test_the_state_before_is_what_capture_sees():
    """Weights, values and gradients of the model as it stands."""
    model, tape = taped()
    same(capture(model, X, Y, "bce_with_logits"), tape.before)
    assert tape.before.samples == 6


def test_the_state_after_is_what_a_real_update_gives():
    """The same update on a twin, then a capture of it."""
    _, tape = taped()
    twin = nn.MLP(2, [3], 1, activation="tanh", seed=0)
    sgd = optim.SGD(twin.parameters(), lr=0.5)
    sg.losses.bce_with_logits(twin(X), Y).backward()
    sgd.step()
    same(capture(twin, X, Y, "bce_with_logits"), tape.after)


def test_other_steps_are_read_too():
    """After one step is before the next, on the same data."""
    model = nn.MLP(2, [3], 1, seed=0)
    sgd = optim.SGD(model.parameters(), lr=0.5)
    tape = sg.record(model, X, Y, loss="bce_with_logits", optimizer=sgd, steps=3)
    same(tape.state("after", 1), tape.state("before", 2))


def test_layers_in_between_belong_to_the_linear_before():
    """Dropout with its mask, and a batch norm, are steps of a chain."""
    model = nn.Sequential(
        nn.Linear(2, 4, seed=0), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4, 1, seed=2),
    )  # fmt: skip
    _, tape = taped(model)
    kinds = [layer.kind for layer in tape.after.layers]
    assert ["Linear → BatchNorm1d → ReLU", "Linear"] == kinds
    assert tape.after.loss is not None


def test_the_difference_is_after_minus_before():
    """Number by number."""
    _, tape = taped()
    for moved, old, new in zip(
        tape.difference.layers, tape.before.layers, tape.after.layers, strict=True
    ):
        np.testing.assert_array_equal(moved.weight, new.weight - old.weight)
        np.testing.assert_array_equal(moved.value, new.value - old.value)
    assert tape.difference.loss == tape.after.loss - tape.before.loss


def test_the_picture_of_the_difference_writes_how_far_weights_moved():
    """On every edge, with the sign in its dash."""
    _, tape = taped()
    picture = tape.difference.draw()
    moved = tape.difference.layers[0].weight
    for j, i in np.ndindex(moved.shape):
        assert [fixed(moved[j, i])] == picture.scene.texts(f"label 0.weight[{j}, {i}]")
        (edge,) = picture.scene.of(Line, f"edge 0.weight[{j}, {i}]")
        assert (moved[j, i] < 0) == bool(edge.dash)
    assert "moved down (width = size)" in picture.scene.texts()
    assert "Loss changed by −" in picture.alt


def test_the_picture_after_shows_old_and_new():
    """It is drawn against the state before."""
    _, tape = taped()
    old, new = (s.layers[1].weight[0, 1] for s in (tape.before, tape.after))
    words = tape.after.draw().scene.texts("label 2.weight[0, 1]")[0]
    assert words.startswith(f"{fixed(old)} → {fixed(new)}")


def test_all_three_stand_on_one_sheet():
    """One below the other, each with its edges."""
    _, tape = taped()
    scene = update(tape).scene
    tops = [t.y for t in scene.marks if getattr(t, "group", "") == "title"]
    assert 3 == len(tops)
    assert sorted(tops) == tops
    assert 3 == len(list(scene.of(Line, "edge 0.weight[2, 1]")))


def test_large_layers_show_the_same_units_in_all_three():
    """Chosen once, by the gradients before the update."""
    _, tape = taped(nn.MLP(2, [30], 1, activation="tanh", seed=0))
    states = (tape.before, tape.after, tape.difference)
    names = [
        {m.group for m in state.draw().scene.of(Line) if m.group.startswith("edge")}
        for state in states
    ]
    assert names[0] == names[1] == names[2]


def test_a_tape_from_a_file_knows_the_weights_and_the_new_loss(tmp_path):
    """Operations are stored with their settings, so they can be run again."""
    _, tape = taped()
    loaded = Tape.load(tape.save(tmp_path / "t.json"))
    same(tape.before, loaded.before)
    np.testing.assert_allclose(
        tape.after.layers[0].weight, loaded.after.layers[0].weight
    )
    assert tape.after.loss == loaded.after.loss
    np.testing.assert_array_equal(
        tape.after.layers[0].value, loaded.after.layers[0].value
    )
    assert "after" in loaded.after.draw().scene.title


class Residual(nn.Module):
    """A model that reads its input twice."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(2, 2, seed=0), nn.Linear(2, 1, seed=1)

    def forward(self, x):
        return self.two(self.one(x) + x)


class Shared(nn.Module):
    """A model that uses a layer twice."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(2, 2, seed=0), nn.Linear(2, 1, seed=1)

    def forward(self, x):
        return self.two(self.one(self.one(x).tanh()).tanh())


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (Residual(), "reads x, and not only Linear one"),
        (Shared(), "layer 'one' is used more than once"),
    ],
)
def test_only_a_chain_is_drawn_as_one(model, text):
    """The error names what is in the way, and the drawing that can do it."""
    _, tape = taped(model)
    with pytest.raises(InputTypeError, match=text) as error:
        tape.before
    assert 'tape.graph("forward")' in str(error.value)


def test_code_without_layers_has_no_network():
    """Only operations."""
    with sg.recording() as tape:
        (sg.Value(2.0) * 3.0).backward()
    with pytest.raises(InputTypeError, match="no Linear layer in the step"):
        recorded_state(tape)


def test_errors_say_what_is_missing():
    """No update, no such moment, no step, two networks."""
    model, tape = taped()
    with pytest.raises(ArgumentError, match="no moment called 'later'"):
        tape.state("later")
    bare = sg.record(model, X)
    with pytest.raises(DataError, match="step 0 has no update"):
        bare.after
    with pytest.raises(DataError, match="the tape has no step"):
        recorded_state(Tape())
    other = capture(nn.Linear(3, 1, seed=0))
    with pytest.raises(ShapeError, match=r"\[2, 3, 1\] units, and the one after"):
        change(tape.before, other)


def test_weights_that_were_not_kept_are_named():
    """A summary is no weight."""
    _, tape = taped(nn.MLP(2, [40], 1, seed=0))
    tape.steps[0].summarised()
    with pytest.raises(DataError, match="did not keep the weights of layer '0'"):
        recorded_state(tape)


def test_drawing_a_state_changes_nothing():
    """Neither the tape nor the model."""
    model, tape = taped()
    kept, state = tape.before, {k: np.array(v) for k, v in model.state_dict().items()}
    tape.after.draw()
    same(kept, tape.before)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(state[name], array)
