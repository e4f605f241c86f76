"""Images in the shape of MNIST, 784-128-10: the classic first network."""

from __future__ import annotations

from bench.workloads._perceptron import perceptron, synthetic

WORKLOADS = [perceptron("mnist_small", [784, 128, 10], 64, synthetic(784, 10))]
