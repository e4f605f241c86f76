"""Training: `fit`, the loop behind it, and what can happen at its named moments.

Read `trainer` first: its `one_batch` is the whole algorithm. Then `callback`, the list
of moments, and any of the callbacks, each in a file of its own.
"""

from seegrad.train.callback import Callback, Stop
from seegrad.train.early_stopping import EarlyStopping
from seegrad.train.evaluate import evaluate, predict
from seegrad.train.fit import fit
from seegrad.train.fork import Fork, fork
from seegrad.train.history import History
from seegrad.train.lane import Lane
from seegrad.train.learning_rate import LearningRate
from seegrad.train.progress import Progress
from seegrad.train.run import Run
from seegrad.train.trainer import Trainer

__all__ = [
    "Callback",
    "EarlyStopping",
    "Fork",
    "History",
    "Lane",
    "LearningRate",
    "Progress",
    "Run",
    "Stop",
    "Trainer",
    "evaluate",
    "fit",
    "fork",
    "predict",
]
