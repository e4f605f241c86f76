"""Data to learn from: six small datasets, and the two ways to cut data up.

`moons`, `circles`, `spirals`, `blobs` and `xor` are made up on the spot, points in the
plane that can be drawn; `digits` is real handwriting. `split` keeps rows aside for a
test; `batches` deals out the rest in portions. Everything is plain NumPy.
"""

from seegrad.data.base import Dataset
from seegrad.data.batches import Batches, batches
from seegrad.data.blobs import blobs
from seegrad.data.circles import circles
from seegrad.data.digits import digits
from seegrad.data.moons import moons
from seegrad.data.spirals import spirals
from seegrad.data.split import split
from seegrad.data.xor import xor

# The datasets that take n and seed. The contract tests try each of them: a new one is
# tested as soon as it is listed.
DATASETS: dict[str, Dataset] = {
    "blobs": blobs,
    "circles": circles,
    "moons": moons,
    "spirals": spirals,
    "xor": xor,
}

__all__ = [
    "DATASETS",
    "Batches",
    "Dataset",
    "batches",
    "blobs",
    "circles",
    "digits",
    "moons",
    "spirals",
    "split",
    "xor",
]
