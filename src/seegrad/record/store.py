"""How a tape of any length stays small: whole steps now and then, summaries between.

Arrays on a tape are the engine's own, which nobody can change, so keeping one costs
nothing until the engine would have let it go. Beyond a budget of bytes, every second
step gives up its arrays; beyond a number of steps, every second summary is dropped. The
first step and the latest are always whole.
"""

from __future__ import annotations

from seegrad.record.step import DETAIL, Step

BYTES = 64 << 20  # of arrays that a tape holds on to
STEPS = 512  # steps that a tape keeps, most of them as summaries


def thin(steps: list[Step], most_bytes: int = BYTES) -> None:
    """Make room: summarise or drop steps, until both limits hold."""
    while len(steps) > STEPS:
        last = len(steps) - 1
        steps[:] = [s for k, s in enumerate(steps) if k % 2 == 0 or k == last]
    whole = [step for step in steps if step.is_whole]
    while len(whole) > 2 and _bytes(steps) > most_bytes:
        for step in whole[1:-1:2]:
            step.summarised(DETAIL)
        whole = [step for step in steps if step.is_whole]
    for step in steps:  # still too much: the oldest first
        if _bytes(steps) <= most_bytes:
            return
        step.summarised()


def _bytes(steps: list[Step]) -> int:
    return sum(step.nbytes for step in steps)
