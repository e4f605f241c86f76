"""Drawings: see the graph, the network, its training, and what it decides.

Each function returns a `Picture`, which shows itself in a notebook, saves itself by the
suffix of a file name, and says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Callable

from seegrad.draw.activation_functions import activation_functions
from seegrad.draw.attention import attention
from seegrad.draw.calibration import calibration
from seegrad.draw.compiled_step import compiled_step
from seegrad.draw.confusion import confusion
from seegrad.draw.convolution import convolution
from seegrad.draw.decision import decision
from seegrad.draw.dot import to_dot
from seegrad.draw.draw_dot import draw_dot
from seegrad.draw.graph import graph
from seegrad.draw.learning_curve import learning_curve
from seegrad.draw.matmul import matmul
from seegrad.draw.network import network
from seegrad.draw.picture import Picture
from seegrad.draw.roc import roc
from seegrad.draw.scene import Scene
from seegrad.draw.schedule import schedule
from seegrad.draw.state import NetworkState, capture
from seegrad.draw.weights import weights

# The contract tests try each of them with its section of docs/gallery.md: a new drawing
# is one file, its line here and its section there.
DRAWINGS: dict[str, Callable[..., Picture]] = {
    "activation_functions": activation_functions,
    "calibration": calibration,
    "compiled_step": compiled_step,
    "confusion": confusion,
    "decision": decision,
    "draw_dot": draw_dot,
    "graph": graph,
    "learning_curve": learning_curve,
    "network": network,
    "attention": attention,
    "convolution": convolution,
    "matmul": matmul,
    "weights": weights,
    "roc": roc,
    "schedule": schedule,
}

__all__ = [
    "DRAWINGS",
    "NetworkState",
    "Picture",
    "Scene",
    "activation_functions",
    "attention",
    "calibration",
    "capture",
    "compiled_step",
    "confusion",
    "convolution",
    "decision",
    "draw_dot",
    "graph",
    "learning_curve",
    "matmul",
    "network",
    "roc",
    "schedule",
    "to_dot",
    "weights",
]
