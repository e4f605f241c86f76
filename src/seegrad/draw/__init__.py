"""Drawings: see the graph, the network, the training and the decisions of a model."""
