"""How long does ``import seegrad`` take? Fresh processes, beside ``import numpy``.

seegrad cannot be quicker than NumPy, which it imports; the difference is ours.
Run: python bench/import_time.py [rounds]
"""

from __future__ import annotations

import statistics
import subprocess
import sys

STATEMENTS = ("pass", "import numpy", "import seegrad")
TIMED = "from time import perf_counter as t; s = t(); {}; print(t() - s)"


def seconds(statement: str) -> float:
    """How long a statement takes in a process of its own."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for statement in STATEMENTS:
        seconds(statement)  # compiled and cached from here on
    for _ in range(rounds):
        for statement in STATEMENTS:
            times[statement].append(seconds(statement))
    medians = {s: statistics.median(found) for s, found in times.items()}
    print(f"medians of {rounds} fresh processes, milliseconds")
    for statement, median in medians.items():
        ratio = median / medians["import numpy"]
        print(f"{statement:<18}{1e3 * median:8.1f}{ratio:8.2f}")


if __name__ == "__main__":
    main()
