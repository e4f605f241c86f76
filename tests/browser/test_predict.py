"""Predict, then look: questions in the page, judged as in the terminal."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

import seegrad as sg

HERE = Path(__file__).parent
TAPES = SimpleNamespace(**runpy.run_path(str(HERE / "tapes.py")))
ACCESS = SimpleNamespace(**runpy.run_path(str(HERE / "test_access.py")))
READING = SimpleNamespace(**runpy.run_path(str(HERE / "reading.py")))


def asked(page, tape, language="en"):
    """The question on the page, found among those of Python."""
    text = READING.typed(page.locator(".sg-ask h2").inner_text())
    return next(q for q in sg.quiz(tape, language=language) if q.text == text)


def stands_at(page, event):
    """The player is, or is in a moment, at this event."""
    from playwright.sync_api import expect

    expect(page.locator(".sg-slider")).to_have_value(str(event))


def answer(page, question, given):
    """Choose or type an answer, and have it checked."""
    if question.options:
        page.locator(".sg-option").filter(has_text=str(given)).locator("input").check()
    else:
        page.locator(".sg-given input").fill(f"{given:.6g}")
    page.locator(".sg-ask [type=submit]").click()


def test_right_and_wrong_answers_are_told_apart(opened):
    """The mistake is named, the arithmetic shown, and the moment with it."""
    tape = TAPES.moons()
    page = opened(tape)
    page.get_by_role("button", name="Predict").click()
    right = wrong = 0
    for turn in range(6):
        question = asked(page, tape)
        stands_at(page, question.event - 1)
        mistaken = turn % 2 and question.mistakes
        given = question.mistakes[0].answer if mistaken else question.answer
        answer(page, question, given)
        told = READING.typed(page.locator(".sg-feedback").inner_text())
        assert question.explanation in told
        stands_at(page, question.event)
        if mistaken:
            wrong += 1
            assert question.check(given).mistake in told
            assert "✗" in told
        else:
            right += 1
            assert "✓" in told
        page.get_by_role("button", name="Next question").click()
    score = page.locator(".sg-score").inner_text()
    counts = [part.rsplit(" ", 1)[1].split("/") for part in score.split(" · ")]
    assert (right, right + wrong) == (
        sum(int(good) for good, _ in counts),
        sum(int(count) for _, count in counts),
    )


def test_the_picture_stands_below_the_question(opened):
    """With what is known just before, and after the answer with the number itself."""
    tape = TAPES.moons()
    page = opened(tape)
    page.get_by_role("button", name="Predict").click()
    question = asked(page, tape)
    out = tape[question.event].output.id
    assert {} == READING.shown(page, out, "value")
    assert 0 == page.locator(".sg-sentence").count()
    answer(page, question, question.answer)
    stands_at(page, question.event)
    assert READING.shown(page, out, "value")


def test_the_next_question_is_where_the_keyboard_is(opened):
    """Answered by keyboard alone: one Tab leads from a question to its answer."""
    page = opened(TAPES.moons())
    page.get_by_role("button", name="Predict").click()
    first = page.locator(".sg-ask h2").inner_text()
    page.locator(".sg-given input").fill("0.5")
    page.keyboard.press("Enter")
    READING.until(page, "document.activeElement.matches('.sg-feedback')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    READING.until(page, "document.activeElement.tagName === 'H2'")
    assert first != page.locator(":focus").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.sg-ask input')")


def test_what_is_no_number_is_not_counted(opened):
    """It says so, and the question stays."""
    x = sg.Value(0.8, name="x", requires_grad=True)
    with sg.recording() as tape:
        x.tanh().backward()
    page = opened(tape)
    page.get_by_role("button", name="Predict").click()
    page.locator(".sg-given input").fill("a bit")
    page.locator(".sg-ask [type=submit]").click()
    assert "is a number" in page.get_by_role("alert").inner_text()
    assert 0 == page.locator(".sg-score").count()


def test_questions_are_asked_in_german(opened):
    """The same ones, and no English word among them."""
    tape = TAPES.moons()
    page = opened(tape, language="de-DE")
    page.get_by_role("button", name="Vorhersagen").click()
    question = asked(page, tape, "de")
    answer(page, question, question.answer)
    assert "Richtig." in page.locator(".sg-feedback").inner_text()
    assert page.get_by_role("button", name="Nächste Frage").is_visible()


def test_a_tape_without_a_backward_asks_nothing(opened):
    """There is no such view then."""
    tape = sg.record(sg.nn.Flatten(), [[1.0, 2.0]])
    page = opened(tape)
    assert 0 == page.get_by_role("button", name="Predict").count()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ACCESS.SIZES)
def test_axe_finds_no_fault_in_a_question(opened, size, dark):
    """Before and after an answer, at both widths; nothing beyond the edge."""
    pytest.importorskip("axe_playwright_python")
    tape = TAPES.moons()
    page = opened(tape, size=ACCESS.SIZES[size], dark=dark)
    page.get_by_role("button", name="Predict").click()
    assert [] == ACCESS.faults(page)
    question = asked(page, tape)
    answer(page, question, question.answer)
    assert [] == ACCESS.faults(page)
    assert 0 == READING.overflow(page)
