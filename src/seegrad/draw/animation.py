"""Pictures one after the other in a GIF, which any browser and any mail plays."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from seegrad.draw.network import network
from seegrad.draw.palette import rgb
from seegrad.draw.picture import THEMES, Picture
from seegrad.draw.pixels import paint_png
from seegrad.draw.recorded_state import recorded_state
from seegrad.draw.scene import Image as Cells
from seegrad.draw.taped import is_summary, is_update, some, steps_of
from seegrad.errors import (
    ArgumentError,
    InputTypeError,
    MissingExtraError,
    unknown_name,
)
from seegrad.random import whole_number
from seegrad.whole_file import write

SHORTEST = 0.02  # seconds: browsers slow down what is shorter
HELD = 3  # the last frame stays that much longer
MOST_COLOURS = 255  # beside the paper
CLOSE = 8  # Pillow mistakes the paper for shades that are closer to it
Colour = tuple[int, int, int]


def animate(
    pictures: Iterable[Picture],
    path: str | os.PathLike[str],
    *,
    seconds_per_frame: float = 0.5,
    dots_per_point: float = 1.5,
    theme: str = "light",
) -> Path:
    """Write pictures as the frames of a GIF, and return its path.

    It plays for ever; the last frame stays three times as long. Smaller pictures stand
    in the upper left corner of the largest. Needs matplotlib and Pillow. Raises
    ArgumentError for another suffix, a time below 0.02 or no picture, InputTypeError
    for frames that are no pictures, MissingExtraError without Pillow.
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ArgumentError(
            f"an animation cannot be saved as {path.name!r}",
            where="draw.animate",
            hint="a name that ends in .gif",
        )
    if not seconds_per_frame >= SHORTEST or not 0.25 <= dots_per_point <= 4.0:
        raise ArgumentError(
            f"{seconds_per_frame!r} seconds for a frame of {dots_per_point!r} dots per "
            "point cannot be played",
            where="draw.animate",
            hint="seconds_per_frame of 0.02 or more, dots_per_point of 0.25 to 4",
        )
    if theme not in THEMES:
        raise unknown_name("theme", theme, THEMES)
    frames = list(pictures)
    for frame in frames:
        if not isinstance(frame, Picture):
            raise InputTypeError(
                f"a frame is a Picture, not {type(frame).__name__}",
                where="draw.animate",
                hint="what the functions of sg.draw return",
            )
    if not frames:
        raise ArgumentError("there is no picture to animate", where="draw.animate")
    data = _gif(frames, seconds_per_frame, dots_per_point, theme)
    write(path, data)
    return path


def training(
    tape: Any,
    path: str | os.PathLike[str],
    *,
    most_frames: int = 60,
    max_units: int = 8,
    seconds_per_frame: float = 0.25,
    dots_per_point: float = 1.5,
    theme: str = "light",
) -> Path:
    """Write a GIF of the network at each recorded step, and return its path.

    A frame is the state before the update of a step, the last one the state after the
    last update; all have the same layout and scale. Of more steps than ``most_frames``
    some are shown in equal distances. Raises what `recorded_state` and `animate` raise.
    """
    whole_number("most_frames", most_frames, least=1, where="draw.training")
    steps = steps_of(tape, "draw.training")
    whole = [step for step in steps if _has_weights(step)] or steps[:1]
    kept = some(whole, most_frames) if most_frames > 1 else whole[:1]
    states = [
        (f"Step {step.number}", recorded_state(tape, "before", step.number))
        for step in kept
    ]
    last = kept[-1]
    if any(map(is_update, last.events())):
        after = replace(recorded_state(tape, "after", last.number), earlier=None)
        states.append((f"After step {last.number}", after))
    like = states[-1][1]
    frames = (
        network(state, like=like, title=title, max_units=max_units)
        for title, state in states
    )
    return animate(
        frames, path, seconds_per_frame=seconds_per_frame,
        dots_per_point=dots_per_point, theme=theme,
    )  # fmt: skip


def _has_weights(step: Any) -> bool:
    """Whether the tape kept all parameters of a step."""
    return not any(
        is_summary(step.leaves.get(quantity.id))
        for quantity in step.structure.quantities
        if quantity.role == "parameter"
    )


def _gif(frames: list[Picture], seconds: float, dots: float, theme: str) -> bytes:
    """The frames as the bytes of a file, the same for the same pictures."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtraError(
            "animations are written by Pillow, which is not installed",
            hint="pip install seegrad[plot]",
        ) from None
    theme = "light" if theme == "auto" else theme
    width = round(max(frame.scene.width for frame in frames) * dots)
    height = round(max(frame.scene.height for frame in frames) * dots)
    colours = Image.new("P", (1, 1))
    colours.putpalette(_palette(frames, theme))
    sheets = []
    for frame in frames:
        painted = Image.open(io.BytesIO(paint_png(frame.scene, theme, dots)))
        sheet = Image.new("RGB", (width, height), rgb("paper", theme))
        sheet.paste(painted.convert("RGB"), (0, 0))
        sheets.append(sheet.quantize(palette=colours, dither=Image.Dither.NONE))
    times = [round(1000 * seconds)] * len(sheets)
    times[-1] *= HELD
    out = io.BytesIO()
    sheets[0].save(
        out, "GIF", save_all=True, append_images=sheets[1:], duration=times, loop=0,
        optimize=False, disposal=1,
    )  # fmt: skip
    return out.getvalue()


def _palette(frames: list[Picture], theme: str) -> list[int]:
    """Every colour of the frames in shades from the paper on: one palette for all."""
    marks = [mark for frame in frames for mark in frame.scene.marks]
    used = {role for mark in marks for role in (mark.fill, mark.stroke)}
    for mark in marks:
        used.update(mark.roles if isinstance(mark, Cells) else ())
    colours = [rgb(role, theme) for role in sorted(used - {"none", "paper"})]
    paper = rgb("paper", theme)
    levels = MOST_COLOURS // max(len(colours), 1)
    shades = [paper]
    for colour in colours:
        reach = max(abs(c - p) for p, c in zip(paper, colour, strict=True))
        for level in range(1, levels + 1):
            share = level / levels
            if reach * share >= CLOSE or level == levels:
                shades.append(_mixed(paper, colour, share))
    return [part for shade in shades for part in shade]


def _mixed(paper: Colour, colour: Colour, share: float) -> Colour:
    red, green, blue = (
        round(p + (c - p) * share) for p, c in zip(paper, colour, strict=True)
    )
    return red, green, blue
