"""Drawings: see the graph, the network, its training, and what it decides.

Each function returns a `Picture`, which shows itself in a notebook, saves itself by the
suffix of a file name, and says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Callable

from seegrad.draw.activation_functions import activation_functions
from seegrad.draw.activations import activations
from seegrad.draw.animation import animate, training
from seegrad.draw.attention import attention
from seegrad.draw.calibration import calibration
from seegrad.draw.compiled_step import compiled_step
from seegrad.draw.confusion import confusion
from seegrad.draw.convolution import convolution
from seegrad.draw.decision import decision
from seegrad.draw.dot import to_dot
from seegrad.draw.draw_dot import draw_dot
from seegrad.draw.embedding import embedding
from seegrad.draw.gradients import gradients
from seegrad.draw.graph import graph
from seegrad.draw.hidden_space import hidden_space
from seegrad.draw.learning_curve import learning_curve
from seegrad.draw.loss_surface import loss_surface
from seegrad.draw.matmul import matmul
from seegrad.draw.network import network
from seegrad.draw.nudge import nudge
from seegrad.draw.optimizers import optimizers
from seegrad.draw.parameter_flow import parameter_flow
from seegrad.draw.picture import Picture
from seegrad.draw.receipt import receipt
from seegrad.draw.recorded_graph import recorded_graph
from seegrad.draw.recorded_state import recorded_state
from seegrad.draw.roc import roc
from seegrad.draw.saturation import saturation
from seegrad.draw.scene import Scene
from seegrad.draw.schedule import schedule
from seegrad.draw.state import NetworkState, capture
from seegrad.draw.update import update
from seegrad.draw.weights import weights

# The contract tests try each of them with its section of docs/gallery.md: a new drawing
# is one file, its line here and its section there.
DRAWINGS: dict[str, Callable[..., Picture]] = {
    "activation_functions": activation_functions,
    "activations": activations,
    "attention": attention,
    "calibration": calibration,
    "compiled_step": compiled_step,
    "confusion": confusion,
    "convolution": convolution,
    "decision": decision,
    "draw_dot": draw_dot,
    "embedding": embedding,
    "gradients": gradients,
    "graph": graph,
    "hidden_space": hidden_space,
    "learning_curve": learning_curve,
    "loss_surface": loss_surface,
    "matmul": matmul,
    "network": network,
    "nudge": nudge,
    "optimizers": optimizers,
    "parameter_flow": parameter_flow,
    "receipt": receipt,
    "recorded_graph": recorded_graph,
    "roc": roc,
    "saturation": saturation,
    "schedule": schedule,
    "update": update,
    "weights": weights,
}

__all__ = [
    "DRAWINGS",
    "NetworkState",
    "Picture",
    "Scene",
    "activation_functions",
    "activations",
    "animate",
    "attention",
    "calibration",
    "capture",
    "compiled_step",
    "confusion",
    "convolution",
    "decision",
    "draw_dot",
    "embedding",
    "gradients",
    "graph",
    "hidden_space",
    "learning_curve",
    "loss_surface",
    "matmul",
    "network",
    "nudge",
    "optimizers",
    "parameter_flow",
    "receipt",
    "recorded_graph",
    "recorded_state",
    "roc",
    "saturation",
    "schedule",
    "to_dot",
    "training",
    "update",
    "weights",
]
