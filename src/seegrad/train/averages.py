"""The mean of an epoch, added up batch by batch.

The last batch is often smaller than the others, so every batch counts by its rows.
"""

from __future__ import annotations


class Averages:
    """Weighted running means of named numbers.

    >>> averages = Averages()
    >>> averages.add({"loss": 1.0}, weight=3)
    >>> averages.add({"loss": 5.0}, weight=1)
    >>> averages.means()
    {'loss': 2.0}
    """

    def __init__(self) -> None:
        self.totals: dict[str, float] = {}
        self.weight = 0

    def add(self, numbers: dict[str, float], weight: int) -> None:
        """Let these numbers count ``weight`` times."""
        self.weight += weight
        for name, number in numbers.items():
            self.totals[name] = self.totals.get(name, 0.0) + weight * number

    def means(self) -> dict[str, float]:
        """The mean of each so far."""
        return {name: total / self.weight for name, total in self.totals.items()}
