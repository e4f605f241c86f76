"""scikit-learn's MLPClassifier, fed one batch at a time, where it fits.

Its Adam adds epsilon before the bias of v is corrected, so epsilon is made smaller by
as much at each step. It is given no penalty, because the others have none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from bench.engines.base import BETAS, EPSILON, LEARNING_RATE, Engine, NotAvailable, Step
from bench.workloads.base import Workload


class SklearnMLP(Engine):
    """partial_fit on one batch is one step."""

    title = "scikit-learn"
    packages = ("scikit-learn", "numpy")

    def training_mlp(self, workload: Workload) -> Step:
        """One step with Adam."""
        sizes = workload.sizes["sizes"]
        if sizes[-1] == 1:
            raise NotAvailable("it is measured on several classes")
        x, y = workload.data()
        model = MLPClassifier(
            sizes[1:-1], alpha=0.0, batch_size=len(x), learning_rate_init=LEARNING_RATE,
            shuffle=False, beta_1=BETAS[0], beta_2=BETAS[1], epsilon=EPSILON,
        )  # fmt: skip
        classes = np.arange(sizes[-1])
        model.partial_fit(x, y, classes=classes)  # makes the arrays and the optimizer
        weights = list(workload.weights().values())
        for mine, w in zip(model.coefs_, weights[::2], strict=True):
            mine[...] = w.T
        for mine, b in zip(model.intercepts_, weights[1::2], strict=True):
            mine[...] = b
        optimizer = model._optimizer
        optimizer.t = 0
        for moment in (*optimizer.ms, *optimizer.vs):
            moment[...] = 0

        def step() -> Any:
            correction = 1 - BETAS[1] ** (optimizer.t + 1)
            optimizer.epsilon = EPSILON * correction**0.5
            model.partial_fit(x, y)
            return model.loss_

        return step

    def number(self, result: Any) -> float:
        return float(result)


ENGINE = SklearnMLP
