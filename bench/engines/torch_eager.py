"""PyTorch as it runs line by line, with the fused Adam, its quickest."""

from __future__ import annotations

from typing import Any

import torch

from bench.engines import _torch_models as models
from bench.engines.base import BETAS, EPSILON, LEARNING_RATE, Engine, Step
from bench.workloads.base import Workload


class TorchEager(Engine):
    """Forward, loss, backward and update, one operation after the other."""

    title = "PyTorch eager"
    packages = ("torch",)

    def __init__(self, threads: int | None) -> None:
        super().__init__(threads)
        if threads:
            torch.set_num_threads(threads)
            torch.set_num_interop_threads(threads)

    def compiled(self, function: Any) -> Any:
        """The function itself; the compiled engine compiles it here."""
        return function

    def training(self, workload: Workload) -> Step:
        """One step with Adam."""
        model, loss_function = models.model(workload), models.loss_of(workload)
        optimizer = torch.optim.Adam(
            model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, fused=True
        )
        measure = self.compiled(lambda x, y: loss_function(model(x), y))
        x, y = models.tensors(workload)

        def step() -> Any:
            loss = measure(x, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return step

    training_mlp = training_cnn = training_lstm = training_gpt = training

    def prediction_mlp(self, workload: Workload) -> Step:
        """The logits of one sample, without a graph."""
        predict = self.compiled(models.model(workload).eval())
        x, _ = models.tensors(workload)

        def step() -> Any:
            with torch.inference_mode():
                return predict(x)

        return step

    def number(self, result: Any) -> float:
        return float(result.detach().abs().sum())


ENGINE = TorchEager
