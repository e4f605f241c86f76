"""The page that plays a tape: one file, nothing from outside, the tape's numbers."""

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError
from seegrad.record import excerpt as excerpts
from seegrad.record import page as pages
from seegrad.record.file import encoded

LARGEST = 1_000_000  # bytes of the page of the digits network


class Parts(HTMLParser):
    """The elements of a page with their attributes, and the text of the scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.open = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open = dict(attrs).get("id", "program") if tag == "script" else None

    def handle_data(self, data):
        if self.open:
            self.scripts[self.open] = self.scripts.get(self.open, "") + data

    def handle_endtag(self, tag):
        self.open = None


def moons_tape(steps=1):
    """Steps of a small network on eight moons."""
    x, y = sg.data.moons(200, noise=0.1, seed=0)
    model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    return sg.record(
        *(model, x[:8], y[:8]),
        loss="bce_with_logits",
        optimizer=optimizer,
        steps=steps,
    )


def digits_tape():
    """A step of the network that the documentation shows."""
    x, y = sg.data.digits()[:2]
    model = nn.MLP(64, [128], 10, activation="relu", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    return sg.record(model, x[:8], y[:8], loss="cross_entropy", optimizer=optimizer)


def tape_in(text):
    """The data that a page brings along."""
    return json.loads(Parts(text).scripts["seegrad-tape"])


def test_the_page_of_the_digits_network_is_below_one_megabyte():
    """It can be mailed, and opens from a memory stick."""
    assert len(pages.page(digits_tape()).encode()) < LARGEST


def test_a_page_loads_nothing_and_is_forbidden_to():
    """No element has an address, the policy allows no connection."""
    parts = Parts(pages.page(moons_tape()))
    addresses = {"src", "href", "action", "data", "srcset", "poster"}
    assert [] == [e for e in parts.elements if addresses & set(e[1])]
    policy = next(
        attributes["content"]
        for tag, attributes in parts.elements
        if tag == "meta" and "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none'")
    assert "connect-src" not in policy
    assert [] == re.findall(r"url\(|@import", pages.page(moons_tape()))


def test_the_policy_allows_the_one_script_of_the_page():
    """Its fingerprint is that of the program; any other script is refused."""
    text = pages.page(moons_tape())
    program = Parts(text).scripts["program"]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_the_page_holds_the_tape_as_its_file_has_it():
    """The JSON is that of `save("tape.json")`, with the sentences beside it."""
    tape = moons_tape(2)
    found = tape_in(pages.page(tape))
    told, whole, asked = (found.pop(key) for key in ("stories", "whole", "quiz"))
    assert json.loads(json.dumps(encoded(tape))) == found
    assert ["de", "en"] == sorted(told)
    assert {"steps": 2, "events": 90, "firsts": [0, 45]} == whole
    assert [q.text for q in sg.quiz(tape)] == [
        q["text"] for q in asked["en"]["questions"]
    ]
    assert [[len(step) for step in tape.steps]] * 2 == [
        [len(sentences) for sentences in told[language]] for language in told
    ]


def test_large_parameters_are_whole_where_there_is_room():
    """Weights, gradients and updates of the digits are drawn cell by cell."""
    tape = digits_tape()
    step = tape_in(pages.page(tape))["steps"][0]
    weight = tape.quantity("0.weight")
    assert [128, 64] == step["leaves"][str(weight.id)]["shape"]
    expected = np.asarray(tape.value("0.weight", after=True)).ravel()
    moved = next(
        step["numbers"][event.at]
        for event in tape.events(kind="assign")
        if event.output == weight
    )
    assert np.array_equal(expected, np.array(moved[1]["data"], dtype=expected.dtype))


def test_a_page_without_room_summarises(monkeypatch):
    """What does not fit is told by its extremes, smaller arrays later."""
    monkeypatch.setattr(excerpts, "ROOM", 30_000)
    found = tape_in(pages.page(moons_tape()))
    assert "summary" in found["steps"][0]["leaves"]["2"]


def test_a_long_tape_is_shown_by_some_of_its_steps(monkeypatch):
    """The first, the last, and some between; each says where it stands on the tape."""
    monkeypatch.setattr(excerpts, "ROOM", 120_000)
    tape = moons_tape(21)
    found = tape_in(pages.page(tape))
    numbers = [step["number"] for step in found["steps"]]
    assert (0, 20) == (numbers[0], numbers[-1])
    assert 2 < len(numbers) < 21
    assert [45 * n for n in numbers] == found["whole"]["firsts"]
    assert (21, 21 * 45) == (found["whole"]["steps"], found["whole"]["events"])
    assert len(numbers) == len(found["stories"]["en"])


def test_a_name_cannot_end_the_script_that_holds_it():
    """Names are a person's own: they are data and stay data."""
    name = "</script><img src=x onerror=alert(1)><!--"
    with sg.recording() as tape:
        _ = sg.Value(2.0, name=name) * 3.0
    text = pages.page(tape)
    assert name not in text
    assert [] == [tag for tag, _ in Parts(text).elements if tag == "img"]
    names = [q["name"] for q in tape_in(text)["structures"][0]["quantities"]]
    assert name in names


