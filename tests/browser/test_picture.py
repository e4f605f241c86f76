"""What is shown at a moment is what the tape knows at that moment, and no more."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
all_shown, go, number = READING.all_shown, READING.go, READING.number
shown = READING.shown
digits, expression, moons = TAPES.digits, TAPES.expression, TAPES.moons

EVENTS = len(moons().steps[0])
DIGITS = 1e-3  # numbers are shown in four digits


def value(tape, quantity, at):
    """What a quantity is worth once an event is done, flat; None: not known."""
    step = tape.steps[0]
    found = step.leaves.get(quantity)
    for k, deed in enumerate(step.deeds[: at + 1]):
        if deed.output == quantity and deed.kind in ("operation", "assign"):
            found = step.numbers[k][-1]
    return None if found is None else np.ravel(found)


def gradient(tape, quantity, at):
    """How much of its gradient has arrived once an event is done."""
    step, total = tape.steps[0], None
    for k, deed in enumerate(step.deeds[: at + 1]):
        if deed.kind == "backward":
            for position, q in enumerate(deed.inputs):
                share = step.numbers[k][1 + position]
                if q == quantity and share is not None:
                    total = share if total is None else total + share
            if deed.output == quantity and total is None:
                total = step.numbers[k][0]
    return None if total is None else np.ravel(total)


def test_every_number_on_the_stage_is_the_tapes(opened):
    """At each event of a step: values and gradients, weights before and after."""
    tape = moons()
    page = opened(tape)
    for at in range(EVENTS):
        page.locator(".sg-slider").fill(str(at))
        found = all_shown(page, ".sg-network")
        for (quantity, aspect), numbers in found.items():
            expected = (value if aspect == "value" else gradient)(tape, quantity, at)
            assert expected is not None, f"q{quantity} is not known at event {at}"
            told = [expected[index] for index in numbers]
            assert told == pytest.approx(list(numbers.values()), rel=DIGITS)
        assert ({"value", "gradient"} if at > 15 else {"value"}) == {
            aspect for _, aspect in found
        }


def test_forward_fills_from_left_to_right(opened):
    """After the first layer has multiplied, the second one is still empty."""
    tape = moons()
    page = opened(tape)
    go(page, 1)
    columns = page.locator(".sg-column")
    assert 0 == columns.nth(1).locator(".sg-unknown").count()
    assert 4 == columns.nth(2).locator(".sg-unknown").count()
    go(page, 3)
    assert 0 == columns.nth(2).locator(".sg-unknown").count()


def test_backward_fills_from_right_to_left(opened):
    """When the last layer has its gradients, the first one has none."""
    page = opened(moons())
    go(page, 23)
    columns = page.locator(".sg-column")
    assert 0 == columns.nth(1).locator(".sg-gradient").count()
    assert 4 == columns.nth(2).locator(".sg-gradient").count()


def test_an_update_shows_the_old_and_the_new_number(opened):
    """Both stand in the row of the weight, the arrow between them."""
    tape = moons()
    page = opened(tape)
    event = tape.events(step=0, kind="assign")[0]
    go(page, event.id)
    rows = page.locator(".sg-weight:has(.sg-becomes)")
    found = [
        [number(t) for t in row.locator(".sg-number").all_inner_texts()]
        for row in rows.all()
    ]
    expected = np.stack([event.before.ravel(), event.value.ravel()], axis=1)
    assert 8 == len(found)
    assert np.allclose(expected, found, rtol=DIGITS)
    assert "→" in rows.first.inner_text()
    go(page, event.id - 1)
    assert 0 == page.locator(".sg-becomes").count()


def test_another_example_shows_other_numbers(opened):
    """The units stand for the chosen example; its number is the tape's."""
    tape = moons()
    page = opened(tape)
    go(page, 3)
    page.get_by_label("Sample").select_option("5")
    out = tape[3]
    found = shown(page, out.output.id, "value", ".sg-network")
    assert sorted(found) == list(range(20, 24))
    assert [found[k] for k in sorted(found)] == pytest.approx(out.value[5], rel=DIGITS)


