"""Moving along the tape: keys, buttons, slider, bands, playing."""

import runpy
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
go, position = READING.go, READING.position
expression, moons, watched = TAPES.expression, TAPES.moons, TAPES.watched

STEP = len(moons().steps[0])


def test_the_arrows_move_one_operation_either_way(opened):
    """Right, right, left: one on from where it was."""
    page = opened(moons())
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    assert 1 == position(page)


def test_home_and_end_are_the_ends_and_nothing_is_beyond(opened):
    """The last event stays the last one, the first the first."""
    page = opened(moons())
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert len(moons()) - 1 == position(page)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert 0 == position(page)


def test_shift_and_an_arrow_move_one_layer(opened):
    """To the first operation of each layer, and of the loss, and back."""
    page = opened(moons())
    places = []
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
        places.append(position(page))
    events = list(moons().steps[0].events())
    assert [("1", 3), ("2", 4), ("", 7), ("", 16)] == [
        (events[k].layer, k) for k in places
    ]
    assert "loss" == events[7].phase
    page.keyboard.press("Shift+ArrowLeft")
    assert 7 == position(page)


def test_control_and_an_arrow_move_one_training_step(opened):
    """To the same operation of the next step, and back."""
    page = opened(moons())
    go(page, 5)
    page.keyboard.press("Control+ArrowRight")
    assert STEP + 5 == position(page)
    assert "Step 2 of 3" in page.locator(".sg-steps").inner_text()
    page.keyboard.press("Control+ArrowLeft")
    assert 5 == position(page)


def test_every_key_has_a_button(opened):
    """Each button does what its tip says."""
    page = opened(moons())
    for label, place in [
        ("One operation on", 1),
        ("One layer on", 3),
        ("One operation back", 2),
        ("One layer back", 0),
        ("One training step on", STEP),
        ("One training step back", 0),
        ("Last operation", len(moons()) - 1),
        ("First operation", 0),
    ]:
        page.get_by_role("button", name=label, exact=True).click()
        assert place == position(page), label


def test_a_key_still_works_after_a_button_was_pressed(opened):
    """The button keeps the focus, and leaves the arrows to the player."""
    page = opened(moons())
    page.get_by_role("button", name="Last operation", exact=True).click()
    page.keyboard.press("ArrowLeft")
    assert len(moons()) - 2 == position(page)


def test_the_slider_goes_anywhere(opened):
    """And tells a screen reader the phase and the sentence."""
    page = opened(moons())
    page.locator(".sg-slider").fill("20")
    assert 20 == position(page)
    assert "21 of 135, backward" in page.locator(".sg-slider").get_attribute(
        "aria-valuetext"
    )


def test_a_click_into_a_band_goes_there(opened):
    """The left end of the backward band is its end: it runs from right to left."""
    page = opened(moons())
    row = page.locator(".sg-band-backward .sg-band-row")
    row.click(position={"x": 3, "y": 10})
    assert "gradient" == moons()[position(page)].kind
    box = row.bounding_box()
    row.click(position={"x": box["width"] - 3, "y": 10})
    assert 16 == position(page)


def test_playing_moves_on_and_pauses(opened):
    """Space starts and stops; any move by hand stops too."""
    page = opened(expression())
    page.clock.install()
    page.keyboard.press("Space")
    page.clock.run_for(2000)
    assert 2 == position(page)
    page.keyboard.press("Space")
    page.clock.run_for(5000)
    assert 2 == position(page)


def test_playing_ends_at_the_end_and_begins_again(opened):
    """Play at the end starts from the beginning."""
    page = opened(expression())
    page.clock.install()
    page.keyboard.press("End")
    page.get_by_role("button", name="Play").click()
    assert 0 == position(page)
    page.clock.run_for(20_000)
    assert len(expression()) - 1 == position(page)
    assert page.get_by_role("button", name="Play").is_visible()


def test_the_keys_of_a_list_stay_its_own(opened):
    """An arrow in the list of languages does not move the tape."""
    page = opened(moons())
    page.get_by_label("Colours").focus()
    page.keyboard.press("ArrowRight")
    assert 0 == position(page)


def test_what_is_on_the_side_is_named_so(opened):
    """An accuracy after the update: its stretch, its phase, its sentence."""
    tape = watched()
    page = opened(tape)
    event = tape.at(0, "aside")
    go(page, event.id)
    assert "on the side" == page.locator(".sg-phase").inner_text().lower()
    labels = page.locator(".sg-band-forward .sg-stretch").all_inner_texts()
    assert "on the side" in [label.lower() for label in labels]
    assert "gt applied to" in page.locator("main").inner_text()
    page.keyboard.press("End")
    assert len(tape) - 1 == position(page)
