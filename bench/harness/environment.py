"""The environment variables of an engine's process: how many threads it may use.

Two variables of OpenBLAS are taken away whatever they say. Machines carry them to work
around a virtual CPU, and they would make NumPy slower than it is.
"""

from __future__ import annotations

from collections.abc import Mapping

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "SEEGRAD_NUM_THREADS",
    "NPROC",  # the size of the thread pools of XLA
)
ONE_THREAD_XLA = "--xla_cpu_multi_thread_eigen=false"
REMOVED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "XLA_FLAGS", *THREADS)


def engine_environment(
    environment: Mapping[str, str], threads: int | None
) -> dict[str, str]:
    """The environment for so many threads; None sets no limit.

    >>> engine_environment({"OPENBLAS_CORETYPE": "x", "A": "b"}, None)
    {'A': 'b'}
    """
    found = {k: v for k, v in environment.items() if k not in REMOVED}
    if threads is not None:
        found |= dict.fromkeys(THREADS, str(threads))
        if threads == 1:
            found["XLA_FLAGS"] = ONE_THREAD_XLA
    return found


def cache_environment(folder: str) -> dict[str, str]:
    """Where the engines keep what they have compiled: everything under one folder."""
    return {
        "SEEGRAD_CACHE_DIR": f"{folder}/seegrad",
        "TORCHINDUCTOR_CACHE_DIR": f"{folder}/torch",
        "TRITON_CACHE_DIR": f"{folder}/triton",
        "JAX_COMPILATION_CACHE_DIR": f"{folder}/jax",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
