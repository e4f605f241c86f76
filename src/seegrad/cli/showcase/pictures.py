"""The pictures of the demo, each with a title and the words that explain it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seegrad import data, draw, nn
from seegrad.cli.showcase.mistakes import mistakes
from seegrad.cli.showcase.training import BATCH, HIDDEN, STEP_BATCH, Lesson, Update
from seegrad.draw.pixels import paint_png
from seegrad.draw.scene import Scene
from seegrad.value import Value


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with its words; ``file`` is empty for those on the page alone."""

    picture: draw.Picture
    file: str
    title: str
    words: str


def check_painter() -> None:
    """Raise MissingExtraError now, not after training, if PNGs cannot be painted."""
    paint_png(Scene(1.0, 1.0, ()))


def draw_pictures(lesson: Lesson) -> list[Shown]:
    """Every picture, in the order of the page: from one number to all of training."""
    return [neuron(), *small_network(), *digits_network(lesson), *results(lesson)]


def neuron() -> Shown:
    """One neuron on Values, with everything that can be known about it."""
    x1, x2 = Value(2.0, name="x1"), Value(-1.0, name="x2")
    w1, w2 = Value(0.5, name="w1"), Value(1.5, name="w2")
    b = Value(0.25, name="b")
    out = (w1 * x1 + w2 * x2 + b).tanh()
    out.name = "out"
    out.backward()
    words = (
        "A neuron multiplies each input by a weight, adds everything up with a bias, "
        "and bends the sum: out = tanh(w1 x1 + w2 x2 + b). Read from left to right, "
        "this is forward propagation: each box holds a number (data) and shows what it "
        "was made from. Read from right to left, it is backward propagation: the "
        "gradient (grad) of a box says how much out would change if that number grew a "
        "little. The number on an arrow is the local derivative, and the chain rule "
        "multiplies along the way: for w1, "
        f"{out_slope(out.data):.4f} × 1 × 1 × {x1.data:g} = {w1.grad:.4f}."
    )
    return Shown(draw.graph(out), "graph.svg", "one neuron: every number", words)


def out_slope(out: float) -> float:
    """The derivative of tanh where it gives ``out``: 1 - out^2."""
    return 1.0 - math.pow(out, 2)


def small_network() -> list[Shown]:
    """A network of seven units around one update, small enough to read it all."""
    x, y = data.moons(200, noise=0.1, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=3)
    update = Update(model, x, y, "bce_with_logits", lr=1.0)
    before, after = around(update, "small")
    return [
        Shown(
            before,
            "",
            "a small network before one update",
            "Circles are units, lines are weights: blue and solid if positive, orange "
            "and dashed if negative, and as wide as they are large. The number in blue "
            "is the value, the one beneath it in orange the gradient of the loss. A "
            "positive gradient says: if I grow, the loss grows. So the update moves "
            "every weight against its gradient.",
        ),
        Shown(
            after,
            "",
            "the same network after the update",
            "Everything stands where it stood; what changed most is marked in green. "
            "New weight = old weight − learning rate × gradient, with the gradient "
            f"from the picture before. {update.receipt(after)}. The gradients shown "
            "here are the new ones, for the next update.",
        ),
    ]


def digits_network(lesson: Lesson) -> list[Shown]:
    """The network that reads digits, around one update."""
    before, after = around(lesson.update, "digits")
    return [
        Shown(
            before,
            "before_gradient.png",
            "the digits network before one update",
            "The network that learns to read digits, at its very beginning, looking at "
            f"{STEP_BATCH} images. It has too many units to show: of the 64 pixels and "
            f"the {HIDDEN} hidden units you see those with the largest gradients, and "
            "all 10 outputs, one for each digit. The largest gradients have their "
            "numbers.",
        ),
        Shown(
            after,
            "after_gradient.png",
            "the digits network after the update",
            "The same units in the same places, after a single step of gradient "
            f"descent: {lesson.step_sentence().replace('->', '→')}. "
            f"{lesson.update.receipt(after)}.",
        ),
    ]


def around(update: Update, which: str) -> tuple[draw.Picture, draw.Picture]:
    """The network before and after, with everything in its place."""
    before, after = update.before, update.after
    title = f"The {which} network after the update"
    return (
        draw.network(before, title=f"The {which} network before one update"),
        draw.network(after, before=before, title=title),
    )


def results(lesson: Lesson) -> list[Shown]:
    """What came of many such updates."""
    updates = lesson.run.epochs_done * math.ceil(len(lesson.y) / BATCH)
    shown = [
        Shown(
            draw.learning_curve(lesson.run.history),
            "learning_curve.svg",
            "how it learned",
            f"{updates:,} updates later. An epoch is one pass over all "
            f"{len(lesson.y):,} training images; val_ marks the "
            f"{len(lesson.y_test)} test images, from which nothing is learned. "
            "While it learns, half of the hidden units are switched off at random "
            "(dropout), which keeps the network from learning the images by heart; "
            "that is why the training numbers can look worse than those of the test.",
        )
    ]
    wrong = mistakes(lesson)
    return [*shown, *([wrong_shown(wrong)] if wrong else [])]


def wrong_shown(picture: draw.Picture) -> Shown:
    """The images that were misread."""
    words = (
        "The test images that the network read wrongly. Would you have read all of "
        "them correctly?"
    )
    return Shown(picture, "", "what it got wrong", words)
