"""A list of events that shows itself as a table."""

from __future__ import annotations

from seegrad.record.event import Event
from seegrad.record.numbers import brief

COLUMNS = ("id", "step", "phase", "layer", "op", "inputs", "value", "source")
MOST = 60  # rows that are shown


class Table(list[Event]):
    """Events in a list; printed, a row for each."""

    def rows(self) -> list[tuple[str, ...]]:
        """What stands in the table, as text: COLUMNS says what is in each column."""
        return [_row(event) for event in self]

    def __repr__(self) -> str:
        shown = [COLUMNS, *[_row(event) for event in self[:MOST]]]
        widths = [max(len(row[k]) for row in shown) for k in range(len(COLUMNS))]
        lines = [
            "  ".join(
                cell.ljust(w) for cell, w in zip(row, widths, strict=True)
            ).rstrip()
            for row in shown
        ]
        if len(self) > MOST:
            lines.append(f"... and {len(self) - MOST:,} more")
        return "\n".join(lines)


def _row(event: Event) -> tuple[str, ...]:
    new = event.value if event.kind != "backward" else event.gradient
    put_in = ", ".join(map(str, event.inputs))
    source = "" if event.source is None else str(event.source).split(",")[0]
    mark = "" if event.kind == "operation" else f" ({event.kind})"
    return (
        str(event.id), str(event.step), event.phase, event.layer, event.op + mark,
        put_in, brief(new), source,
    )  # fmt: skip
