"""Animations: the frames of the file are the pictures, in their order and time."""

import builtins

import numpy as np
import pytest
from PIL import Image

import seegrad as sg
from seegrad import nn, optim
from seegrad.borrow import LENDERS
from seegrad.draw import Picture, animate, network
from seegrad.draw.palette import rgb
from seegrad.draw.scene import Rectangle, Scene
from seegrad.errors import (
    ArgumentError,
    InputTypeError,
    MissingExtraError,
    SeegradError,
    ShapeError,
)

X, Y = sg.data.moons(8, noise=0.1, seed=0)


def bar(width, fill="positive", size=(60.0, 20.0)):
    """A picture of a bar as wide as this."""
    marks = (Rectangle(0.0, 5.0, width, 10.0, fill=fill),)
    return Picture(Scene(*size, marks, "bar"), f"A bar of {width}.")


def frames(path):
    """Every frame as an array of colours, and how long each stays."""
    with Image.open(path) as file:
        found = []
        for k in range(file.n_frames):
            file.seek(k)
            found.append((np.array(file.convert("RGB")), file.info["duration"]))
    return found


def trained(steps=3, width=3):
    """The tape of a short training, and a model as it was before."""
    model = nn.MLP(2, [width], 1, activation="tanh", seed=0)
    sgd = optim.SGD(model.parameters(), lr=0.5)
    return sg.record(
        model, X, Y, loss="bce_with_logits", optimizer=sgd, steps=steps
    )  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frames_are_the_pictures(tmp_path, theme):
    """In their order, with the colours of the palette."""
    widths = [10.0, 30.0, 50.0]
    path = animate([bar(w) for w in widths], tmp_path / "a.gif", theme=theme,
                   dots_per_point=1.0)  # fmt: skip
    for width, (image, _) in zip(widths, frames(path), strict=True):
        assert (20, 60, 3) == image.shape
        middle = image[10].astype(int)
        blue = np.abs(middle - rgb("positive", theme)).max(axis=1) < 6
        assert width == pytest.approx(blue.sum(), abs=1)
        assert np.abs(image[1, 55].astype(int) - rgb("paper", theme)).max() < 2


def test_the_last_frame_stays_longer(tmp_path):
    """Three times, so that one sees where it ended."""
    path = animate([bar(w) for w in (10.0, 20.0, 30.0)], tmp_path / "a.gif",
                   seconds_per_frame=0.2)  # fmt: skip
    assert [200, 200, 600] == [time for _, time in frames(path)]
    with Image.open(path) as file:
        assert 0 == file.info["loop"]


def test_the_largest_picture_decides_the_sheet(tmp_path):
    """Smaller ones stand in its corner."""
    path = animate([bar(10.0), bar(20.0, size=(90.0, 40.0))], tmp_path / "a.gif",
                   dots_per_point=1.0)  # fmt: skip
    assert [(40, 90, 3)] * 2 == [image.shape for image, _ in frames(path)]


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    """No time and no name is in the file."""
    one, two = (
        animate([bar(10.0), bar(20.0)], tmp_path / name) for name in ("a.gif", "b.gif")
    )
    assert one.read_bytes() == two.read_bytes()


def test_a_tape_is_the_network_at_each_step(tmp_path):
    """Before every update, and after the last one."""
    tape = trained()
    path = tape.animate(tmp_path / "training.gif", seconds_per_frame=0.1)
    found = frames(path)
    assert [100, 100, 100, 300] == [time for _, time in found]
    states = [*(tape.state("before", k) for k in range(3)), tape.state("after", 2)]
    last = sg.draw.recorded_state(tape, "after", 2)
    titles = ["Step 0", "Step 1", "Step 2", "After step 2"]
    wanted = animate(
        [
            network(_alone(state), like=_alone(last), title=title)
            for state, title in zip(states, titles, strict=True)
        ],
        tmp_path / "wanted.gif",
        seconds_per_frame=0.1,
    )
    assert wanted.read_bytes() == path.read_bytes()


def _alone(state):
    """A state without the one that it is drawn against."""
    return sg.draw.NetworkState(state.layers, state.inputs, state.samples, state.loss)


def test_of_a_long_tape_some_steps_are_shown(tmp_path):
    """And those whose weights were not kept are left out."""
    tape = trained(steps=9, width=40)
    path = tape.animate(tmp_path / "a.gif", most_frames=3)
    assert 4 == len(frames(path))
    for step in tape.steps[1:-1]:
        step.summarised()
    assert 3 == len(frames(tape.animate(tmp_path / "b.gif")))


def test_layout_and_scale_can_be_those_of_another_state():
    """The same units at the same places, and a width means the same weight."""
    tape = trained(steps=2, width=30)
    first, last = _alone(tape.state("before", 0)), _alone(tape.state("after", 1))
    edges = [
        {m.group: m.points for m in network(s, like=last).scene.marks
         if m.group.startswith("edge")}
        for s in (first, last)
    ]  # fmt: skip
    assert edges[0] == edges[1]
    with pytest.raises(ShapeError, match="the network to be like has layers of"):
        network(first, like=sg.draw.capture(nn.Linear(3, 1, seed=0)))


def test_a_tape_without_the_library_cannot_draw(monkeypatch):
    """The functions are lent by the root."""
    monkeypatch.delitem(LENDERS, "Tape.animate")
    with pytest.raises(SeegradError, match="nobody has lent Tape a way to animate"):
        trained(steps=1).animate("a.gif")


@pytest.mark.parametrize(
    ("error", "text", "given", "settings"),
    [
        (ArgumentError, "no picture to animate", [], {}),
        (InputTypeError, "a frame is a Picture, not str", ["a"], {}),
        (ArgumentError, "0.001 seconds", [bar(1.0)], {"seconds_per_frame": 0.001}),
        (ArgumentError, "9 dots", [bar(1.0)], {"dots_per_point": 9}),
        (ArgumentError, "theme called 'blue'", [bar(1.0)], {"theme": "blue"}),
    ],
)
def test_bad_input_is_explained(tmp_path, error, text, given, settings):
    """Typed errors that say what to try, and no file is left behind."""
    with pytest.raises(error, match=text):
        animate(given, tmp_path / "a.gif", **settings)
    assert [] == list(tmp_path.iterdir())


def test_only_gif_is_written(tmp_path):
    """Another suffix is another thing."""
    with pytest.raises(ArgumentError, match=r"cannot be saved as 'a\.mp4'"):
        animate([bar(1.0)], tmp_path / "a.mp4")
    with pytest.raises(ArgumentError, match="1 or more"):
        trained(steps=1).animate(tmp_path / "a.gif", most_frames=0)


def test_without_pillow_the_error_names_the_extra(tmp_path, monkeypatch):
    """Nothing else of the drawings needs it."""
    whole = builtins.__import__

    def without(name, *rest, **more):
        if name == "PIL":
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match="Pillow, which is not installed"):
        animate([bar(1.0)], tmp_path / "a.gif")
