"""What one part of the library lends another is there when it is used."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import seegrad as sg
from seegrad.borrow import LENDERS, Borrowed, borrow
from seegrad.errors import SeegradError

SOURCE = Path(__file__).parent.parent / "src"
START = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); import seegrad as sg"
STEP = """
model = sg.nn.Linear(2, 1, seed=0)
settings = {"loss": "mse", "optimizer": sg.optim.SGD(model.parameters(), lr=0.1)}
x, y = [[1.0, 2.0]], [[3.0]]
"""
USES = {
    "Explanation.draw": """
        def double(x):
            return x + x
        step = sg.compile(double)
        step(sg.ones(3)), step(sg.ones(3))
        print(step.explain(sg.ones(3)).draw())""",
    "Fork.draw": """
        run = sg.fit(model, x, y, **settings, epochs=1, progress=False, compile=False)
        print(run.fork(lr=0.2).draw())""",
    "History.draw": """
        history = sg.train.History()
        history.add({"loss": 1.0}), history.add({"loss": 0.5})
        print(history.draw())""",
    "Node.draw": "print((sg.Value(2.0) * 3.0).draw())",
    "Nudge.draw": 'print(sg.nudge(model, "weight[0, 0]", x, y).draw())',
    "Receipt.draw": """
        tape = sg.record(model, x, y, **settings)
        print(tape.why("weight[0, 0]").draw())""",
    "Tape.animate": """
        from unittest.mock import patch
        with patch("seegrad.draw.training", lambda tape, path: f"Picture({path})"):
            print(sg.record(model, x, y, **settings).animate("a.gif"))""",
    "Tape.graph": "print(sg.record(model, x, y, **settings).graph())",
    "Tape.state": "print(sg.record(model, x, y, **settings).before.draw())",
    "Trainer.compile": """
        run = sg.fit(model, x, y, **settings, epochs=1, progress=False)
        print("Picture(", run.eager)""",
    "Zoom.draw": """
        tape = sg.record(model, x, y, **settings)
        print(tape.zoom("add[0, 0]").draw())""",
}


@pytest.mark.parametrize("deed", sorted(LENDERS))
def test_a_fresh_process_can_borrow(deed):
    """With no other import than that of the library."""
    code = START + STEP + inspect.cleandoc("\n" + USES[deed])
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("", 0) == (done.stderr, done.returncode)
    assert done.stdout.startswith("Picture(")


def test_what_nobody_lends_is_an_error():
    """It names the class and what it cannot do."""
    with pytest.raises(SeegradError, match="nobody has lent Zoom a way to sing"):
        borrow("Zoom", "sing")


def test_what_is_lent_can_be_replaced(monkeypatch):
    """The name is looked up each time."""
    monkeypatch.setattr("seegrad.draw.graph", lambda node: node.name)
    assert "a" == sg.Value(1.0, name="a").draw()


def test_a_borrowed_method_is_the_function():
    """With its docstring and its settings, of the class and of an object."""
    assert sg.Value.draw is sg.Tensor.draw is sg.draw.graph
    drawn = sg.Value(1.0).draw
    assert sg.draw.graph is drawn.__func__
    assert inspect.getdoc(sg.draw.graph) == inspect.getdoc(drawn)
    assert isinstance(inspect.getattr_static(sg.Value, "draw"), Borrowed)
