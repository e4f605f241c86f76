"""Where a number comes from: hover, focus, hold; formula, numbers put in, links."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

HERE = Path(__file__).parent
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
number, position, until = READING.number, READING.position, READING.until
digits, expression, moons = TAPES.digits, TAPES.expression, TAPES.moons
DIGITS = 1e-3


def at(page, event):
    """Stand on an event."""
    page.locator(".sg-slider").fill(str(event))


def on_stage(page, quantity, index, aspect="value"):
    """The number of a quantity on the stage."""
    place = f'[data-quantity="{quantity}"][data-index="{index}"]'
    return page.locator(f'.sg-network {place}[data-aspect="{aspect}"]').last


def parts(page):
    """The numbers put in, by their names."""
    return {
        row.locator(".sg-part-name").inner_text(): number(
            row.locator(".sg-number").inner_text()
        )
        for row in page.locator(".sg-inspector .sg-parts li").all()
    }


def test_hovering_a_number_shows_its_formula_and_the_numbers_put_in(opened):
    """x + y, and both of them with their values."""
    tape = moons()
    page = opened(tape)
    at(page, 2)
    event = tape[2]
    on_stage(page, event.output.id, 1).hover()
    left, right = (np.ravel(v)[1] for v in event.input_values)
    assert {"0.matmul[0, 1]": left, "0.bias[1]": right} == pytest.approx(
        parts(page), rel=DIGITS
    )
    inspector = page.locator(".sg-inspector")
    assert "x + y" in inspector.locator(".sg-reason .sg-formula").inner_text()
    exact = number(inspector.locator(".sg-large output").inner_text())
    assert np.float32(exact) == event.value[0, 1]
    page.mouse.move(2, 2)
    assert "This operation" == inspector.locator("h2").inner_text()


def test_focusing_a_number_does_the_same_without_a_pointer(opened):
    """And Enter holds it, leads to the explanation, and Escape leads back."""
    page = opened(expression())
    page.keyboard.press("End")
    button = on_stage(page, 5, 0)
    button.focus()
    inspector = page.locator(".sg-inspector")
    assert "tanh(4) = 0.9993" in inspector.inner_text()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.tagName === 'H2'")
    assert "true" == button.get_attribute("aria-pressed")
    page.keyboard.press("Escape")
    assert "This operation" == inspector.locator("h2").inner_text()
    until(page, "document.activeElement.dataset.quantity === '5'")


def test_a_matrix_product_lists_the_products_that_add_up(opened):
    """Their sum is the number; each factor is the tape's."""
    tape = moons()
    page = opened(tape)
    at(page, 5)
    event = tape[5]
    on_stage(page, event.output.id, 0).click()
    rows = page.locator(".sg-inspector .sg-terms tbody tr").all()
    products = [number(row.locator("td").last.inner_text()) for row in rows]
    x, y = event.input_values
    assert list(x[0] * y[:, 0]) == pytest.approx(products, rel=DIGITS)
    total = number(page.locator(".sg-terms tfoot strong").inner_text())
    assert event.value[0, 0] == pytest.approx(total, rel=DIGITS)


def test_a_gradient_is_the_arriving_one_times_the_local_derivative(opened):
    """Both factors and their product, from the backward event."""
    tape = moons()
    page = opened(tape)
    event = tape.at(0, "backward", "tanh")
    at(page, event.id)
    inner = event.inputs[0].id
    on_stage(page, inner, 2, "gradient").hover()
    found = list(parts(page).values())
    expected = [event.gradient[0, 2], event.local[0][0, 2]]
    assert expected == pytest.approx(found, rel=DIGITS)
    text = page.locator(".sg-inspector .sg-filled").first.inner_text()
    assert event.shares[0][0, 2] == pytest.approx(
        number(text.split("=")[-1].strip()), rel=DIGITS
    )
    rule = page.locator(".sg-inspector .sg-reason .sg-formula").first.inner_text()
    assert "dx = g * (1.0 - out * out)" in rule


def test_the_shares_of_a_number_used_twice_add_up(opened):
    """The output of the network goes into the loss by two ways."""
    tape = moons()
    page = opened(tape)
    at(page, 22)
    out = tape[6].output.id
    on_stage(page, out, 0, "gradient").click()
    shares = page.locator(".sg-inspector .sg-reason-share")
    assert 2 == shares.count()
    total = number(page.locator(".sg-large output").inner_text().lstrip("+"))
    assert np.float32(total) == pytest.approx(tape[22].gradient[0, 0])
    line = page.locator(".sg-answer > .sg-filled").inner_text()
    addends = [number(word) for word in line.split("=")[0].split()]
    assert total == pytest.approx(sum(addends), rel=DIGITS)


def test_an_updated_weight_is_explained_by_its_last_line(opened):
    """new = old - step, with both numbers."""
    tape = moons()
    page = opened(tape)
    event = tape.events(step=0, kind="assign")[0]
    at(page, event.id)
    on_stage(page, event.output.id, 3).hover()
    found = list(parts(page).values())
    old, new = event.before.ravel()[3], event.value.ravel()[3]
    assert old == pytest.approx(found[0], rel=DIGITS)
    assert new == pytest.approx(found[0] - found[1], rel=DIGITS)


