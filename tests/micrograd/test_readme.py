"""The example in micrograd's README, with nothing changed but the import."""

import pytest

from seegrad.micrograd import draw_dot
from seegrad.micrograd.engine import Value


def the_example():
    """The lines of the README up to g."""
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return a, b, g


def test_the_numbers_are_those_that_the_readme_prints():
    """Data and gradients agree to the digits that micrograd shows."""
    a, b, g = the_example()
    assert "24.7041" == f"{g.data:.4f}"
    g.backward()
    assert "138.8338" == f"{a.grad:.4f}"
    assert "645.5773" == f"{b.grad:.4f}"


def test_a_value_shows_its_data_and_its_grad():
    """The repr begins as micrograd's does."""
    a, _, g = the_example()
    g.backward()
    assert repr(a).startswith("Value(data=-4.0, grad=138.8338")


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_draw_dot_draws_and_speaks_graphviz(rankdir):
    """draw_dot takes micrograd's arguments; its source is what Graphviz reads."""
    dot = draw_dot((Value(2.0) * Value(3.0)).relu(), format="svg", rankdir=rankdir)
    assert dot.source.startswith("digraph")
    assert f"rankdir={rankdir}" in dot.source
    assert "<svg" in dot._repr_svg_()


def test_the_notebooks_own_tracing_works():
    """micrograd's notebook walks the graph by _prev and _op."""
    a, b = Value(2.0), Value(3.0)
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    out = a * b + a * a
    build(out)
    assert (5, 5) == (len(nodes), len(edges))
    assert ["", "+", "*"] == [a._op, out._op, out.inputs[1]._op]
