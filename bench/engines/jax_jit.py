"""JAX with jit: the whole step, Adam included, is one compiled function.

Old weights are donated to the new ones. Steps are started one after the other without
waiting for each; the last one is waited for.
"""

from __future__ import annotations

from typing import Any

import jax
from jax import numpy as jnp

from bench.engines import _jax_models as models
from bench.engines.base import BETAS, EPSILON, LEARNING_RATE, Engine, Step
from bench.workloads.base import Workload


def adam(p: Any, g: Any, m: Any, v: Any, count: Any) -> tuple[Any, Any, Any]:
    """One update of one array (Kingma and Ba 2015)."""
    m = BETAS[0] * m + (1 - BETAS[0]) * g
    v = BETAS[1] * v + (1 - BETAS[1]) * g * g
    mean, spread = m / (1 - BETAS[0] ** count), v / (1 - BETAS[1] ** count)
    return p - LEARNING_RATE * mean / (jnp.sqrt(spread) + EPSILON), m, v


class JaxJit(Engine):
    """jax.jit over value_and_grad and Adam."""

    title = "JAX jit"
    packages = ("jax", "jaxlib")

    def training(self, workload: Workload) -> Step:
        """One step with Adam."""
        forward = models.MODELS[workload.architecture](workload)
        loss_function = models.loss_of(workload)

        def update(state: Any, x: Any, y: Any) -> Any:
            p, m, v, count = state
            loss, g = jax.value_and_grad(lambda p: loss_function(forward(p, x), y))(p)
            count = count + 1
            new = {name: adam(p[name], g[name], m[name], v[name], count) for name in p}
            columns = [{name: new[name][i] for name in p} for i in range(3)]
            return loss, (*columns, count)

        step = jax.jit(update, donate_argnums=0)
        p = {name: jnp.asarray(w) for name, w in workload.weights().items()}
        zeros = [{name: jnp.zeros_like(w) for name, w in p.items()} for _ in range(2)]
        held = [(p, *zeros, jnp.float32(0))]
        x, y = models.arrays(workload)

        def run() -> Any:
            loss, held[0] = step(held[0], x, y)
            return loss

        return run

    training_mlp = training_cnn = training_lstm = training_gpt = training

    def prediction_mlp(self, workload: Workload) -> Step:
        """The logits of one sample, waited for: whoever predicts wants to know."""
        forward = jax.jit(models.MODELS[workload.architecture](workload))
        p = {name: jnp.asarray(w) for name, w in workload.weights().items()}
        x, _ = models.arrays(workload)
        return lambda: forward(p, x).block_until_ready()

    def number(self, result: Any) -> float:
        return float(jnp.abs(result).sum())

    def wait(self, result: Any) -> None:
        jax.block_until_ready(result)


ENGINE = JaxJit
