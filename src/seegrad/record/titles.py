"""What the results of a step are called: 0.matmul, loss.sub, 0.weight.mul 2."""

from __future__ import annotations

from dataclasses import replace

from seegrad.record.structure import Deed, Quantity


def titled(quantities: list[Quantity], deeds: list[Deed]) -> list[Quantity]:
    """The quantities with their results named: 0.matmul, loss.sub.

    The second of a name is 0.matmul 2; what is on the side is counted last.
    """
    found, titles = list(quantities), dict[str, int]()
    results = [d for d in deeds if d.kind == "operation"]
    for deed in sorted(results, key=lambda d: d.phase == "aside"):
        home = {"loss": "loss", "update": deed.parameter}.get(deed.phase) or deed.layer
        title = found[deed.output].name or (f"{home}.{deed.op}" if home else deed.op)
        titles[title] = count = titles.get(title, 0) + 1
        name = title if count == 1 else f"{title} {count}"
        found[deed.output] = replace(found[deed.output], name=name)
    return found
