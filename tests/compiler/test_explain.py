"""An explanation says what happens: names, loops, counts, and it changes nothing."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import seegrad as sg
from seegrad import losses, nn, optim
from seegrad.compiler.explanation.text import ASSEMBLY, functions
from seegrad.draw import compiled_step
from seegrad.errors import ArgumentError, DataError, TraceError


def trained(model, x, y, loss, optimizer=None):
    """A compiled training step that has run once, and its model."""
    optimizer = optimizer or optim.Adam(model.parameters(), lr=0.01)

    def train_step(x, y):
        out = loss(model(x), y)
        optimizer.zero_grad()
        out.backward()
        optimizer.step()
        return out

    step = sg.compile(train_step)
    step(x, y)
    return step


@pytest.fixture
def step():
    """A small network and Adam."""
    x, y = sg.data.moons(20, noise=0.1, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    return trained(model, x, y, losses.bce_with_logits)


def test_a_loop_reads_like_the_mathematics():
    """Arguments and parameters by name, sums over ranges, what is returned."""
    weight = nn.Linear(3, 2, seed=0)
    step = sg.compile(lambda x: weight(x).relu())
    step(sg.ones(4, 3))
    first, *body = step.explain().table[0]["pseudo"]
    product = "t1 = sum over k in 0..3 of x[i, k] * weight[j, k]"
    result = "result[i, j] = relu(t1 + bias[j])"

    assert {"depth": 0, "text": "for i in 0..4, j in 0..2:", "note": ""} == first
    assert {"depth": 1, "text": product, "note": ""} == body[0]
    assert {"depth": 1, "text": result, "note": "returned"} == body[1]


def test_parameters_and_memory_have_their_names(step):
    """As in the model; the memory of the optimizer behind its parameter."""
    text = step.explain().text

    for name in ("0.weight[", "2.bias.mean[", "0.bias.square[", "Adam.lr", "x[", "y["):
        assert name in text
    assert "parameter" not in text


def test_updates_are_marked_and_come_after_the_checks(step):
    """No kernel that updates stands before the one that looks at the checks."""
    rows = step.explain().table
    updating = [row["kernel"] for row in rows if row["updates"]]
    checking = [row["kernel"] for row in rows if row["checks"]]

    assert [min(updating)] == checking
    for row in rows:
        assert row["updates"] == any(
            "in place" == line["note"] for line in row["pseudo"]
        )


def test_every_kernel_stands_beside_the_line_it_came_from(step):
    """The text of the user's lines, in the order in which they ran."""
    places = [line for row in step.explain().table for line in row["lines"]]

    assert {"test_explain.py"} == {place["file"] for place in places}
    assert "out = loss(model(x), y)" == places[0]["text"]
    assert "optimizer.step()" in {place["text"] for place in places}


def test_a_product_is_counted_by_hand():
    """Two operations for each term of each sum, every number touched once."""
    step = sg.compile(lambda x, y: x @ y)
    step(sg.ones(8, 16), sg.ones(16, 4))
    (row,) = step.explain().table

    assert 2 * 8 * 16 * 4 == row["flops"]
    assert 4 * (8 * 16 + 16 * 4) == row["bytes_read"]
    assert 4 * 8 * 4 == row["bytes_written"]


def test_a_number_computed_twice_has_a_name():
    """And one that is used once has none; brackets keep the order of the floats."""
    step = sg.compile(lambda x, y, z: (x + y).exp() * (x + y) - (x - (y - z)))
    step(sg.ones(3), sg.ones(3), sg.ones(3))

    assert "t1 = x[i] + y[i]" in step.explain().loops
    assert "exp(t1) * t1 - (x[i] - (y[i] - z[i]))" in step.explain().loops


def test_a_lookup_reads_through_its_positions():
    """The index of the table is a number of another array."""
    table = nn.Embedding(10, 3, seed=0)
    step = sg.compile(lambda x: table(x) * 2.0)
    step(np.array([1, 2]))

    assert "weight[x[i], j] * 2" in step.explain().loops


def test_padding_is_a_condition():
    """Where the image ends there are zeros, and the formula says so."""
    layer = nn.Conv2d(1, 1, 3, padding=1, bias=False, seed=0)
    step = sg.compile(layer)
    step(sg.ones(1, 1, 5, 5))
    loops = " ".join(step.explain().loops.split())

    assert "if 0 <= i + k - 1 < 5 and 0 <= j + l - 1 < 5 else 0" in loops


def test_what_is_read_was_written_or_joined_before():
    """States of a recurrent network are joined; each part says of what it is one."""
    layer = nn.LSTM(3, 4, seed=0)
    step = sg.compile(lambda x: (layer(x)[0] ** 2).mean())
    step(sg.ones(2, 3, 3))
    rows = step.explain().table
    lines = [line for row in rows for line in row["pseudo"]]
    written = {array["name"] for row in rows for array in row["writes"]}
    parts = {line["note"] for line in lines if line["note"].startswith("part of ")}
    read = {name for row in rows for name in row["reads"]}

    assert {"part of joined"} == parts
    assert {"joined"} == read - written - {"x", *dict(layer.named_parameters())}


