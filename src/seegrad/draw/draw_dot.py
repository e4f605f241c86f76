"""micrograd's `draw_dot`: the same call and the same look, with no Graphviz to install.

What it returns can be shown and saved like every picture, and also has the ``source``
and ``render`` that notebooks written for micrograd use.
"""

from __future__ import annotations

import os

from seegrad.draw.dot import to_dot
from seegrad.draw.graph import graph
from seegrad.draw.picture import Picture
from seegrad.errors import unknown_name
from seegrad.node import Node

FORMATS = ("svg", "png", "pdf")


class DotPicture(Picture):
    """A picture of a graph in record style, with its Graphviz ``source``."""

    def __init__(self, picture: Picture, source: str, format: str) -> None:
        super().__init__(picture.scene, picture.alt, picture.theme)
        self.source, self.format = source, format

    def render(
        self,
        filename: str | os.PathLike[str] = "graph",
        *,
        format: str | None = None,
        **settings: object,
    ) -> str:
        """Write ``filename.format`` and return its path.

        Other settings of Graphviz (``view``, ``cleanup``) are taken and have no effect.
        """
        del settings
        suffix = _known(self.format if format is None else format)
        return str(self.save(f"{os.fspath(filename)}.{suffix}"))


def draw_dot(
    root: Node, format: str = "svg", rankdir: str = "LR", *, max_nodes: int = 60
) -> DotPicture:
    """Draw the graph of ``root`` as micrograd does: records, and ops in circles.

    ``format`` ("svg", "png", "pdf") is what ``render`` will write.

    >>> from seegrad import Value
    >>> draw_dot(Value(2.0, name="a") * 3.0).scene.texts("a")
    ['a', 'data', '2.0', 'grad', 'none yet']
    """
    picture = graph(root, rankdir=rankdir, style="record", max_nodes=max_nodes)
    return DotPicture(picture, to_dot(root, rankdir=rankdir), _known(format))


def _known(format: str) -> str:
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    return format