def test_a_later_step_starts_from_the_updated_weights(opened):
    """The first operation of step 1 sees what the update of step 0 left."""
    tape = moons()
    page = opened(tape)
    page.keyboard.press("Control+ArrowRight")
    weight = tape.quantity("0.weight")
    found = shown(page, weight.id, "value", ".sg-network")
    expected = np.ravel(tape.value("0.weight", step=0, after=True))
    assert [found[k] for k in range(8)] == pytest.approx(expected, rel=DIGITS)


def test_large_layers_are_maps_with_the_spread_in_words(opened):
    """A screen reader hears how many numbers there are, and from where to where."""
    page = opened(digits())
    go(page, 3)
    out = digits()[3]
    label = page.locator(
        f'.sg-network .sg-map[data-quantity="{out.output.id}"]'
    ).get_attribute("aria-label")
    assert label.startswith("value: 128 numbers from 0 to ")
    assert number(label.split()[-1]) == pytest.approx(out.value[0].max(), rel=DIGITS)


def test_a_cell_of_a_map_can_be_asked(opened):
    """The pointer over a cell names the number under it."""
    page = opened(digits())
    go(page, 1)
    page.locator('.sg-network .sg-map[data-quantity="2"] canvas').hover(
        position={"x": 14 * 3 + 7, "y": 14 * 1 + 7}
    )
    assert "x[0, 1, 3]" != page.locator(".sg-inspector h2").inner_text()
    assert "x[0, 11]" == page.locator(".sg-inspector h2").inner_text()
    shown_value = number(page.locator(".sg-large output").inner_text())
    assert shown_value == pytest.approx(float(digits().value("x")[0, 11]))


def test_an_expression_is_a_graph_of_its_numbers(opened):
    """Each quantity has a card, each edge an operand; unknown ones wait."""
    tape = expression()
    page = opened(tape)
    assert 6 == page.locator(".sg-card").count()
    assert 5 == page.locator(".sg-edges path").count()
    assert 2 == page.locator(".sg-card.sg-unknown").count()
    page.keyboard.press("End")
    for name, expected in (("a", tape[6].value), ("b", tape[7].value)):
        q = tape.quantity(name).id
        assert shown(page, q, "gradient", ".sg-graph")[0] == pytest.approx(
            expected, rel=DIGITS
        )


def test_all_numbers_are_also_a_table(opened):
    """What is known stands in rows; what is not, is not there."""
    page = opened(moons())
    page.get_by_role("button", name="All numbers").click()
    first = page.locator(".sg-quantities tbody tr").count()
    page.keyboard.press("End")
    assert first < page.locator(".sg-quantities tbody tr").count()


def test_the_story_is_a_list_that_leads_to_each_moment(opened):
    """A sentence for every event; a click on one stands there."""
    page = opened(moons())
    page.get_by_role("button", name="Story").click()
    lines = page.locator(".sg-telling .sg-line")
    assert EVENTS == lines.count()
    lines.nth(12).click()
    assert "step" == lines.nth(12).get_attribute("aria-current")
    assert lines.nth(12).inner_text() == page.locator(".sg-story").inner_text()


def test_local_derivatives_are_written_on_the_way_back(opened):
    """Once an operation has been passed, its edges say what they multiply by."""
    tape = expression()
    page = opened(tape)
    go(page, 2)
    labels = page.locator(".sg-edge-label")
    assert 0 == labels.count()
    page.keyboard.press("End")
    told = [number(text.strip("× ")) for text in labels.all_text_contents()]
    expected = [*tape[5].local, tape[4].local[0], tape[3].local[0]]
    assert sorted(map(float, expected)) == pytest.approx(sorted(told), rel=DIGITS)
