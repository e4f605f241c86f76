"""Large graphs are folded into groups that can be looked at, quickly."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seegrad as sg
from seegrad.backpropagation import ordered
from seegrad.draw.fold import fold
from seegrad.draw.graph import graph
from seegrad.draw.layout import rank_of_each
from seegrad.draw.scene import Curve


def network(sizes, name="", samples=1):
    """A scalar network with weights of its own; named "layer.neuron.w" if asked."""
    layers = []
    for depth, (n_in, n_out) in enumerate(pairwise(sizes)):
        layers.append(
            [
                [
                    sg.Value(0.1 * (i + j + 1), f"{depth}.{j}.w{i}" if name else None)
                    for i in range(n_in)
                ]
                for j in range(n_out)
            ]
        )
    total = sg.Value(0.0, requires_grad=False)
    for sample in range(samples):
        x = [sg.Value(0.5 + sample, f"x{i}") for i in range(sizes[0])]
        for layer in layers:
            x = [
                sum((w * xi for w, xi in zip(neuron, x, strict=True)), 0.0).tanh()
                for neuron in layer
            ]
        total = total + x[0]
    return total if samples > 1 else x[0]


def test_a_small_graph_is_not_folded():
    """Sixty nodes can be looked at."""
    assert "nodes, folded" not in graph(network([2, 2, 1])).alt


def test_neurons_are_found_without_names():
    """What is used once belongs to its user: the sums inside a neuron."""
    out = network([3, 4, 4, 1])
    folding = fold(ordered(out), 60)
    assert "by neuron" == folding.how
    assert 3 + 4 + 4 + 1 == len(folding.groups)


def test_names_tell_the_groups():
    """Weights called "0.3.w1" make the group "0.3", if those are few enough."""
    out = network([2, 3, 3, 1], name="yes", samples=2)
    folding = fold(ordered(out), 40)
    assert "by name" == folding.how
    assert {"0.0", "0.1", "0.2", "1.0", "1.1", "1.2", "2.0"} <= set(folding.titles)
    coarse = fold(ordered(network([2, 12, 12, 1], name="yes")), 20)
    assert "by name" == coarse.how
    assert {"0", "1", "2"} <= set(coarse.titles)


def test_wide_layers_become_one_group_each():
    """Sixteen neurons on top of each other are nothing to look at."""
    folding = fold(ordered(network([2, 16, 16, 1])), 60)
    assert ("by layer", 4) == (folding.how, len(folding.groups))


@pytest.mark.parametrize("count", [100, 100_000])
def test_a_long_chain_is_folded_by_depth(count):
    """Without recursion, and without drawing a hundred thousand cards."""
    out = sg.Value(1.0, name="x")
    for _ in range(count):
        out = out * 1.00001
    out.backward()
    picture = graph(out)
    assert f"{2 * count + 1:,} nodes, folded by depth into 12 groups." in picture.alt
    assert 12 + 11 >= len(list(picture.scene.of(Curve)))


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=70, max_size=120
    ),
    st.integers(3, 60),
)
def test_any_graph_folds_into_few_groups_without_a_cycle(pairs, most):
    """Every node is in exactly one group, and the groups can be ranked."""
    nodes = [sg.Value(1.0), sg.Value(2.0)]
    for i, j in pairs:
        nodes.append(nodes[i % len(nodes)] + nodes[j % len(nodes)])
    total = nodes[0]
    for node in nodes[1:]:
        total = total + node
    everything = ordered(total)
    folding = fold(everything, most)
    members = Counter(i for group in folding.groups for i in group)
    assert members == Counter(range(len(everything)))
    assert len(folding.groups) <= most
    home = {i: g for g, group in enumerate(folding.groups) for i in group}
    number = {node: i for i, node in enumerate(everything)}
    edges = [
        (home[number[x]], home[i])
        for i, node in enumerate(everything)
        for x in node.inputs
        if home[number[x]] != home[i]
    ]
    assert len(folding.groups) == len(rank_of_each(len(folding.groups), edges))


def test_a_group_tells_what_is_in_it():
    """Nodes, ops, leaves, and the range of data and gradients."""
    out = network([3, 4, 4, 1])
    out.backward()
    texts = graph(out).scene.texts("tanh")
    assert ["tanh", "nodes", "11", "ops"] == texts[:4]
    assert "3×* 3×+ 1×tanh" == texts[4]
    assert {"leaves", "data", "grad"} <= set(texts)


def test_wires_between_groups_tell_how_many_they_are():
    """Thicker, and with a tooltip."""
    scene = graph(network([2, 16, 16, 1])).scene
    titles = [curve.title for curve in scene.of(Curve)]
    assert "256 edges" in titles


def test_a_named_group_of_tensors_is_folded_too():
    """Tensors count as nodes like any other."""
    x = sg.tensor([[1.0, 2.0]])
    for layer in range(40):
        w = sg.tensor(
            [[0.5, 0.1], [0.2, 0.3]], requires_grad=True, name=f"{layer}.weight"
        )
        x = (x @ w).tanh()
    picture = graph(x.sum())
    assert "folded by name into 4" in picture.alt
    assert "39" in picture.scene.texts("39")
