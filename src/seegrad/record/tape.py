"""The tape: what was recorded, with everything that can be asked about it.

It reads like a list of events (`events`); it can be played (`show`), saved as a page or
as JSON, and loaded by anybody who knows the format.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from seegrad.borrow import borrow
from seegrad.errors import ArgumentError
from seegrad.record.event import Event
from seegrad.record.events import Events
from seegrad.record.file import decoded, to_json
from seegrad.record.lens import Lens, source
from seegrad.record.notebook import display_html
from seegrad.record.page import frame, page, story_html
from seegrad.record.receipt import Receipt
from seegrad.record.step import DETAIL
from seegrad.record.story import story
from seegrad.record.why import why
from seegrad.record.zoom import Zoom, zoom
from seegrad.whole_file import write

SUFFIXES = (".html", ".json")


class Tape(Events):
    """Recorded training steps; made by `record` and `recording`, or read from a file.

    >>> from seegrad import Value
    >>> from seegrad.record import recording
    >>> with recording() as tape:
    ...     out = Value(2.0) * 3.0
    >>> len(tape), tape[0].symbol
    (1, '*')
    """

    def save(self, path: str | os.PathLike[str], *, detail: int = DETAIL) -> Path:
        """Write the tape to a file: ``.html`` plays it, ``.json`` is plain data.

        The page needs no network and no second file; of a long tape it plays some of
        the steps. The data has the format of docs/event-format.md. Arrays of more than
        ``detail`` numbers become summaries.
        Raises ArgumentError for another suffix or a folder that does not exist.
        """
        path = Path(path)
        if path.suffix not in SUFFIXES:
            raise ArgumentError(
                f"a tape cannot be saved as {path.name!r}",
                hint=f"a name that ends in {', '.join(SUFFIXES)}",
            )
        text = page if path.suffix == ".html" else to_json
        write(path, text(self, detail).encode())
        return path

    def story(self, language: str = "en", step: int | None = None) -> str:
        """What happened in sentences, in English or German ("de"), with the numbers.

        ``step`` tells one step only. Raises ArgumentError for another language.
        """
        return story(self, language, step)

    def why(self, address: str, step: int = 0) -> Receipt:
        """Why a number is what it is: "0.weight[2, 0]", "1.tanh[0, 3]" or "loss".

        The receipt of a parameter splits its update into gradient and formula, and the
        gradient by sample and by path; the parts add up, and the receipt proves it.
        """
        return why(self, address, step)

    def source(self, event: Event | int) -> Lens:
        """The very lines that ran for an event, with values, beside its formula."""
        return source(self, event)

    def zoom(self, address: str = "", step: int = 0, sample: int = 0) -> Zoom:
        """The layers; or a layer "0", a neuron "0[2]", or one number "0.add[3, 2]".

        One number is written out as a graph of single numbers, on which everything that
        works on a `Value` works, and whose largest difference from the tensors is said.
        """
        return zoom(self, address, step, sample)

    @property
    def before(self) -> Any:
        """The network before the update of the first step, as plain numbers to draw.

        ``tape.before.draw().save("before.png")``; `state` reads other steps. Raises
        InputTypeError for a model that is no chain of Linear layers.
        """
        return self.state("before")

    @property
    def after(self) -> Any:
        """The network after that update; its picture shows old → new."""
        return self.state("after")

    @property
    def difference(self) -> Any:
        """How far that update moved every weight, bias and unit."""
        return self.state("difference")

    def state(self, moment: str = "before", step: int = 0) -> Any:
        """The network "before" or "after" the update of a step, or the "difference".

        What is read is told by `draw.recorded_state`.
        """
        return borrow("Tape", "state")(self, moment, step)

    def graph(self, direction: str = "forward", **settings: Any) -> Any:
        """A picture of the operations "forward" or "backward", with their numbers.

        The settings are those of `draw.recorded_graph`: step, max_nodes, theme, ...
        """
        return borrow("Tape", "graph")(self, direction, **settings)

    def animate(self, path: str | os.PathLike[str], **settings: Any) -> Any:
        """Write a GIF of the network at each recorded step, and return its path.

        The settings are those of `draw.training`: seconds_per_frame, most_frames, ...
        """
        return borrow("Tape", "animate")(self, path, **settings)

    def show(self) -> None:
        """Play the tape: in the notebook, or as a page in a temporary file.

        Arrow keys move one operation, with Shift one layer, with Ctrl one step.
        """
        if display_html(lambda: frame(page(self)), lambda: repr(self)):
            return
        folder = Path(tempfile.mkdtemp(prefix="seegrad-"))
        print(
            f"Open this file in a browser: {self.save(folder / 'tape.html').as_uri()}"
        )

    def _repr_html_(self) -> str:
        return f'<div style="max-height:30em;overflow:auto">{story_html(self)}</div>'

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Tape:
        """The tape that ``save`` wrote as JSON; ArgumentError for another file."""
        steps, problem = decoded(Path(path).read_text(encoding="utf-8"))
        return cls(steps, problem)
