"""The workloads in the order in which they are reported, small ones first."""

from bench.workloads import (
    cnn,
    digits,
    gpt,
    inference,
    lstm,
    mnist_large,
    mnist_small,
    moons,
    scalars,
)
from bench.workloads.base import Workload

FILES = (moons, digits, mnist_small, mnist_large, cnn, lstm, gpt, inference, scalars)
WORKLOADS: dict[str, Workload] = {
    workload.name: workload for file in FILES for workload in file.WORKLOADS
}

__all__ = ["WORKLOADS", "Workload"]
