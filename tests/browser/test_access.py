"""For everybody: no fault that axe can find, nothing beyond the edge, on paper too."""

import runpy
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
overflow = READING.overflow
NAMES = ("moons", "digits", "expression")
SIZES = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 360, "height": 740},
}
# The moments that look most different: forward, backward, update.
MOMENTS = {"moons": (5, 23, 41), "digits": (3, 26, 84), "expression": (1, 4, 7)}


def faults(page):
    """What axe finds, in words."""
    from axe_playwright_python.sync_playwright import Axe

    result = Axe().run(page)
    return [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in result.response["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_no_fault(opened, size, dark):
    """Names, roles and contrast at forward, backward and update, with a number held."""
    pytest.importorskip("axe_playwright_python")
    page = opened(TAPES.moons(), size=SIZES[size], dark=dark)
    for moment in MOMENTS["moons"]:
        page.locator(".sg-slider").fill(str(moment))
        assert [] == faults(page)
    page.locator(".sg-network .sg-number.sg-data").first.click()
    assert [] == faults(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("palette", ["prgn", "mono"])
def test_axe_finds_no_fault_in_other_colours(opened, dark, palette):
    """The update has all of them on the page."""
    pytest.importorskip("axe_playwright_python")
    page = opened(TAPES.moons(), dark=dark)
    page.get_by_label("Colours").select_option(palette)
    page.locator(".sg-slider").fill("41")
    assert [] == faults(page)


@pytest.mark.parametrize("name", ["digits", "expression"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_fault_in_other_pictures(opened, name, dark):
    """Maps, graphs, the table and the story."""
    pytest.importorskip("axe_playwright_python")
    page = opened(getattr(TAPES, name)(), dark=dark)
    for moment in MOMENTS[name]:
        page.locator(".sg-slider").fill(str(moment))
        assert [] == faults(page)
    for view in ("All numbers", "Story"):
        page.get_by_role("button", name=view).click()
        assert [] == faults(page)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
def test_nothing_is_wider_than_a_phone(opened, name, language):
    """360 pixels, at each kind of moment, in each view, with a number held."""
    page = opened(getattr(TAPES, name)(), size=SIZES["phone"], language=language)
    for moment in MOMENTS[name]:
        page.locator(".sg-slider").fill(str(moment))
        assert 0 == overflow(page)
    for view in (1, 2, 0):
        page.locator(".sg-tabs button").nth(view).click()
        assert 0 == overflow(page)
    page.locator(".sg-network button.sg-number, .sg-network .sg-map").first.click()
    assert 0 == overflow(page)


def test_on_a_phone_layers_stand_below_each_other(opened):
    """And a held number is explained at the lower edge, within reach."""
    page = opened(TAPES.moons(), size=SIZES["phone"], has_touch=True)
    boxes = [box.bounding_box() for box in page.locator(".sg-column").all()]
    assert all(
        above["y"] + above["height"] <= below["y"] for above, below in pairwise(boxes)
    )
    page.locator(".sg-network .sg-number.sg-data").first.tap()
    box = page.locator(".sg-inspector").bounding_box()
    assert SIZES["phone"]["height"] == pytest.approx(box["y"] + box["height"], abs=1)


def test_buttons_are_large_enough_for_a_finger(opened):
    """44 pixels on a phone."""
    page = opened(TAPES.moons(), size=SIZES["phone"])
    for button in page.locator(".sg-buttons button").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 44


def test_a_move_is_announced(opened):
    """The sentence is a polite live region; while playing it is quiet."""
    page = opened(TAPES.moons())
    story = page.locator(".sg-story")
    assert "polite" == story.get_attribute("aria-live")
    before = story.inner_text()
    page.keyboard.press("ArrowRight")
    assert before != story.inner_text()
    page.keyboard.press("Space")
    assert "off" == story.get_attribute("aria-live")


def test_every_number_can_be_reached_by_the_tab_key(opened):
    """Timeline, controls, then the numbers in the order of the picture."""
    page = opened(TAPES.expression())
    page.keyboard.press("End")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className"))
    order = [name.split()[0] for name in reached if name]
    assert (
        order.index("sg-slider") < order.index("sg-button") < order.index("sg-number")
    )
    on_stage = page.locator(".sg-network .sg-number").count()
    assert on_stage <= order.count("sg-number")


def test_on_paper_there_are_no_controls_and_the_whole_story(opened):
    """The picture of the moment, and every sentence of the step."""
    tape = TAPES.moons()
    page = opened(tape, dark=True)
    page.locator(".sg-slider").fill("23")
    page.emulate_media(media="print")
    assert not page.locator(".sg-controls").is_visible()
    assert not page.locator(".sg-settings").is_visible()
    assert page.locator(".sg-network").is_visible()
    lines = page.locator(".sg-print-only .sg-line")
    assert len(tape.steps[0]) == lines.count()
    assert lines.last.is_visible()
    paper = page.locator(".sg-player").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert "rgb(255, 255, 255)" == paper


def test_who_wants_no_motion_gets_none(opened):
    """With reduced motion nothing on the page is animated."""
    page = opened(TAPES.moons())
    page.locator(".sg-slider").fill("23")
    moving = page.evaluate(
        "document.getAnimations().filter(a => a.playState === 'running').length"
    )
    assert 0 == moving


def test_without_scripts_the_story_is_there(browser, tmp_path):
    """The sentences of all operations, as plain text."""
    file = TAPES.moons().save(tmp_path / "tape.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert len(TAPES.moons()) == page.locator("ol li").count()
    context.close()


def test_sign_is_told_without_colour(opened):
    """Negative weights are dashed, negative gradients carry their sign in the text."""
    page = opened(TAPES.moons())
    page.locator(".sg-slider").fill("41")
    dashes = page.locator(".sg-negative-edge").first.evaluate(
        "e => getComputedStyle(e).strokeDasharray"
    )
    assert "none" != dashes
    texts = page.locator(".sg-network .sg-number.sg-gradient").all_inner_texts()
    assert all(text[0] in "+−0" for text in texts)
