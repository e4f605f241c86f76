"""Drawings: see the graph, the network, its training, and what it decides.

Each function returns a `Picture`, which shows itself in a notebook, saves itself by the
suffix of a file name, and says in words what it shows.
"""

from __future__ import annotations

from seegrad.draw.compiled_step import compiled_step
from seegrad.draw.decision import decision
from seegrad.draw.dot import to_dot
from seegrad.draw.draw_dot import draw_dot
from seegrad.draw.graph import graph
from seegrad.draw.learning_curve import learning_curve
from seegrad.draw.network import network
from seegrad.draw.picture import Picture
from seegrad.draw.scene import Scene
from seegrad.draw.state import NetworkState, capture

__all__ = [
    "NetworkState",
    "Picture",
    "Scene",
    "capture",
    "compiled_step",
    "decision",
    "draw_dot",
    "graph",
    "learning_curve",
    "network",
    "to_dot",
]
