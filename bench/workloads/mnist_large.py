"""Images in the shape of MNIST, 784-512-512-10: the matrix products decide."""

from __future__ import annotations

from bench.workloads._perceptron import perceptron, synthetic

WORKLOADS = [perceptron("mnist_large", [784, 512, 512, 10], 128, synthetic(784, 10))]
