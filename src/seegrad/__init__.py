"""seegrad: the neural network you can see through.

An op says what it does and how it differentiates, once; a node is a number that
remembers where it came from; everything else in this library walks that memory.
"""

from seegrad import check, data, draw, errors, losses, metrics, nn, ops, optim, train
from seegrad.compiler import Compiled, compile, get_num_threads, set_num_threads
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
from seegrad.diagnosis import Doctor, doctor
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
from seegrad.mode import no_grad
from seegrad.ops import *
from seegrad.random import manual_seed
from seegrad.record import Event, Tape, Zoom, lens, nudge, quiz, record, recording
from seegrad.record.nudge import Nudge
from seegrad.record.receipt import Receipt
from seegrad.tensor import Tensor, tensor
from seegrad.train import evaluate, fit, predict
from seegrad.value import Value

__version__ = "0.1.0"

# Training, drawing, compiling and recording do not know each other; here they meet.
train.History.painter = staticmethod(draw.learning_curve)
train.Fork.painter = staticmethod(draw.learning_curve)
train.Trainer.compiler = staticmethod(compile)
Compiled.painter = staticmethod(draw.compiled_step)
Zoom.painter = staticmethod(draw.graph)
Nudge.painter = staticmethod(draw.nudge)
Receipt.painter = staticmethod(draw.receipt)
Tape.readers["state"] = draw.recorded_state
Tape.readers["graph"] = draw.recorded_graph
Tape.readers["animate"] = draw.training

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
