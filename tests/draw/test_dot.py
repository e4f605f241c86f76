"""Graphviz source: complete, escaped, and micrograd's function on top of it."""

from pathlib import Path

import pytest

import seegrad as sg
from seegrad.draw import draw_dot, graph, to_dot
from seegrad.errors import ArgumentError


def example():
    """a * b, differentiated."""
    out = sg.Value(2.0, name="a") * sg.Value(-3.0, name="b")
    out.backward()
    return out


def test_every_node_and_every_edge_is_in_the_source():
    """Records for values, an ellipse for the op, local derivatives as labels."""
    lines = to_dot(example()).splitlines()
    assert '  node0 [shape=record label="a | data 2.0 | grad −3.0"]' in lines
    assert '  node1 [shape=record label="b | data −3.0 | grad 2.0"]' in lines
    assert '  node2_op [label="*"]' in lines
    assert "  node2_op -> node2" in lines
    assert '  node0 -> node2_op [label="−3.0"]' in lines
    assert ("digraph {", "}") == (lines[0], lines[-1])


def test_the_direction_is_passed_on():
    """And an unknown one refused."""
    assert "rankdir=TB" in to_dot(example(), rankdir="TB")
    with pytest.raises(ArgumentError, match="rankdir"):
        to_dot(example(), rankdir="up")


def test_names_cannot_break_the_source():
    """Braces, bars, quotes and backslashes mean something to Graphviz."""
    source = to_dot(sg.Value(1.0, name='a{b}|"c"\\<d>\n') * 1.0)
    assert '\\{b\\}\\|\\"c\\"\\\\\\<d\\>' in source
    assert 8 == len(source.splitlines()) - 2


def test_a_tensor_keeps_its_rows_in_one_cell():
    """Rows are separated by a semicolon."""
    x = sg.tensor([[1.0, 2.0], [3.0, 4.0]], name="x")
    assert "x | shape (2, 2) | data 1.0, 2.0; 3.0, 4.0" in to_dot(x)


def test_draw_dot_is_called_as_in_micrograd():
    """draw_dot(root, format, rankdir): a picture in record style."""
    out = example()
    picture = draw_dot(out, "svg", "TB")
    assert graph(out, style="record", rankdir="TB").scene == picture.scene
    assert to_dot(out, rankdir="TB") == picture.source
    assert picture._repr_svg_().startswith("<svg")


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_render_writes_the_format(tmp_path, format):
    """As the class of the graphviz package does, which notebooks expect."""
    picture = draw_dot(example(), format=format)
    path = picture.render(tmp_path / "gout", view=False, cleanup=True)
    assert str(tmp_path / f"gout.{format}") == path
    assert Path(path).stat().st_size > 500


def test_render_takes_another_format(tmp_path):
    """And refuses one that nobody knows."""
    picture = draw_dot(example())
    assert picture.render(tmp_path / "g", format="png").endswith("g.png")
    with pytest.raises(ArgumentError, match="no format called 'gif'"):
        picture.render(tmp_path / "g", format="gif")
    with pytest.raises(ArgumentError, match="try  'svg'"):
        draw_dot(example(), format="svgz")
