"""What is measured, and how long: the arguments of a run as plain data."""

from __future__ import annotations

from dataclasses import dataclass

LOSS_STEPS = (1, 2, 10)  # after which steps the losses are compared
SETTLE_SECONDS = 0.1  # of steps that are not measured, before each block
TOLERANCE = 1e-3  # by how much of itself a loss may differ from the others'


@dataclass(frozen=True)
class Settings:
    """Workloads, engines and numbers of threads by name, and the length of it all."""

    workloads: tuple[str, ...]
    engines: tuple[str, ...]
    threads: tuple[str, ...] = ("1", "all")
    rounds: int = 15
    block_seconds: float = 0.02  # a block is timed as one, so that clocks do not count
    starts: int = 5  # fresh processes for each time of importing

    def quick(self) -> Settings:
        """The same with few and short rounds, to see whether everything works."""
        return Settings(self.workloads, self.engines, self.threads, 3, 0.005, 1)


def thread_count(threads: str) -> int | None:
    """1 for "1", and None, which is all that there are, for "all"."""
    return None if threads == "all" else int(threads)
