"""Folding: a graph of more than about sixty nodes is drawn as groups of nodes.

Four ways are tried, from the most telling to the one that always works: by the names
of the parameters ("0.weight" belongs to group "0"), once finely and once coarsely; by
regions that end where a number is used twice or leaves an activation, which are the
neurons of a scalar network; by the ranks of those regions, which are its layers; and by
plain depth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

from seegrad.draw.layout import rank_of_each
from seegrad.draw.parts import Called, own_name
from seegrad.errors import ArgumentError
from seegrad.node import Node

EDGES_PER_CARD = 2.5  # more than that is spaghetti
TALLEST = 10  # groups side by side
STAGES = 12

Keys = list[Hashable]
Edges = list[tuple[int, int]]


class Folding:
    """The groups of a folded graph: their titles, and their nodes by number."""

    def __init__(self, titles: list[str], groups: list[list[int]], how: str) -> None:
        self.titles, self.groups, self.how = titles, groups, how


def fold(nodes: Sequence[Node], most: int, called: Called = own_name) -> Folding:
    """Groups of nodes, at most ``most`` of them, whose edges form no cycle."""
    number = {node: i for i, node in enumerate(nodes)}
    names = [called(node) for node in nodes]
    inputs = [[number[x] for x in node.inputs] for node in nodes]
    ways: tuple[tuple[str, Callable[[], Keys]], ...] = (
        ("by name", lambda: _by_name(names, inputs, fine=True)),
        ("by name", lambda: _by_name(names, inputs, fine=False)),
        ("by neuron", lambda: _by_region(nodes, inputs)),
        ("by layer", lambda: _by_region_rank(nodes, inputs)),
    )
    for how, way in ways:
        keys = way()
        if _readable(keys, inputs, most):
            return _folding(keys, nodes, names, how)
    return _folding(_by_depth(inputs, min(STAGES, most)), nodes, names, "by depth")


def _readable(keys: Keys, inputs: list[list[int]], most: int) -> bool:
    """Enough groups to tell something, few enough to look at, and no cycle."""
    edges, count = quotient(keys, inputs)
    if not 3 <= count <= most or len(edges) > most * EDGES_PER_CARD:
        return False
    try:
        ranks = rank_of_each(count, edges)
    except ArgumentError:
        return False
    return max(Counter(ranks).values()) <= TALLEST


def quotient(keys: Keys, inputs: list[list[int]]) -> tuple[Edges, int]:
    """The edges between groups (each once), and the number of groups."""
    place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    edges = {
        (place[keys[x]], place[keys[i]]): None
        for i, xs in enumerate(inputs)
        for x in xs
        if keys[x] != keys[i]
    }
    return list(edges), len(place)


def _by_name(names: list[str], inputs: list[list[int]], fine: bool) -> Keys:
    """A result joins the group of its parameters, else that of its latest input."""
    keys: Keys = [None] * len(names)
    order: dict[Hashable, int] = {}
    for i, name in enumerate(names):
        if not inputs[i] and "." in name:
            head = name.rsplit(".", 1)[0] if fine else name.split(".", 1)[0]
            keys[i] = head
            order.setdefault(head, len(order))
    for i, xs in enumerate(inputs):
        if xs:
            own = [keys[x] for x in xs if not inputs[x] and keys[x] is not None]
            all_keys = own or [keys[x] for x in xs if keys[x] is not None]
            keys[i] = max(all_keys, key=order.__getitem__, default=None)
    for i in range(len(names) - 1, -1, -1):  # constants join whoever uses them
        for x in inputs[i]:
            if not inputs[x] and keys[x] is None and not names[x]:
                keys[x] = keys[i]
    return [("node", i) if key is None else key for i, key in enumerate(keys)]


def _by_region(nodes: Sequence[Node], inputs: list[list[int]]) -> Keys:
    """What is used once belongs to its only user, unless it is an activation."""
    uses = [0] * len(inputs)
    for xs in inputs:
        for x in set(xs):
            uses[x] += 1
    keys: Keys = list(range(len(inputs)))
    for i in range(len(inputs) - 1, -1, -1):
        for x in inputs[i]:
            if uses[x] == 1 and not _activation(nodes[x]):
                keys[x] = keys[i]
    return keys


def _activation(node: Node) -> bool:
    """Whether a node is a function of one number, as tanh and relu are."""
    op = node.op
    if op is None or op.kind != "elementwise" or len(node.inputs) != 1:
        return False
    return op.name not in ("neg", "cast", "alias", "detach")


def _by_region_rank(nodes: Sequence[Node], inputs: list[list[int]]) -> Keys:
    keys = _by_region(nodes, inputs)
    place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    edges, count = quotient(keys, inputs)
    ranks = rank_of_each(count, edges)
    return [("layer", ranks[place[key]]) for key in keys]


def _by_depth(inputs: list[list[int]], stages: int) -> Keys:
    """Slices of equal depth; a leaf stands just before its first user."""
    edges = [(x, i) for i, xs in enumerate(inputs) for x in xs]
    ranks = rank_of_each(len(inputs), edges)
    deepest = max(ranks) + 1
    return [("stage", rank * stages // deepest) for rank in ranks]


def _folding(keys: Keys, nodes: Sequence[Node], names: list[str], how: str) -> Folding:
    groups: dict[Hashable, list[int]] = {}
    for i, key in enumerate(keys):
        groups.setdefault(key, []).append(i)
    titles = []
    for key, members in groups.items():
        last = nodes[members[-1]]
        name = names[members[-1]] or (last.op.name if last.op else "leaf")
        if isinstance(key, str):
            titles.append(key)
        elif isinstance(key, tuple) and key[0] != "node":
            titles.append(f"{key[0]} {key[1] + 1}")
        else:
            titles.append(name)
    return Folding(titles, list(groups.values()), how)
