"""How the picture stands: nothing cut off, nothing on top of something else."""

import runpy
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import seegrad as sg

HERE = Path(__file__).parent
until = runpy.run_path(str(HERE / "reading.py"))["until"]
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
OUTLINE = 5  # pixels of paper around what an edge says
expression, moons = TAPES.expression, TAPES.moons


def test_a_small_network_fits_beside_its_explanation(opened):
    """Nothing of a 2-4-1 network has to be scrolled for, beside a scrollbar too."""
    page = opened(moons(), size={"width": 1280 - 15, "height": 800})
    for moment in (5, 23, 41):
        page.locator(".sg-slider").fill(str(moment))
        beyond = page.locator(".sg-scroll").evaluate(
            "e => e.scrollWidth - e.clientWidth"
        )
        assert 0 >= beyond


def test_no_number_of_a_unit_covers_another_one(opened):
    """Letter, value, gradient or new value stand side by side, at their longest."""
    page = opened(moons())
    for moment in (3, 32, 41):
        page.locator(".sg-slider").fill(str(moment))
        for row in page.locator(".sg-weight, .sg-outcome").all():
            boxes = row.evaluate(
                """row => [...row.querySelectorAll('.sg-letter, .sg-number')].map(e => {
                    const range = document.createRange();
                    range.selectNodeContents(e);
                    const { left, right } = range.getBoundingClientRect();
                    return [left, right];
                })"""
            )
            assert all(one[1] <= other[0] for one, other in pairwise(boxes))


def test_no_card_covers_what_an_edge_says(opened):
    """The local derivatives stand between the cards."""
    with sg.recording() as tape:
        x = sg.Value(0.7, name="x", requires_grad=True)
        for _ in range(5):
            x = x.tanh() * 0.9137
        x.backward()
    page = opened(tape)
    page.keyboard.press("End")
    columns = [box.bounding_box() for box in page.locator(".sg-column").all()]
    gaps = [(a["x"] + a["width"], b["x"]) for a, b in pairwise(columns)]
    labels = [box.bounding_box() for box in page.locator(".sg-edge-label").all()]
    assert labels
    for label in labels:
        left, right = label["x"] + OUTLINE, label["x"] + label["width"] - OUTLINE
        assert any(start <= left and right <= end for start, end in gaps)


def test_in_a_chain_of_operations_none_is_named_twice(opened):
    """tanh is its own sign; + has a name besides."""
    page = opened(expression())
    page.keyboard.press("End")
    titles = page.locator(".sg-card-title").all_inner_texts()
    assert ["tanh"] == [" ".join(t.split()) for t in titles if "tanh" in t]
    assert ["+ add"] == [" ".join(t.split()) for t in titles if "add" in t]


def test_on_a_phone_the_sample_says_what_it_is(opened):
    """A lone number in a list would tell nothing."""
    page = opened(moons(), size={"width": 360, "height": 740})
    label = page.locator(".sg-view .sg-choice > span")
    assert "Sample" == label.inner_text()
    assert label.bounding_box()["width"] > 20


def test_in_a_notebook_the_answer_stands_beside_the_sentence(opened):
    """In sight while the picture is asked, and the picture does not move for it."""
    page = opened(moons(), size={"width": 948, "height": 860})
    page.locator(".sg-slider").fill("23")
    stage = page.locator(".sg-stage").bounding_box()
    sentence = page.locator(".sg-sentence").bounding_box()
    page.locator(".sg-network .sg-number.sg-gradient").first.hover()
    answer = page.locator(".sg-inspector").bounding_box()
    assert "∂loss" in page.locator(".sg-inspector").inner_text()
    assert sentence["y"] == answer["y"]
    assert sentence["x"] + sentence["width"] < answer["x"]
    assert stage == page.locator(".sg-stage").bounding_box()


def test_a_held_number_does_not_cover_a_question(opened):
    """On a phone its explanation would lie upon it."""
    page = opened(moons(), size={"width": 360, "height": 740})
    page.locator(".sg-network .sg-number.sg-data").first.click()
    assert 1 == page.locator(".sg-holding").count()
    page.get_by_role("button", name="Predict").click()
    assert 0 == page.locator(".sg-holding").count()


def test_on_a_phone_the_asked_number_stays_in_sight(opened):
    """The explanation comes up from below and pushes the picture up if need be."""
    page = opened(moons(), size={"width": 360, "height": 740})
    number = page.locator(".sg-network .sg-number.sg-plain").nth(6)
    page.mouse.wheel(0, 300)
    until(page, "scrollY > 200")
    number.evaluate("e => scrollBy(0, e.getBoundingClientRect().bottom - 720)")
    number.click()
    until(
        page,
        """() => document.querySelector(".sg-stage .sg-held").getBoundingClientRect()
            .bottom < document.querySelector(".sg-inspector").getBoundingClientRect()
            .top""",
    )


def test_the_list_of_keys_closes_by_escape_and_by_leaving(opened):
    """It lies over the page and must not stay there."""
    page = opened(moons())
    keys, summary = page.locator(".sg-keys"), page.locator(".sg-keys summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".sg-keys dl").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".sg-keys dl").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert keys.get_attribute("open") is None