def test_without_scripts_the_page_tells_the_story():
    """Each operation has its line, under the heading of its phase."""
    tape = moons_tape()
    text = pages.story_html(tape)
    assert len(tape) == text.count("<li ")
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    phases = ("forward", "loss", "backward", "update")
    assert [f"Step 0, {phase}" for phase in phases] == headings
    assert text in pages.page(tape)


def test_a_long_story_is_cut_and_says_so(monkeypatch):
    """The text alternative of a long tape stays readable."""
    monkeypatch.setattr(pages, "MOST_TOLD", 10)
    tape = moons_tape()
    assert f"... and {len(tape) - 10} more operations." in pages.story_html(tape)


def test_a_tape_that_ended_early_says_why_in_the_story():
    """Also without scripts one sees how far it came."""
    tape = moons_tape()
    tape.problem = "ShapeError: 2 < 3"
    assert "ended early: ShapeError: 2 &lt; 3" in pages.story_html(tape)


def test_an_empty_tape_has_a_page():
    """Nothing recorded is no reason to fail."""
    with sg.recording() as tape:
        pass
    assert [] == tape_in(pages.page(tape))["steps"]


def test_save_writes_a_page_by_its_suffix(tmp_path):
    """tape.html plays; another suffix is refused with the ones that are known."""
    tape = moons_tape()
    path = tape.save(tmp_path / "tape.html")
    assert pages.page(tape) == path.read_text(encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"\.html, \.json"):
        tape.save(tmp_path / "tape.txt")


def test_show_writes_a_file_and_says_where(capsys):
    """Outside of a notebook the page is a file, named by an address to open."""
    moons_tape().show()
    address = re.search(r"file://\S+/tape\.html", capsys.readouterr().out)
    assert address is not None


def test_show_in_a_notebook_is_a_frame(monkeypatch):
    """The page stands in a frame of its own, with text for who cannot show it."""
    shown = []
    shell = SimpleNamespace(kernel=object())
    display = SimpleNamespace(display=lambda data, raw: shown.append(data))
    fake = SimpleNamespace(get_ipython=lambda: shell, display=display)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    tape = moons_tape()
    tape.show()
    frame = Parts(shown[0]["text/html"]).elements[0]
    assert ("iframe", "allow-scripts") == (frame[0], frame[1]["sandbox"])
    assert pages.page(tape) == frame[1]["srcdoc"]
    assert repr(tape) == shown[0]["text/plain"]


def test_a_tape_as_the_value_of_a_cell_is_its_story():
    """A notebook that is only read shows what happened as text."""
    tape = moons_tape()
    assert pages.story_html(tape) in tape._repr_html_()
