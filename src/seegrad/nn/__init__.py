"""The parts of a network: `Module`, the layers, and how their weights begin.

Read `module` first, then `linear` and `sequential`; every other layer is one short
file. `neuron` is the same thing one number at a time.
"""

from seegrad.nn import init
from seegrad.nn.activation import (
    ACTIVATIONS,
    GELU,
    Activation,
    ReLU,
    Sigmoid,
    SiLU,
    Tanh,
)
from seegrad.nn.attention import MultiheadAttention, scaled_dot_product_attention
from seegrad.nn.batch_norm import BatchNorm1d, BatchNorm2d
from seegrad.nn.conv import Conv2d
from seegrad.nn.dropout import Dropout
from seegrad.nn.embedding import Embedding
from seegrad.nn.flatten import Flatten
from seegrad.nn.gru import GRU
from seegrad.nn.layer_norm import LayerNorm
from seegrad.nn.linear import Linear
from seegrad.nn.lstm import LSTM
from seegrad.nn.mlp import MLP
from seegrad.nn.module import Module
from seegrad.nn.neuron import Layer, Neuron, ScalarMLP
from seegrad.nn.parameter import Parameter
from seegrad.nn.pool import AvgPool2d, MaxPool2d
from seegrad.nn.rnn import RNN
from seegrad.nn.sequential import Sequential
from seegrad.nn.softmax import Softmax
from seegrad.nn.summary import Summary
from seegrad.nn.transformer import TransformerBlock

__all__ = [
    "ACTIVATIONS",
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "Activation",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Module",
    "MultiheadAttention",
    "Neuron",
    "Parameter",
    "ReLU",
    "ScalarMLP",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Summary",
    "Tanh",
    "TransformerBlock",
    "init",
    "scaled_dot_product_attention",
]
