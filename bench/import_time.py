"""How long does ``import seegrad`` take? Fresh processes, beside ``import numpy``.

seegrad cannot be quicker than NumPy, which it imports; the difference is ours. What is
loaded when it is first used has a line of its own. Python keeps what it has compiled,
in a temporary folder, also where the environment says that it should not.
Run: python bench/import_time.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory

STATEMENTS = (
    "pass",
    "import numpy",
    "import seegrad",
    "from seegrad import compile",
    "from seegrad import record",
    "from seegrad import draw",
    "from seegrad import *",
)
TIMED = "from time import perf_counter as t; s = t(); {}; print(t() - s)"


def seconds(statement: str, environment: dict[str, str]) -> float:
    """How long a statement takes in a process of its own."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    )
    return float(done.stdout)


def measured(rounds: int, environment: dict[str, str]) -> dict[str, float]:
    """The median of each statement, taken in turns."""
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for statement in STATEMENTS:
        seconds(statement, environment)  # compiled and cached from here on
    for _ in range(rounds):
        for statement in STATEMENTS:
            times[statement].append(seconds(statement, environment))
    return {s: statistics.median(found) for s, found in times.items()}


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = folder
        medians = measured(rounds, environment)
    print(f"medians of {rounds} fresh processes, milliseconds")
    for statement, median in medians.items():
        ratio = median / medians["import numpy"]
        print(f"{statement:<28}{1e3 * median:8.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