def test_the_notes_of_a_kernel_stand_in_one_column(step):
    """Also where a line is long."""
    for loop in step.explain().loops.split("\n\n"):
        noted = re.findall(r"(?m)^(.*  )(?:stored|in place|check)$", loop)
        assert len({len(before) for before in noted}) <= 1


@pytest.mark.parametrize("part", ["graph", "plan", "loops", "ir", "assembly", "text"])
def test_each_part_can_be_had_by_itself(step, part):
    """As text that is not empty."""
    text = getattr(step.explain(), part)

    assert isinstance(text, str)
    assert len(text.splitlines()) > 8


def test_code_is_cut_out_for_each_function(step):
    """LLVM's language and instructions of every kernel, and no other function."""
    explanation = step.explain()

    functions = explanation.summary["functions"]
    defined = re.findall(r"(?m)^define [^@]*@(kernel_\d+)\(", explanation.ir)
    assert functions == len(defined)
    assert functions == len(re.findall(r"(?m)^_?kernel_\d+:", explanation.assembly))
    assert "@step(" not in explanation.ir


def test_the_text_fits_a_terminal(step):
    """No line is wider than a hundred columns."""
    assert [] == [line for line in str(step.explain()).splitlines() if len(line) > 100]


def test_rows_are_plain_data(step):
    """Whoever draws them need not know the compiler."""
    rows = step.explain().table

    assert rows == json.loads(json.dumps(rows))


def test_a_function_can_be_cut_out_of_the_assembly_of_any_system():
    """A label of a function ends the one before it, a label of a loop does not."""
    mac = "_kernel_0:\n\tmov x0\nLBB0_1:\n\tret\n\t.cfi_endproc\n_step:\n\tb"
    linux = "kernel_0:\n\tmovl\n.LBB0_1:\n\tretq\n.Lfunc_end0:\n\t.size kernel_0"

    assert ["_kernel_0:", "mov", "x0", "LBB0_1:", "ret"] == functions(ASSEMBLY, mac)[
        0
    ].split()
    assert ["kernel_0:", "movl", ".LBB0_1:", "retq"] == functions(ASSEMBLY, linux)[
        0
    ].split()


def test_the_trace_of_given_arguments_is_explained():
    """Each shape has its own."""
    step = sg.compile(lambda x: x * 2.0)
    step(sg.ones(3))
    step(sg.ones(5))

    assert "0..5" in step.explain().loops
    assert "0..3" in step.explain(sg.ones(3)).loops


def test_what_has_no_code_is_refused():
    """Before the first call, and where a step runs eagerly."""
    step = sg.compile(lambda x: x * 2.0)
    with pytest.raises(TraceError, match="has not been traced"):
        step.explain()
    half = sg.compile(lambda x: x * 2.0)
    with pytest.warns(UserWarning, match="runs eagerly"):
        half(sg.ones(3, dtype=sg.float16))
    with pytest.raises(TraceError, match="float16"):
        half.explain()


def test_it_is_saved_by_suffix(step, tmp_path):
    """As a page, as text, as a picture; other suffixes are refused."""
    explanation = step.explain()
    page = explanation.save(tmp_path / "step.html").read_text(encoding="utf-8")

    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "prefers-color-scheme" in page
    assert explanation.text == explanation.save(tmp_path / "a.txt").read_text("utf-8")
    ElementTree.parse(explanation.save(tmp_path / "a.svg"))
    with pytest.raises(ArgumentError, match="cannot be saved"):
        explanation.save(tmp_path / "a.pdf")


def test_the_page_escapes_what_the_user_wrote():
    """A comparison in the source is no tag."""
    step = sg.compile(lambda x: sg.where(x <0.5, x, 1.0))  # fmt: skip
    step(sg.ones(3))
    page = step.explain().html()

    assert "x &lt;0.5" in page
    assert "x <0.5" not in page


def test_the_picture_has_a_row_for_every_kernel(step):
    """With its number; a reader of the words learns where the work is."""
    explanation = step.explain()
    picture = explanation.draw()

    for row in explanation.table:
        assert row["title"] in picture.scene.texts(f"kernel {row['kernel']}")
    assert "Most operations are in kernel" in picture.alt
    ElementTree.fromstring(picture.svg())


def test_many_kernels_are_folded_and_none_are_refused(step):
    """The cheapest neighbours become one row."""
    rows = step.explain().table
    picture = compiled_step(rows, max_kernels=3)

    assert "drawn as 3 rows" in picture.alt
    with pytest.raises(DataError, match="no kernels"):
        compiled_step([])
