"""seegrad: the neural network you can see through.

An op says what it does and how it differentiates, once; a node is a number that
remembers where it came from; everything else in this library walks that memory.
"""

import sys
from typing import TYPE_CHECKING

from seegrad import check, data, errors, lend, losses, metrics, nn, ops, optim, train
from seegrad.borrow import LENDERS, Borrowed
from seegrad.creation import (
    arange,
    eye,
    full,
    linspace,
    ones,
    ones_like,
    rand,
    randn,
    zeros,
    zeros_like,
)
from seegrad.dtypes import (
    bool_,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
)
from seegrad.gradient import grad, hessian, hessian_vector, jacobian, value_and_grad
from seegrad.later import load_later
from seegrad.mode import no_grad
from seegrad.ops import *
from seegrad.random import manual_seed
from seegrad.tensor import Tensor, tensor
from seegrad.train import evaluate, fit, predict
from seegrad.value import Value

if TYPE_CHECKING:  # at run time they are loaded later
    from seegrad import draw
    from seegrad.compiler import compile, get_num_threads, set_num_threads
    from seegrad.diagnosis import Doctor
    from seegrad.diagnosis.doctor import doctor
    from seegrad.record import Event, Tape
    from seegrad.record.lens import lens
    from seegrad.record.nudge import nudge
    from seegrad.record.quiz import quiz
    from seegrad.record.recording import record, recording

__version__ = "0.1.0"

__all__ = [
    "Doctor",
    "Event",
    "Tape",
    "Tensor",
    "Value",
    "arange",
    "bool_",
    "check",
    "compile",
    "data",
    "doctor",
    "draw",
    "errors",
    "evaluate",
    "eye",
    "fit",
    "float16",
    "float32",
    "float64",
    "full",
    "get_num_threads",
    "grad",
    "hessian",
    "hessian_vector",
    "int8",
    "int16",
    "int32",
    "int64",
    "jacobian",
    "lens",
    "linspace",
    "losses",
    "manual_seed",
    "metrics",
    "nn",
    "no_grad",
    "nudge",
    "ones",
    "ones_like",
    "ops",
    "optim",
    "predict",
    "quiz",
    "rand",
    "randn",
    "record",
    "recording",
    "set_num_threads",
    "tensor",
    "train",
    "uint8",
    "value_and_grad",
    "zeros",
    "zeros_like",
]
__all__ += ops.__all__  # every op is listed once, in its own package

# Training, drawing, compiling and recording do not know each other; here they meet.
LENDERS.update(
    {
        "Explanation.draw": "seegrad.draw.compiled_step",
        "Fork.draw": "seegrad.draw.learning_curve",
        "History.draw": "seegrad.draw.learning_curve",
        "Node.draw": "seegrad.draw.graph",
        "Nudge.draw": "seegrad.draw.nudge",
        "Receipt.draw": "seegrad.draw.receipt",
        "Tape.animate": "seegrad.draw.training",
        "Tape.graph": "seegrad.draw.recorded_graph",
        "Tape.state": "seegrad.draw.recorded_state",
        "Trainer.compile": "seegrad.compiler.compile",
        "Zoom.draw": "seegrad.draw.graph",
    }
)
lend.lend("draw", Borrowed("Node", "draw"))

load_later(sys.modules[__name__])
