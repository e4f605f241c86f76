"""The engines by name, in the order in which they are reported.

Nothing is imported until an engine is asked for, and then only in its own process.
"""

from __future__ import annotations

from importlib import import_module

from bench.engines.base import Engine, NotAvailable, Step

TITLES = {
    "seegrad_compiled": "seegrad compiled",
    "seegrad_eager": "seegrad eager",
    "torch_eager": "PyTorch eager",
    "torch_compiled": "PyTorch compiled",
    "jax_jit": "JAX jit",
    "numpy_by_hand": "NumPy by hand",
    "sklearn_mlp": "scikit-learn",
    "micrograd_scalar": "micrograd",
}
OURS = ("seegrad_compiled", "seegrad_eager")
TENSORS = ("mlp", "cnn", "lstm", "gpt")
SCOPES = {  # the models of which an engine has its own version
    "seegrad_compiled": (*TENSORS, "scalar"),
    "seegrad_eager": (*TENSORS, "scalar"),
    "torch_eager": TENSORS,
    "torch_compiled": TENSORS,
    "jax_jit": TENSORS,
    "numpy_by_hand": ("mlp",),
    "sklearn_mlp": ("mlp",),
    "micrograd_scalar": ("scalar",),
}
LIBRARIES = {  # what is imported for which engine, each library once
    "numpy_by_hand": "NumPy",
    "seegrad_eager": "seegrad",
    "torch_eager": "PyTorch",
    "jax_jit": "JAX",
    "sklearn_mlp": "scikit-learn",
}
COMPILING = ("seegrad_compiled", "torch_compiled", "jax_jit")


def engine(name: str, threads: int | None) -> Engine:
    """The engine of that name; its library is imported here."""
    made: Engine = import_module(f"bench.engines.{name}").ENGINE(threads)
    return made


__all__ = [
    "COMPILING",
    "LIBRARIES",
    "OURS",
    "SCOPES",
    "TITLES",
    "Engine",
    "NotAvailable",
    "Step",
    "engine",
]
