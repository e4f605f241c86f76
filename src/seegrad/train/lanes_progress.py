"""One progress bar for all lanes of a fork, with the loss of each behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seegrad.train.lane import Lane
from seegrad.train.progress import opened


class LanesProgress:
    """A bar over all rows; ``show`` is as in `Progress`."""

    def __init__(self, lanes: Sequence[Lane], show: bool | None) -> None:
        self.lanes, self.done = lanes, 0
        recipe = lanes[0].training.recipe
        self.bar: Any = opened(show, recipe.epochs * len(recipe.x), "lanes")

    def update(self) -> None:
        """As far as the lane that has seen the most."""
        if self.bar is not None:
            seen = max(lane.seen for lane in self.lanes)
            self.bar.set_postfix_str(in_short(self.lanes), refresh=False)
            self.bar.update(seen - self.done)
            self.done = seen

    def close(self) -> None:
        """No more steps."""
        if self.bar is not None:
            self.bar.close()


def in_short(lanes: Sequence[Lane]) -> str:
    """The latest loss of every lane, in few letters: "loss A 0.512, B broke"."""
    latest = [f"{k.losses[-1]:.3f}" if k.losses else "-" for k in lanes]
    told = ["broke" if k.problem else n for k, n in zip(lanes, latest, strict=True)]
    named = [f"{k.name} {word}" for k, word in zip(lanes, told, strict=True)]
    return f"loss {', '.join(named)}"
