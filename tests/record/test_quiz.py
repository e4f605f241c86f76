"""Questions come from the tape, and wrong answers are recognised."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError
from seegrad.record.question import CONCEPTS, Mistake, Question
from seegrad.record.quiz import WORDS
from seegrad.record.story import LANGUAGES


@pytest.fixture(scope="module")
def tape():
    """A step of a small network by Adam."""
    x, y = sg.data.moons(8, seed=0)
    model = nn.MLP(2, [4, 3], 1, activation="tanh", seed=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    return sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)


def test_there_is_a_question_about_every_concept(tape):
    """One step of a network gives all kinds."""
    assert set(CONCEPTS) == {q.concept for q in sg.quiz(tape).questions}


@pytest.mark.parametrize("concept", CONCEPTS)
def test_the_answer_is_right_and_mistakes_are_named(tape, concept):
    """Each question accepts its answer, and tells each mistake in its own words."""
    for seed in range(3):
        for question in sg.quiz(tape, ask=concept, seed=seed).questions:
            feedback = question.check(question.answer)
            assert feedback.right, str(question)
            assert question.explanation in feedback.words
            for mistake in question.mistakes:
                told = question.check(mistake.answer)
                assert not told.right, str(question)
                assert told.mistake


def test_the_answers_are_the_numbers_of_the_tape(tape):
    """A gradient sent on is one of the shares; a fork is the stored gradient."""
    for question in sg.quiz(tape, ask="chain rule").questions:
        event = tape[question.event]
        if not question.options:
            shares = np.concatenate(
                [np.ravel(s) for s in event.shares if s is not None]
            )
            assert np.any(np.isclose(shares, question.answer, rtol=1e-6))
    for question in sg.quiz(tape, ask="sum at a fork").questions:
        name = question.text.split(" is used")[0]
        receipt = tape.why(name)
        assert receipt.gradient == pytest.approx(question.answer, rel=1e-5)


def test_the_direction_of_an_update_is_what_happened(tape):
    """Larger or smaller, as the parameter moved."""
    for question in sg.quiz(tape, ask="update").questions:
        if question.options[0] == "larger":
            name = question.text.split(" is ")[0]
            receipt = tape.why(name)
            assert ("larger" if receipt.new > receipt.old else "smaller") == (
                question.answer
            )


def test_a_forgotten_slope_is_named():
    """The gradient arriving, sent on as it is."""
    x = sg.Value(0.8, name="x", requires_grad=True)
    with sg.recording() as tape:
        (x.tanh() * 3.0).backward()
    seeds = range(12)
    found = [
        q for s in seeds for q in sg.quiz(tape, ask="chain rule", seed=s).questions
    ]
    question = next(q for q in found if not q.options and "at tanh = " in q.text)
    assert "forgot the slope of tanh" in question.check(3.0).mistake
    slope = 1 - np.tanh(0.8) ** 2
    assert question.check(3.0 * slope).right
    assert "the slope alone" in question.check(slope).mistake


def test_a_fork_taken_once_is_named():
    """x * x: 2 is half of the gradient 4."""
    x = sg.Value(2.0, name="x", requires_grad=True)
    with sg.recording() as tape:
        (x * x + x * 3.0).backward()
    (question,) = [
        q
        for q in sg.quiz(tape, ask="sum at a fork").questions
        if q.text.startswith("x")
    ]
    assert 7.0 == question.answer
    assert "one place only" in question.check(3.0).mistake
    assert "multiplied" in question.check(12.0).mistake


def test_the_weakest_concept_is_asked_next(tape):
    """After a wrong answer its concept comes before those that went well."""
    quiz = sg.quiz(tape)
    for concept in CONCEPTS:
        question = next(q for q in quiz.questions if q.concept == concept)
        wrong = 1e9 if not question.options else next(
            o for o in question.options if o != question.answer
        )  # fmt: skip
        quiz.answer(question, wrong if concept == "update" else question.answer)
    assert "update" == quiz.next().concept
    assert (0, 1) == quiz.score["update"]
    assert (1, 1) == quiz.score["forward"]


def test_a_quiz_ends_when_all_are_answered(tape):
    """Each question is asked once."""
    quiz = sg.quiz(tape)
    asked = []
    while (question := quiz.next()) is not None:
        asked.append(question)
        quiz.answer(question, question.answer)
    assert len(quiz) == len(asked) == len({id(q) for q in asked})
    assert {id(q) for q in quiz} == {id(q) for q in asked}
    assert all(right == count for right, count in quiz.score.values())


def test_a_quiz_is_played_in_the_terminal(tape):
    """Right, wrong, unreadable, and an empty answer at the end."""
    quiz = sg.quiz(tape, ask="forward")
    answers = iter(["0.5", "hello", ""])
    said = []
    score = quiz.play(ask=lambda prompt: next(answers), say=said.append)
    assert {"forward"} == set(score)
    assert any("is none" in line for line in said)
    assert said[-1].startswith("Quiz(forward")


def test_the_same_seed_asks_the_same(tape):
    """And another seed something else."""
    texts = [[q.text for q in sg.quiz(tape, seed=s).questions] for s in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiz_speaks_every_language_of_the_story(tape, language):
    """The same questions and answers, in other words."""
    english, other = sg.quiz(tape), sg.quiz(tape, language=language)
    assert WORDS[language].keys() == WORDS["en"].keys()
    assert [q.event for q in english.questions] == [q.event for q in other.questions]
    numbers = [
        [q.answer for q in z.questions if not q.options] for z in (english, other)
    ]
    assert numbers[0] == numbers[1]


def test_options_are_chosen_by_number_or_text():
    """1 is the first; anything else is refused with the list."""
    question = Question("update", 0, "?", "up", "It rose.", ("up", "down"),
                        (Mistake("down", "No."),))  # fmt: skip
    assert question.check("1").right
    assert question.check("up").right
    assert "✗ No. It rose." == question.check(2).words
    with pytest.raises(ArgumentError, match="up, down"):
        question.check("sideways")
    assert "?\n  1  up\n  2  down" == str(question)


def test_numbers_may_be_written_as_people_do():
    """A decimal comma, a real minus sign; words are refused."""
    question = Question("forward", 0, "?", -0.25, "So it is.")
    assert question.check("−0,25").right
    assert question.check("-0.26").right
    assert not question.check("0.25").right
    with pytest.raises(ArgumentError, match="is a number"):
        question.check("a quarter")


@pytest.mark.parametrize(
    ("settings", "text"),
    [({"ask": "magic"}, "'magic'"), ({"language": "fr"}, "'fr'")],
)
def test_what_cannot_be_asked_is_refused(tape, settings, text):
    """The error lists what can."""
    with pytest.raises(ArgumentError, match=text):
        sg.quiz(tape, **settings)


def test_a_tape_without_an_update_has_no_question_about_it():
    """It says what to record instead."""
    tape = sg.record(nn.Linear(2, 1, seed=0), [[1.0, 2.0]])
    with pytest.raises(ArgumentError, match="no question about update"):
        sg.quiz(tape, ask="update")
