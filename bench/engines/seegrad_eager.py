"""seegrad as it runs line by line, every number kept to be looked at."""

from __future__ import annotations

from typing import Any

import seegrad as sg
from bench.engines import _scalars as scalars
from bench.engines import _seegrad_models as models
from bench.engines.base import LEARNING_RATE, Engine, Step
from bench.workloads.base import Workload
from seegrad import optim


class SeegradEager(Engine):
    """Forward, loss, backward and update, one operation after the other."""

    title = "seegrad eager"
    packages = ("seegrad", "numpy")

    def compiled(self, function: Any) -> Any:
        """The function itself; the compiled engine compiles it here."""
        return function

    def training(self, workload: Workload) -> Step:
        """One step with Adam."""
        model, loss_function = models.model(workload), models.loss_of(workload)
        optimizer = optim.Adam(model.parameters(), lr=LEARNING_RATE)

        def train_step(x: Any, y: Any) -> Any:
            loss = loss_function(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        step, (x, y) = self.compiled(train_step), models.tensors(workload)
        return lambda: step(x, y)

    training_mlp = training_cnn = training_lstm = training_gpt = training

    def prediction_mlp(self, workload: Workload) -> Step:
        """The logits of one sample, without a graph."""
        model = models.model(workload).eval()

        def predict(x: Any) -> Any:
            return model(x)

        chosen, (x, _) = self.compiled(predict), models.tensors(workload)

        def step() -> Any:
            with sg.no_grad():
                return chosen(x)

        return step

    def training_scalar(self, workload: Workload) -> Step:
        """One step of gradient descent, one number at a time."""
        step, (x, y) = scalars.step(workload)
        chosen = self.compiled(step)
        return lambda: chosen(x, y)

    def number(self, result: Any) -> float:
        data = result.data
        return float(data if isinstance(data, float) else abs(data).sum())


ENGINE = SeegradEager
