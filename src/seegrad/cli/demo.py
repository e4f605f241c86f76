"""Train a network on 1,797 handwritten digits, and draw what it is like inside.

It takes a few seconds, and writes into the output folder
  before_gradient.png   the network and its gradients, before one update
  after_gradient.png    the same network after the update
  graph.svg             one neuron: every number, every derivative
  learning_curve.svg    how the loss fell and the accuracy rose
  report.html           all of them on one page, explained
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seegrad.cli.showcase import pictures

HELP = "train on handwritten digits and draw what happens inside"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--output", type=Path, default=Path("demo"), metavar="FOLDER",
        help="where to write the pictures (default: demo)",
    )  # fmt: skip
    parser.add_argument(
        "--epochs", type=_positive, default=60, metavar="N",
        help="how often to go through the training images (default: 60)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=_natural, default=0, metavar="N",
        help="another number, other random choices (default: 0)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Train, draw, and say what came out."""
    start = perf_counter()
    from seegrad.cli.showcase import pictures, report, training
    from seegrad.cli.showcase.folder import prepared

    folder = prepared(options.output)
    pictures.check_painter()
    lesson = training.Lesson(seed=options.seed, epochs=options.epochs)
    say("data", lesson.data_sentence())
    say("network", lesson.network_sentence())
    lesson.one_step()
    say("one step", lesson.step_sentence())
    lesson.learn()
    if not lesson.run.epochs_done:
        return 130  # stopped by Ctrl-C before there was anything to draw
    say("training", lesson.training_sentence())
    say("accuracy", lesson.accuracy_sentence())
    drawn = perf_counter()
    shown = pictures.draw_pictures(lesson)
    for picture in shown:
        if picture.file:
            picture.picture.save(folder / picture.file)
    report.write(folder / "report.html", lesson, shown)
    say(
        "drawing",
        f"{perf_counter() - drawn:.1f} s; all in {perf_counter() - start:.1f} s",
    )
    tell_files(folder, shown)
    return 0


def say(what: str, sentence: str) -> None:
    """One line of the account."""
    print(f"{what:<10} {sentence}", flush=True)


def tell_files(folder: Path, shown: list[pictures.Shown]) -> None:
    """Where everything is."""
    print(f"\nIn {folder.resolve()}:")
    for picture in shown:
        if picture.file:
            print(f"  {picture.file:<20} {picture.title}")
    print(f"  {'report.html':<20} all of them on one page, explained: open this one")


def _positive(text: str) -> int:
    return _whole(text, 1)


def _natural(text: str) -> int:
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number of {least} or more"
        )
    return int(text)
