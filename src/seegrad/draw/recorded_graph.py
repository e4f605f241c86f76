"""The operations of a recorded step as cards: forward as they ran, or backward.

Forward, an arrow is a number that an operation reads. Backward, it is the gradient that
an operation passes on, as thick as it is large, and the loss stands on the left. A step
that is too large to read is folded into its layers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from seegrad.draw.fold import Folding, fold
from seegrad.draw.graph_sheet import GraphSheet, counted, unique
from seegrad.draw.layout import RANKDIRS, rank_of_each
from seegrad.draw.legend import Entry, stroke, word
from seegrad.draw.numbers import short
from seegrad.draw.parts import Fact, Part, Wire, numbers
from seegrad.draw.picture import Picture
from seegrad.draw.recorded_flow import Station, backward_flow, forward_flow, size_of
from seegrad.draw.taped import is_summary, steps_of
from seegrad.errors import ArgumentError, DataError, unknown_name
from seegrad.random import whole_number

WHERE = "draw.recorded_graph"
DIRECTIONS = ("forward", "backward")
THINNEST, THICKEST = 1.2, 5.0


def recorded_graph(
    tape: Any,
    direction: str = "forward",
    *,
    step: int = 0,
    rankdir: str = "LR",
    max_nodes: int = 16,
    title: str = "",
    theme: str = "auto",
) -> Picture:
    """Draw the operations of a step of a tape, "forward" or "backward".

    Cards have shapes and numbers in brief; backward arrows have the Euclidean norm of
    the gradient they carry. Beyond ``max_nodes`` cards are folded into layers. Raises
    ArgumentError for other settings, DataError if the step did not run that way.

    >>> import seegrad as sg
    >>> with sg.recording() as tape:
    ...     a = sg.Value(2.0, name="a")
    ...     (a * 3.0).backward()
    >>> recorded_graph(tape, "backward").scene.texts("a")
    ['a', 'grad', '3.0']
    """
    steps_of(tape, WHERE)
    if direction not in DIRECTIONS:
        raise unknown_name("direction", direction, DIRECTIONS)
    if rankdir not in RANKDIRS:
        raise unknown_name("rankdir", rankdir, RANKDIRS)
    max_nodes = whole_number("max_nodes", max_nodes, least=3, where=WHERE)
    record = tape.step(step)
    backward = direction == "backward"
    stations = backward_flow(record) if backward else forward_flow(record)
    if not stations:
        raise DataError(
            f"step {record.number} has no {direction} pass to draw",
            where=WHERE,
            hint="sg.record(model, x, y, loss=...) computes gradients as well",
        )
    parts, wires, caption = _read(stations, max_nodes, backward)
    title = title or f"The {direction} pass of step {record.number}"
    scene = GraphSheet(parts, wires, rankdir).scene(title, caption, _legend(backward))
    return Picture(scene, _alt(title, parts, wires, caption, backward), theme)


def _read(
    stations: list[Station], most: int, backward: bool
) -> tuple[list[Part], list[Wire], str]:
    number = {station: i for i, station in enumerate(stations)}
    if len(stations) <= most:
        parts = [_part(station, backward) for station in stations]
        return parts, _wires(stations, number, backward), ""
    folding = _folded(stations, number, most)
    parts, home = [], {}
    for place, (title, members) in enumerate(
        zip(folding.titles, folding.groups, strict=True)
    ):
        inside = [stations[i] for i in members]
        if len(inside) == 1:
            parts.append(_part(inside[0], backward))
        else:
            parts.append(_group(title, inside, backward))
        home.update(dict.fromkeys(inside, place))
    groups = counted(len(parts), "group", "groups")
    caption = f"{len(stations):,} cards, folded {folding.how} into {groups}."
    return parts, _wires(stations, home, backward), caption


def _wires(
    stations: list[Station], home: dict[Station, int], backward: bool
) -> list[Wire]:
    """An arrow for each pair of boxes between which something flows."""
    between: dict[tuple[int, int], list[float]] = defaultdict(list)
    for station in stations:
        sizes = station.sizes or [0.0] * len(station.inputs)
        for source, size in zip(station.inputs, sizes, strict=True):
            if home[source] != home[station]:
                between[home[source], home[station]].append(size)
    norms = {pair: math.hypot(*sizes) for pair, sizes in between.items()}
    largest = max(filter(math.isfinite, norms.values()), default=0.0) or 1.0
    wires = []
    for (start, end), sizes in between.items():
        count = len(sizes)
        if not backward:
            title = f"{count:,} arrows" if count > 1 else ""
            wires.append(Wire(start, end, title=title, count=count))
            continue
        size = norms[start, end]
        share = min(size / largest, 1.0) if math.isfinite(size) else 1.0
        wires.append(
            Wire(
                start, end, short(size), title=f"gradient of size {short(size)}",
                count=count, symbol="‖g‖",
                thickness=round(THINNEST + (THICKEST - THINNEST) * share, 2),
            )
        )  # fmt: skip
    return wires


def _part(station: Station, backward: bool) -> Part:
    """The card of one quantity."""
    kinds = {"parameter": "leaf", "result": "result"}
    kind = "leaf" if backward and not station.op else kinds.get(station.role, "leaf")
    if station.role == "constant":
        kind = "constant"
    part = Part(kind, station.name or "constant", station.symbol)
    if station.shape:
        part.facts.append(Fact("shape", str(station.shape)))
    label, role = ("grad", "gradient") if backward else ("data", "data")
    if is_summary(station.value):
        spread = f"{short(station.value.minimum)} … {short(station.value.maximum)}"
        part.facts.append(Fact(label, spread, role))
        part.facts.append(Fact("mean", short(station.value.mean), role))
    else:
        part.facts += numbers(label, station.value, role)
    return part


def _group(title: str, stations: list[Station], backward: bool) -> Part:
    """The card of a layer: what it is, how many operations, and what comes out."""
    made = [station for station in stations if station.op]
    last = made[-1] if made else stations[-1]
    kind = last.kind if title == last.layer else ""
    part = Part("group", f"{title} {kind}".strip())
    part.facts.append(Fact("operations", f"{len(made):,}"))
    leaves = sum(station.role == "parameter" for station in stations)
    if leaves:
        part.facts.append(Fact("parameters", f"{leaves:,}"))
    if backward:
        grads = [size_of(s.value) for s in stations if s.role == "parameter"]
        if grads:
            size = short(math.hypot(*grads))
            part.facts.append(Fact("‖grad‖ of these", size, "gradient"))
    else:
        if last.shape:
            part.facts.append(Fact("shape", str(last.shape)))
        part.facts += [fact for fact in _part(last, False).facts if fact.role == "data"]
    return part


def _folded(stations: list[Station], number: dict[Station, int], most: int) -> Folding:
    """By layer as finely as can be read, else as any graph is folded."""
    deepest = max(station.layer.count(".") for station in stations) + 1
    for depth in range(deepest, 0, -1):
        groups: dict[Any, list[int]] = defaultdict(list)
        for i, station in enumerate(stations):
            path = ".".join(station.layer.split(".")[:depth])
            alone = station.role in ("input", "target") or not path
            groups[i if alone else path].append(i)
        if len(groups) <= most and _is_ordered(stations, number, groups):
            titles = [
                key if isinstance(key, str) else stations[key].name or "constant"
                for key in groups
            ]
            return Folding(titles, list(groups.values()), "by layer")
    nodes: Any = stations  # they have what folding reads of a node
    return fold(nodes, most, lambda station: getattr(station, "name", ""))


def _is_ordered(
    stations: list[Station], number: dict[Station, int], groups: dict[Any, list[int]]
) -> bool:
    """Whether all arrows between the groups point one way."""
    place = {i: at for at, members in enumerate(groups.values()) for i in members}
    edges = {
        (place[number[source]], place[i])
        for i, station in enumerate(stations)
        for source in station.inputs
        if place[number[source]] != place[i]
    }
    try:
        rank_of_each(len(groups), sorted(edges))
    except ArgumentError:
        return False
    return True


def _legend(backward: bool) -> Iterator[Entry]:
    if backward:
        yield word("grad", "gradient"), "d loss / d this"
        yield word("‖g‖", "ink"), "size of the gradient that is passed on (norm)"
        yield stroke("neutral", (), THICKEST), "thick: large"
    else:
        yield word("data", "data"), "the number itself"
        yield stroke("neutral"), "is read by"


def _alt(
    title: str, parts: list[Part], wires: list[Wire], caption: str, backward: bool
) -> str:
    """Every card in a sentence, with what arrives at it."""
    names = unique([part.title or part.symbol for part in parts])
    boxes = counted(len(parts), "card", "cards")
    arrows = counted(len(wires), "arrow", "arrows")
    sentences = [f"{title}: {boxes}, {arrows}.", caption]
    for i, part in enumerate(parts):
        facts = ", ".join(f"{fact.label} {fact.text}".strip() for fact in part.facts)
        arriving = [
            f"{wire.label} from {names[wire.source]}" if backward
            else names[wire.source]
            for wire in wires
            if wire.target == i
        ]  # fmt: skip
        verb = "gradient of size" if backward else "reads"
        came = f"; {verb} {', '.join(arriving)}" if arriving else ""
        sentences.append(f"{names[i]}: {facts}{came}.")
    return " ".join(filter(None, sentences))
