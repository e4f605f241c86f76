"""The command: measure, write the numbers, write the report.

Run: scripts/bench, which makes the environment, or python -m bench where there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import report
from bench.engines import TITLES
from bench.harness import campaign
from bench.harness.process import ROOT
from bench.harness.settings import Settings
from bench.workloads import WORKLOADS

RESULTS = ROOT / "bench" / "results.json"
THREADS = ("1", "all")


def names(known: tuple[str, ...]) -> object:
    """A parser for names with commas between them."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        unknown = [name for name in found if name not in known]
        if unknown or not found:
            raise argparse.ArgumentTypeError(
                f"unknown: {', '.join(unknown) or 'nothing'}; known: {', '.join(known)}"
            )
        return found

    return read


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    made = argparse.ArgumentParser(
        prog="scripts/bench", description="Time training steps of seegrad and others."
    )
    lists = (("workloads", tuple(WORKLOADS)), ("engines", tuple(TITLES)))
    for name, known in (*lists, ("threads", THREADS)):
        made.add_argument(
            f"--{name}", type=names(known), default=known, metavar="A,B",
            help=f"some of {', '.join(known)}",
        )  # fmt: skip
    made.add_argument("--rounds", type=int, default=15, help="15 if not given")
    made.add_argument("--quick", action="store_true", help="few and short rounds")
    made.add_argument("--out", type=Path, default=RESULTS, help="file of the numbers")
    made.add_argument("--report", action="store_true", help="write the page as well")
    made.add_argument(
        "--report-only", action="store_true", help="write the page from --out"
    )
    return made


def main() -> int:
    """Measure what the arguments say; status 1 if an engine computed something else."""
    said = parser().parse_args()
    if said.report_only:
        results = json.loads(said.out.read_text(encoding="utf-8"))
    else:
        settings = Settings(said.workloads, said.engines, said.threads, said.rounds)
        settings = settings.quick() if said.quick else settings
        results = campaign.run(settings, lambda found: campaign.write(said.out, found))
    if said.report or said.report_only:
        report.write(results, ROOT / "docs")
    problems = campaign.wrong(results)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
