"""A tape in a notebook: shown by a real kernel, played from what that stored."""

import os
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
CELLS = (
    """
import seegrad as sg
from seegrad import nn, optim
x, y = sg.data.moons(8, noise=0.1, seed=0)
model = nn.MLP(2, [4], 1, activation="tanh", seed=0)
optimizer = optim.SGD(model.parameters(), lr=0.5)
tape = sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer, steps=2)
tape.show()
""",
    """
with sg.recording() as expression:
    (sg.Value(2.0, name="a") * sg.Value(-3.0, name="b") + 10.0).tanh().backward()
expression.show()
""",
)


@pytest.fixture(scope="module")
def bundles():
    """What the two cells have displayed, as a notebook stores it."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    source = str(HERE.parents[1] / "src")
    paths = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    return [cell.outputs[0]["data"] for cell in notebook.cells]


@pytest.fixture
def notebook(browser, bundles, tmp_path):
    """Opens a page with the outputs, light or dark and as wide as a notebook."""
    contexts, trouble = [], []

    def open_page(light="true", width=1280):
        outputs = "".join(f"<div>{bundle['text/html']}</div>" for bundle in bundles)
        file = tmp_path / "notebook.html"
        file.write_text(
            f'<!doctype html><body data-jp-theme-light="{light}">{outputs}',
            encoding="utf-8",
        )
        context = browser.new_context(viewport={"width": width, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == trouble


def frames(page):
    """The players, each in its frame."""
    return [page.frame_locator("iframe").nth(k) for k in range(len(CELLS))]


def grown(page, k, at_least):
    """Wait until a frame has been made at least so high; its height then."""
    page.wait_for_function(
        "([k, least]) => document.querySelectorAll('iframe')[k].clientHeight >= least",
        arg=[k, at_least],
    )
    return page.locator("iframe").nth(k).bounding_box()["height"]


def test_the_arrow_keys_move_the_player_that_was_clicked(notebook):
    """Two in one notebook do not disturb each other, nor does the notebook scroll."""
    page = notebook()
    first, second = frames(page)
    first.locator(".sg-story").click()
    before = page.evaluate("scrollY")
    for key in ("ArrowRight", "ArrowRight", "Control+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert before == page.evaluate("scrollY")
    second.locator(".sg-story").click()
    page.keyboard.press("ArrowRight")
    assert 46 == READING.position(first)
    assert 1 == READING.position(second)


def test_the_frame_is_as_high_as_its_page(notebook):
    """Nothing is cut off, and below a small picture there is no empty room."""
    page = notebook()
    for k, frame in enumerate(frames(page)):
        frame.locator(".sg-slider").fill("5")
        needed = frame.locator(".sg-player").evaluate("e => e.offsetHeight")
        assert needed == pytest.approx(grown(page, k, needed), abs=2)


def test_a_long_view_scrolls_inside_of_its_frame(notebook):
    """A frame stays below 1400 pixels."""
    page = notebook()
    first, _ = frames(page)
    first.get_by_role("button", name="All numbers").click()
    first.locator(".sg-slider").fill("44")
    assert 1400 == grown(page, 0, 1400)


def test_in_a_narrow_notebook_an_explanation_is_in_sight(notebook):
    """It comes up from the lower edge of the frame, which ends before the window."""
    page = notebook(width=480)
    first, _ = frames(page)
    first.locator(".sg-network .sg-number.sg-data").first.click()
    page.wait_for_function("document.querySelector('iframe').clientHeight <= 720")


def test_light_and_dark_are_those_of_the_notebook(notebook):
    """Whatever the system has, and when it changes."""
    page = notebook(light="false")
    first, second = frames(page)
    for frame in (first, second):
        frame.locator(".sg-player.sg-dark").wait_for()
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    first.locator(".sg-player.sg-light").wait_for()


def test_a_line_of_a_cell_is_named_by_its_cell(notebook):
    """Not by the temporary file that a kernel makes of it."""
    first, _ = frames(notebook())
    assert "In[1]:6" in first.locator(".sg-source").inner_text()


def test_where_frames_are_taken_out_a_sentence_remains(bundles):
    """A notebook that is not trusted says what to do; a terminal shows the tape."""
    html = bundles[0]["text/html"]
    inside = html[html.index(">") + 1 :]
    assert "once this notebook is trusted" in inside[-200:]
    assert bundles[0]["text/plain"].startswith("Tape(2 steps, 90 events")
