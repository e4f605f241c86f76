"""A tape as a file: plain JSON, in a format that is documented and has a version.

The structure is written once and the numbers for each step, as in memory. Numbers are
written in the fewest digits that give the same number back. `docs/event-format.md`
explains the format, and a schema beside it checks it.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from seegrad.op import REGISTRY
from seegrad.record import settings
from seegrad.record.events import Events
from seegrad.record.place import Place, shortened
from seegrad.record.step import DETAIL, Step
from seegrad.record.structure import Deed, Quantity, Structure
from seegrad.record.summary import Summary, summary
from seegrad.whole_file import known

FORMAT, VERSION = "seegrad-tape", 2


def encoded(tape: Events, detail: int = DETAIL) -> dict[str, Any]:
    """The tape as plain data; an array of more than ``detail`` numbers as a summary."""
    structures = list(dict.fromkeys(step.structure for step in tape.steps))
    place = {structure: i for i, structure in enumerate(structures)}
    return {
        "format": FORMAT,
        "version": VERSION,
        "problem": tape.problem,
        "structures": [_structure(structure) for structure in structures],
        "steps": [_step(s, place[s.structure], detail) for s in tape.steps],
    }


def to_json(tape: Events, detail: int = DETAIL) -> str:
    """The tape as the text of a JSON file."""
    return json.dumps(encoded(tape, detail), allow_nan=False, separators=(",", ":"))


def decoded(text: str) -> tuple[list[Step], str]:
    """The steps that `to_json` wrote, and what ended them early.

    Raises ArgumentError for a text that is no tape of this version.
    """
    hint = 'a file that tape.save("name.json") wrote'
    found = known(text, FORMAT, VERSION, hint)
    structures = [_structure_of(s) for s in found["structures"]]
    steps: list[Step] = []
    first = 0
    for saved in found["steps"]:
        steps.append(_step_of(saved, structures[saved["structure"]], first))
        first += len(steps[-1])
    return steps, found["problem"]


# To plain data -----------------------------------------------------------------------


def _structure(structure: Structure) -> dict[str, Any]:
    return {
        "quantities": [asdict(q) for q in structure.quantities],
        "deeds": [_deed(d) for d in structure.deeds],
    }


def _deed(deed: Deed) -> dict[str, Any]:
    said = {f.name: getattr(deed, f.name) for f in fields(deed)}
    del said["definition"]  # only the running program has it
    lost = deed.given is None and deed.settings
    return said | {
        "given": None if lost else settings.encoded(deed.given),
        "settings": dict(deed.settings),
        "places": [asdict(p) | {"file": shortened(p.file)} for p in deed.places],
    }


def _step(step: Step, structure: int, detail: int) -> dict[str, Any]:
    local = {}
    for event in step.events():
        derivatives = event.local if event.kind == "operation" else None
        if derivatives is not None and event.phase != "update":
            local[str(event.at)] = [number(d, detail) for d in derivatives]
    return {
        "number": step.number,
        "structure": structure,
        "problem": step.problem,
        "left_out": step.left_out,
        "modes": {path: list(mode) for path, mode in step.modes.items()},
        "plain": {
            str(at): {k: _finite(v) for k, v in known.items()}
            for at, known in step.plain.items()
        },
        "leaves": {str(q): number(v, detail) for q, v in step.leaves.items()},
        "numbers": [[number(v, detail) for v in n] for n in step.numbers],
        "local": local,
    }


def number(data: Any, detail: int) -> Any:
    """A float, an array or a summary as plain data; None stays None."""
    if data is None:
        return None
    if isinstance(data, float | int):
        return _finite(float(data))
    if isinstance(data, Summary) or np.size(data) > detail:
        told = asdict(summary(data))
        return {"summary": {k: _finite(v) for k, v in told.items()}}
    array = np.asarray(data)
    return {
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "data": [_shortest(x) for x in array.ravel()],
    }


def _shortest(x: Any) -> Any:
    """The fewest digits that are read back as the same number of the same dtype."""
    return _finite(float(str(x))) if x.dtype.kind == "f" else x.item()


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: they are written as words."""
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


# And back ----------------------------------------------------------------------------


def _structure_of(saved: Any) -> Structure:
    return Structure(
        tuple(
            Quantity(**{**q, "shape": tuple(q["shape"])}) for q in saved["quantities"]
        ),
        tuple(_deed_of(d) for d in saved["deeds"]),
    )


def _deed_of(saved: Any) -> Deed:
    return Deed(
        definition=REGISTRY.get(saved["op"]),
        **saved
        | {
            "given": settings.decoded(saved["given"]),
            "inputs": tuple(saved["inputs"]),
            "settings": tuple(saved["settings"].items()),
            "places": tuple(Place(**p) for p in saved["places"]),
        },
    )


def _step_of(saved: Any, structure: Structure, first: int) -> Step:
    step = Step(saved["number"], first, structure)
    step.problem, step.left_out = saved["problem"], saved["left_out"]
    step.modes = {path: (kind, how) for path, (kind, how) in saved["modes"].items()}
    step.plain = {
        int(at): {k: float(v) for k, v in numbers.items()}
        for at, numbers in saved["plain"].items()
    }
    step.leaves = {int(q): _number_of(v) for q, v in saved["leaves"].items()}
    step.numbers = [tuple(map(_number_of, n)) for n in saved["numbers"]]
    step.local = {int(k): tuple(map(_number_of, v)) for k, v in saved["local"].items()}
    return step


def _number_of(saved: Any) -> Any:
    if saved is None:
        return None
    if not isinstance(saved, dict):
        return float(saved)
    if "summary" in saved:
        told = dict(saved["summary"])
        for name in ("minimum", "maximum", "mean", "std", "norm"):
            told[name] = float(told[name])
        first = tuple(map(float, told["first"]))
        return Summary(**told | {"shape": tuple(told["shape"]), "first": first})
    data = [float(x) if isinstance(x, str) else x for x in saved["data"]]
    return np.array(data, dtype=saved["dtype"]).reshape(saved["shape"])
