"""How a tape of any length stays small: whole steps now and then, summaries between.

Arrays on a tape are the engine's own, which nobody can change, so keeping one costs
nothing until the engine would have let it go. Beyond a budget of bytes, every second
step gives up its arrays; beyond a number of steps, every second one is dropped. The
first step and the latest are the last to give up theirs.
"""

from __future__ import annotations

from seegrad.record.step import DETAIL, Step

BYTES = 64 << 20  # of arrays that a tape holds on to
STEPS = 512  # steps that a tape keeps, most of them as summaries


def keep(steps: list[Step], new: Step, most_bytes: int = BYTES) -> None:
    """Add a step, and make room for it: both limits hold afterwards."""
    steps.append(new)
    while len(steps) > STEPS:
        last = len(steps) - 1
        steps[:] = [s for k, s in enumerate(steps) if k % 2 == 0 or k == last]
    first = 0
    for step in steps:  # events are counted over what the tape holds
        step.first = first
        first += len(step)
    _thin(steps, most_bytes)


def _thin(steps: list[Step], most_bytes: int) -> None:
    whole = [step for step in steps if step.is_whole]
    while len(whole) > 2 and _bytes(steps) > most_bytes:
        for step in whole[1:-1:2]:
            step.summarised(DETAIL)
        whole = [step for step in steps if step.is_whole]
    for step in (*steps[1:-1], steps[0], steps[-1]):  # still too much
        if _bytes(steps) <= most_bytes:
            return
        step.summarised()


def _bytes(steps: list[Step]) -> int:
    return sum(step.nbytes for step in steps)
