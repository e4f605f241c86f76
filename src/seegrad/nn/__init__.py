"""The parts of a network: `Module`, the layers, and how their weights begin.

Read `module` first, then `linear` and `sequential`; every other layer is one short
file. `neuron` is the same thing one number at a time.
"""

from seegrad.nn import init
from seegrad.nn.activation import ACTIVATIONS, Activation, ReLU, Sigmoid, Tanh
from seegrad.nn.dropout import Dropout
from seegrad.nn.flatten import Flatten
from seegrad.nn.linear import Linear
from seegrad.nn.mlp import MLP
from seegrad.nn.module import Module
from seegrad.nn.neuron import Layer, Neuron, ScalarMLP
from seegrad.nn.parameter import Parameter
from seegrad.nn.sequential import Sequential
from seegrad.nn.softmax import Softmax
from seegrad.nn.summary import Summary

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "Activation",
    "Dropout",
    "Flatten",
    "Layer",
    "Linear",
    "Module",
    "Neuron",
    "Parameter",
    "ReLU",
    "ScalarMLP",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Summary",
    "Tanh",
    "init",
]
