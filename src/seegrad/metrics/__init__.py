"""How good the network is, in numbers that a person can judge.

A metric takes a prediction and a target, like a loss, and gives a Python float. Nothing
is differentiated.
"""

from __future__ import annotations

from seegrad.errors import unknown_name
from seegrad.metrics.accuracy import accuracy
from seegrad.metrics.base import Metric

METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
}


def get(metric: str | Metric) -> Metric:
    """The metric of this name; a function is taken as it is.

    >>> get("accuracy")([1.0, -1.0], [1, 1])
    0.5
    """
    if callable(metric):
        return metric
    if metric not in METRICS:
        raise unknown_name("metric", metric, METRICS)
    return METRICS[metric]


__all__ = [
    "METRICS",
    "Metric",
    "accuracy",
    "get",
]
