"""Taking turns: each engine runs a short block, then the next, round after round.

Machines change their pace from minute to minute. Blocks that follow each other closely
meet the same pace, so the ratio within a round is worth more than any time alone.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

from bench.harness.process import EngineError
from bench.harness.settings import LOSS_STEPS, SETTLE_SECONDS, Settings


class Runner(Protocol):
    """What can be asked for steps: an `EngineProcess`, or a stand-in in a test."""

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""


def warmed_up(runner: Runner, workload: str) -> dict[str, Any]:
    """Build, compute the losses to compare, and say how long the first step took."""
    prepared = runner.ask("prepare", workload=workload)
    losses = runner.ask("losses", steps=max(LOSS_STEPS))
    return {
        "losses": [losses["losses"][step - 1] for step in LOSS_STEPS],
        "first_step": prepared["seconds"] + losses["first_seconds"],
    }


def steps_for(runner: Runner, seconds: float) -> int:
    """How many steps make a block of at least so many seconds, found by doubling."""
    steps = 1
    while True:
        took = runner.ask("time", steps=steps)["seconds"]
        if took >= seconds:
            return steps
        rate = max(took, 1e-9) / steps
        steps = max(2 * steps, min(math.ceil(1.1 * seconds / rate), 100 * steps))


def take_turns(
    runners: dict[str, Runner], settings: Settings
) -> dict[str, dict[str, Any]]:
    """For each engine its seconds a step in every round, and how many cores it kept.

    The order is turned by one place each round, so that nobody is always after the
    same neighbour. An engine that fails gets the reason instead, and drops out.
    """
    steps, found = {}, {}
    for name, runner in runners.items():
        try:
            steps[name] = steps_for(runner, settings.block_seconds)
            found[name] = {"seconds": [], "cores": [], "steps": steps[name]}
        except EngineError as error:
            found[name] = {"reason": str(error)}
    for turn in range(settings.rounds):
        for name in turned(list(steps), turn):
            try:
                took = runners[name].ask(
                    "time", steps=steps[name], settle=SETTLE_SECONDS
                )
            except EngineError as error:
                found[name] = {"reason": str(error)}
                del steps[name]
                continue
            found[name]["seconds"].append(took["seconds"] / steps[name])
            found[name]["cores"].append(took["processors"] / took["seconds"])
    return found


def turned(names: list[str], turn: int) -> list[str]:
    """The names, begun with another one each turn.

    >>> turned(["a", "b", "c"], 4)
    ['b', 'c', 'a']
    """
    first = turn % max(len(names), 1)
    return names[first:] + names[:first]
