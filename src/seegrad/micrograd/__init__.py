"""A drop-in for micrograd: change the import, keep the program.

``from seegrad.micrograd.engine import Value`` and ``from seegrad.micrograd.nn import
MLP`` are the names of A. Karpathy's micrograd (MIT licence) over this library's own
Value. Numbers come out the same; gradients are None, not 0, before the first backward.
"""

from seegrad.draw.draw_dot import draw_dot
from seegrad.micrograd.engine import Value
from seegrad.micrograd.nn import MLP, Layer, Module, Neuron

__all__ = ["MLP", "Layer", "Module", "Neuron", "Value", "draw_dot"]
