"""Several trainings at once, each one step at a time.

In every round those lanes take a step that have seen the fewest rows. Lanes with equal
batches are always at the same step; one with smaller batches takes more of them, and
all meet at the end of every epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seegrad.train.interruption import Interruption
from seegrad.train.lane import Lane


def in_lockstep(lanes: Sequence[Lane], after_round: Callable[[], None]) -> bool:
    """Train all lanes to their ends; whether Ctrl-C ended it, between two rounds."""
    with Interruption() as interruption:
        try:
            while not all(lane.is_over for lane in lanes):
                _round([lane for lane in lanes if not lane.is_over])
                after_round()
                interruption.obey()
        except KeyboardInterrupt:
            for lane in lanes:
                if not lane.is_over:
                    lane.interrupt()
            return True
        finally:
            for lane in lanes:
                lane.training.close()
    return False


def _round(lanes: Sequence[Lane]) -> None:
    """A step of each lane that is not ahead of another."""
    fewest = min(lane.seen for lane in lanes)
    for lane in lanes:
        if lane.seen == fewest:
            lane.step()
            if lane.was_interrupted:  # in the middle of its step: the others stop, too
                raise KeyboardInterrupt
