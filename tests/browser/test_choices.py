"""What the reader chooses: language, light or dark, colours; kept where it can be."""

import runpy
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
moons = TAPES.moons


def colour(page, selector, what="color"):
    """A colour as the browser computes it."""
    script = f"e => getComputedStyle(e).{what}"
    return page.locator(selector).first.evaluate(script)


def test_the_page_speaks_the_language_of_the_browser(opened):
    """German for a German browser, English for one it does not know."""
    assert "Vorwärts" in opened(moons(), language="de-AT").locator("main").inner_text()
    assert "Forward" in opened(moons(), language="fr-FR").locator("main").inner_text()


def test_every_word_of_the_page_changes_with_the_language(opened):
    """No English word of the page is left, and it is marked as German."""
    page = opened(moons())
    page.locator(".sg-slider").fill("23")
    page.get_by_label("Language").select_option("de")
    assert "de" == page.locator(".sg-player").get_attribute("lang")
    text = page.locator(".sg-player").inner_text()
    for word in ("Forward", "Backward", "Step", "This operation", "Sample", "units"):
        assert word not in text, word
    assert page.get_by_role("button", name="Eine Operation weiter").is_visible()


def test_the_sentence_is_told_in_the_chosen_language(opened):
    """It is the one that the tape brought along for it."""
    from seegrad.record.story import sentence

    page = opened(moons())
    page.locator(".sg-slider").fill("3")
    for language in ("de", "en"):
        page.get_by_label("Language" if language == "de" else "Sprache").select_option(
            language
        )
        told = READING.typed(page.locator(".sg-story").inner_text())
        assert sentence(moons()[3], language) == told


def test_light_and_dark_follow_the_system_until_one_is_chosen(opened):
    """Then the choice holds."""
    from playwright.sync_api import expect

    page = opened(moons(), dark=True)
    player = page.locator(".sg-player")
    expect(player).to_have_css("background-color", "rgb(20, 23, 28)")
    page.emulate_media(color_scheme="light")
    expect(player).to_have_css("background-color", "rgb(255, 255, 255)")
    page.get_by_label("Theme").select_option("dark")
    expect(player).to_have_css("background-color", "rgb(20, 23, 28)")


def test_other_colours_change_positive_and_negative(opened):
    """The edges take the colours of the palette."""
    page = opened(moons())
    before = colour(page, ".sg-positive-edge", "stroke")
    page.get_by_label("Colours").select_option("prgn")
    assert before != colour(page, ".sg-positive-edge", "stroke")


def test_a_choice_is_kept_for_the_next_time(opened):
    """As far as the browser lets a file keep something."""
    page = opened(moons())
    page.get_by_label("Theme").select_option("dark")
    page.reload()
    assert "dark" == page.get_by_label("Theme").input_value()


def test_in_a_frame_that_may_keep_nothing_it_works_all_the_same(browser, tmp_path):
    """A notebook shows the page in a frame of its own, without a place to keep."""
    from seegrad.record.page import frame
    from seegrad.record.page import page as text_of

    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html>{frame(text_of(moons()))}", encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    trouble = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(file.as_uri())
    inside = page.frame_locator("iframe")
    inside.locator(".sg-slider").fill("3")
    inside.get_by_label("Theme").select_option("dark")
    assert "tape[3]" == inside.locator(".sg-where code").first.inner_text()
    context.close()
    assert [] == trouble