def test_a_link_goes_to_the_event_that_made_a_number(opened):
    """The held number stays held, and the timeline stands on the event."""
    tape = moons()
    page = opened(tape)
    at(page, 2)
    on_stage(page, tape[2].output.id, 1).click()
    page.locator(".sg-inspector .sg-parts .sg-link").first.click()
    assert 1 == position(page)
    assert "0.add[0, 1]" == page.locator(".sg-inspector h2").inner_text()


def test_a_number_put_in_can_be_asked_in_turn(opened):
    """From the sum to the product, from the product to the input."""
    tape = moons()
    page = opened(tape)
    at(page, 2)
    on_stage(page, tape[2].output.id, 1).click()
    heading = page.locator(".sg-inspector h2")
    page.locator(".sg-inspector .sg-parts .sg-number").first.click()
    assert "0.matmul[0, 1]" == heading.inner_text()
    page.locator(".sg-inspector .sg-terms .sg-number").first.click()
    assert "x[0, 0]" == heading.inner_text()
    assert "when the step began" in page.locator(".sg-inspector").inner_text()


def test_a_held_number_follows_the_tape(opened):
    """Moving on, its value and its gradient come to be known."""
    tape = moons()
    page = opened(tape)
    at(page, 2)
    out = tape[3].output.id
    page.keyboard.press("ArrowRight")
    on_stage(page, out, 0).click()
    page.keyboard.press("Home")
    inspector = page.locator(".sg-inspector")
    assert "Not yet known" in inspector.inner_text()
    at(page, 23)
    assert inspector.locator(".sg-other .sg-gradient").is_visible()


def test_a_map_gives_its_numbers_as_a_table_to_the_keyboard(opened):
    """One stop for Tab; the arrows move inside and leave the tape alone."""
    page = opened(digits())
    at(page, 3)
    out = digits()[3].output
    page.locator(f'.sg-network .sg-map[data-quantity="{out.id}"]').focus()
    page.keyboard.press("Enter")
    until(page, "document.activeElement.tagName === 'H2'")
    table = page.locator(".sg-inspector .sg-grid table")
    assert table.is_visible()
    table.locator("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert 3 == position(page)
    focused = page.evaluate("Number(document.activeElement.dataset.index)")
    assert out.shape[1] + 1 == focused
    assert 1 == table.locator('button[tabindex="0"]').count()


def test_without_a_number_the_event_shows_what_went_in_and_came_out(opened):
    """For a backward: the gradient arriving and each share."""
    tape = expression()
    page = opened(tape)
    event = tape.at(0, "backward", "mul")
    at(page, event.id)
    groups = page.locator(".sg-inspector .sg-group")
    told = {
        group.locator("h3").inner_text(): [
            number(text.lstrip("+"))
            for text in group.locator(".sg-number").all_inner_texts()
        ]
        for group in groups.all()
    }
    assert list(event.shares) == pytest.approx(told["gradient sent on to"], rel=DIGITS)
    assert [event.gradient] == pytest.approx(told["gradient arriving"], rel=DIGITS)
    assert [2.0, -3.0] == told["put in"]


def test_the_source_line_is_named(opened):
    """File and line of the event, and the user's line that called it."""
    page = opened(moons())
    at(page, 1)
    source = page.locator(".sg-source").inner_text()
    event = moons()[1]
    assert f"{event.source.line}" in source
    assert "seegrad/nn/linear.py" in source
    assert f"tapes.py:{event.caller.line}" in source


def test_a_pointer_that_rests_asks_nothing_while_the_tape_moves(opened):
    """Who steps by keyboard sees the operation, whatever comes under the pointer."""
    tape = moons()
    page = opened(tape)
    at(page, 2)
    on_stage(page, tape[2].output.id, 1).hover()
    heading = page.locator(".sg-inspector h2")
    assert "0.add[0, 1]" == heading.inner_text()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
        assert "This operation" == heading.inner_text()


def test_a_weight_leads_to_the_update_that_gave_it_its_value(opened):
    """In the second step, to the assignment of the first; at first, it was given."""
    tape = moons()
    page = opened(tape)
    weight = tape.quantity("0.weight").id
    on_stage(page, weight, 0).click()
    links = page.locator(".sg-inspector .sg-reason .sg-link")
    assert 0 == links.count()
    page.keyboard.press("Control+ArrowRight")
    links.click()
    event = tape[position(page)]
    assert ("assign", 0, "0.weight") == (event.kind, event.step, event.output.name)


def test_the_gradient_in_an_update_leads_to_where_it_was_stored(opened):
    """From the optimizer's first line back to the end of the walk."""
    tape = moons()
    page = opened(tape)
    at(page, tape.at(0, "update").id)
    entry = page.locator(".sg-detail-entry", has_text="0.weight.grad")
    entry.locator(".sg-link").click()
    event = tape[position(page)]
    assert ("gradient", "0.weight") == (event.kind, event.output.name)
