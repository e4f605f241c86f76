"""micrograd's ``nn``: a neuron, a layer and a network of single numbers."""

from seegrad.nn.neuron import Layer, Neuron
from seegrad.nn.neuron import ScalarMLP as MLP
from seegrad.nn.neuron import ScalarModule as Module

__all__ = ["MLP", "Layer", "Module", "Neuron"]
