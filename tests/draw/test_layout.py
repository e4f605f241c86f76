"""The layered layout: forward, apart, in order, and the same every time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad.draw.layout import _Plan, layered, rank_of_each
from seegrad.errors import ArgumentError


@st.composite
def graphs(draw):
    """Boxes of any size, and edges from lower to higher numbers."""
    count = draw(st.integers(1, 14))
    size = st.floats(5.0, 80.0)
    sizes = draw(st.lists(st.tuples(size, size), min_size=count, max_size=count))
    numbers = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers), max_size=25))
    return sizes, [(min(p), max(p)) for p in pairs if p[0] != p[1]]


@given(graphs(), st.sampled_from(["LR", "TB"]))
def test_edges_point_forward_and_meet_their_boxes(graph, rankdir):
    """Each curve leaves the far side of its source and arrives at the near side."""
    sizes, edges = graph
    layout = layered(sizes, edges, rankdir=rankdir)
    axis = 0 if rankdir == "LR" else 1
    for (source, target), curve in zip(edges, layout.curves, strict=True):
        corner, size = layout.corners[source], sizes[source]
        assert curve[0][axis] == pytest.approx(corner[axis] + size[axis])
        assert curve[-1][axis] == pytest.approx(layout.corners[target][axis])
        along = [point[axis] for point in curve]
        assert along == sorted(along)
        assert 1 == len(curve) % 3


@given(graphs(), st.sampled_from(["LR", "TB"]))
def test_boxes_do_not_overlap_and_stay_on_the_sheet(graph, rankdir):
    """Between any two boxes is some air."""
    sizes, edges = graph
    layout = layered(sizes, edges, rankdir=rankdir, box_gap=4.0)
    boxes = [
        (x, y, x + w, y + h)
        for (x, y), (w, h) in zip(layout.corners, sizes, strict=True)
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert -1e-6 <= left <= right <= layout.width + 1e-6
        assert -1e-6 <= top <= bottom <= layout.height + 1e-6
        for other in boxes[:i]:
            apart = right <= other[0] + 1e-6 or other[2] <= left + 1e-6
            assert apart or bottom <= other[1] + 1e-6 or other[3] <= top + 1e-6


@given(graphs())
def test_the_same_graph_looks_the_same(graph):
    """Nothing depends on chance or on hashes."""
    assert layered(*graph) == layered(*graph)


@given(graphs())
def test_sorting_never_adds_crossings(graph):
    """The best order that was seen is kept."""
    sizes, edges = graph
    plan = _Plan(sizes, edges, rank_of_each(len(sizes), edges))
    before = plan.crossings()
    plan.sort_ranks()
    assert plan.crossings() <= before


def test_crossings_that_can_be_removed_are_removed():
    """Two edges that cross as given do not cross as drawn."""
    edges = [(0, 3), (1, 2)]
    plan = _Plan([(9.0, 9.0)] * 4, edges, rank_of_each(4, edges))
    assert 1 == plan.crossings()
    plan.sort_ranks()
    assert 0 == plan.crossings()


def test_a_chain_is_straight():
    """Boxes of one size stand on one line."""
    layout = layered([(10.0, 10.0)] * 3, [(0, 1), (1, 2)], rank_gap=5.0)
    assert [(0.0, 0.0), (15.0, 0.0), (30.0, 0.0)] == layout.corners


def test_a_source_stands_next_to_its_target():
    """A constant is drawn where it is used, not at the far left."""
    assert [0, 1, 2, 1] == rank_of_each(4, [(0, 1), (1, 2), (3, 2)])


def test_a_branch_of_its_own_stands_next_to_where_it_is_used():
    """weight -> transposed -> used late: both stand close to their use."""
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [0, 1, 2, 3, 4, 2, 3] == rank_of_each(7, [*chain, (5, 6), (6, 4)])


def test_a_lead_gives_a_label_its_room():
    """The last piece of the curve is straight and as long as asked."""
    layout = layered([(10.0, 10.0)] * 2, [(0, 1)], rank_gap=20.0, leads=[30.0])
    assert (60.0, 0.0) == layout.corners[1]
    assert [(30.0, 5.0), (60.0, 5.0)] == [layout.curves[0][3], layout.curves[0][-1]]


def test_edges_from_one_box_to_another_keep_apart():
    """x * x has two inputs, and two edges."""
    one, other = layered([(10.0, 20.0)] * 2, [(0, 1), (0, 1)]).curves
    assert one[0] == other[0]
    assert one[-1][1] < other[-1][1]


def test_a_long_chain_needs_no_recursion():
    """Five thousand boxes in a row."""
    count = 5000
    edges = [(i, i + 1) for i in range(count - 1)]
    assert count - 1 == max(rank_of_each(count, edges))


def test_a_cycle_and_an_unknown_direction_are_refused():
    """Both errors say what was wrong."""
    with pytest.raises(ArgumentError, match="2 boxes of the graph stand in a cycle"):
        layered([(1.0, 1.0)] * 2, [(0, 1), (1, 0)])
    with pytest.raises(ArgumentError, match="try  'LR'"):
        layered([(1.0, 1.0)], [], rankdir="RL")


def test_nothing_has_no_size():
    """An empty graph is an empty sheet."""
    layout = layered([], [])
    assert (0.0, 0.0) == (layout.width, layout.height)
