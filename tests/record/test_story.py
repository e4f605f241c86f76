"""A story tells every moment with its real numbers, in every language."""

import re
import string

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError
from seegrad.record.story import LANGUAGES, WORDS, sentence

LAYERS = nn.Module.samples


def places(template):
    """The names between the braces of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.fixture(scope="module")
def tape():
    """A step of a network with a kinked activation."""
    x, y = sg.data.moons(4, seed=0)
    model = nn.MLP(2, [3], 1, activation="relu", seed=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    return sg.record(model, x, y, loss="bce_with_logits", optimizer=optimizer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_sentence_of_english(language):
    """The same templates, with the same places for numbers."""
    english, other = WORDS["en"], WORDS[language]
    assert {k: places(v) for k, v in english.items()} == {
        k: places(v) for k, v in other.items()
    }


def test_a_language_that_is_not_spoken_is_refused(tape):
    """The error lists those that are."""
    with pytest.raises(ArgumentError, match="'fr'"):
        tape.story("fr")


def test_the_numbers_of_an_operation_are_those_of_the_tape(tape):
    """The first sum of a product, term by term."""
    event = tape.at(0, "forward", "matmul")
    x, w = event.input_values
    told = sentence(event)
    terms = [float(n) for n in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", told)]
    expected = [x[0, 0], w[0, 0], x[0, 1], w[1, 0], event.value[0, 0]]
    np.testing.assert_allclose(terms, expected, rtol=1e-3)


def test_a_unit_that_is_off_is_pointed_out(tape):
    """relu counts its zeros; a single number below zero stops the gradient."""
    event = tape.at(0, "forward", "relu")
    zeros = int((event.value == 0.0).sum())
    assert f"{zeros} of 12 numbers are zero" in sentence(event)
    with sg.recording() as single:
        sg.Value(-2.0).relu()
    assert "no gradient will flow back" in sentence(single[0])


def test_the_loss_is_called_the_loss(tape):
    """The result where the walk backward starts, and no other."""
    told = [sentence(e) for e in tape if "This is the loss" in sentence(e)]
    assert 1 == len(told)
    assert f"{tape.losses[0]:.4g}" in told[0]


def test_a_slope_is_multiplied(tape):
    """Back through softplus: gradient times slope is what was sent."""
    event = tape.at(0, "backward", "softplus")
    g, local, share = (
        float(np.ravel(v)[0]) for v in (event.gradient, event.local[0], event.shares[0])
    )
    assert f"{g:.4g} times {local:.4g} = {share:.4g}" in sentence(event)
    assert share == pytest.approx(g * local, rel=1e-6)


def test_an_update_says_from_where_to_where():
    """One number moves from its old to its new value, by their difference."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        (w * w).backward()
        w.data = w.data - 0.1 * w.grad
    assert "w moves from 2 to 1.6, by -0.4." == sentence(tape[-1])
    assert "w ändert sich von 2 auf 1.6, um -0.4." == sentence(tape[-1], "de")


def test_an_update_of_many_numbers_names_the_one_that_moves_furthest(tape):
    """With its place, and from where to where."""
    event = tape.events(kind="assign")[0]
    moves = event.value - event.before
    at = np.unravel_index(np.argmax(abs(moves)), moves.shape)
    before, after = (f"{v[at]:.4g}" for v in (event.before, event.value))
    told = f"0.weight[{at[0]}, {at[1]}] moves furthest: from {before} to {after}"
    assert told in sentence(event)


def test_a_parameter_that_stays_is_said_to_stay():
    """With a gradient of zero there is nothing that moves furthest."""
    p = sg.tensor([1.0, 2.0], requires_grad=True, name="p")
    with sg.recording() as tape:
        (p * 0.0).sum().backward()
        p.assign(p.data - 0.1 * p.grad)
    assert "p stays as it is." == sentence(tape[-1])


def test_the_way_back_through_a_product_is_a_product(tape):
    """Both factors get the gradient times the other one, with the first sum."""
    event = tape.events(phase="backward", op="matmul")[0]
    g, (x, y) = event.gradient, event.input_values
    to_left, to_right = sentence(event).split(". ", 1)
    expected = [g[0, 0], y[0, 0], g[0, 0] * y[0, 0]]
    told = re.findall(r"-?\d+\.\d+(?:e-?\d+)?", to_left.partition("numbers is")[2])
    np.testing.assert_allclose([float(n) for n in told], expected, rtol=1e-3)
    assert f"{x[0, 0]:.4g} * " in to_right.replace("(", "").replace(")", "")
    assert to_right.endswith(f"= {event.shares[1][0, 0]:.4g}.")


def test_a_product_with_data_sends_back_to_the_weights_alone(tape):
    """The input needs no gradient and is not said to get one."""
    event = tape.events(phase="backward", op="matmul")[-1]
    assert sentence(event).startswith(
        "Back through matmul: 0.permute gets x transposed"
    )


def test_numbers_that_are_all_alike_are_told_once(tape):
    """A sum sends the same gradient to each of its numbers."""
    told = sentence(tape.at(0, "backward", "sum"))
    assert "goes on to loss.add as 4 × 1 numbers, each 0.25." in told


def test_a_gradient_that_goes_on_as_it_is_is_said_to(tape):
    """Through an addition, unless it is summed for a bias."""
    told = sentence(tape.events(phase="backward", op="add")[1])
    assert "unchanged to 2.matmul and to 2.bias as" in told


def test_a_reduction_names_its_axes():
    """One, several, and none where it takes them all."""
    x = sg.tensor(np.ones((2, 3, 4)))
    with sg.recording() as tape:
        x.sum(dim=1), x.sum(dim=(0, 2)), x.sum()
    told = [sentence(event) for event in tape]
    assert "along axis 1:" in told[0]
    assert "along the axes 0 and 2:" in told[1]
    assert "along" not in told[2]


def test_a_movement_says_what_moves():
    """Rows and columns, or the shape alone."""
    x = sg.tensor(np.zeros((2, 3)), name="x")
    with sg.recording() as tape:
        x.T, x.reshape(6)
    told = [sentence(event) for event in tape]
    assert "x transposed: its rows become columns, 2 × 3 becomes 3 × 2." == told[0]
    assert told[1].endswith("the same numbers of x in the same order, now as 6.")


def test_thousands_are_grouped_as_the_language_does():
    """In German 1,024 would be a little more than one."""
    with sg.recording() as tape:
        sg.tensor(np.zeros(1024)).tanh()
    assert " 1,024 results" in sentence(tape[0])
    assert " 1\N{NARROW NO-BREAK SPACE}024 Ergebnisse" in sentence(tape[0], "de")


def test_gradients_that_add_up_are_told_as_such():
    """What a forgotten zero_grad looks like."""
    w = sg.Value(2.0, name="w", requires_grad=True)
    with sg.recording() as tape:
        (w * w).backward()
        (w * w).backward()
    told = [sentence(e) for e in tape.events(kind="gradient")]
    assert "w has its gradient: 4." == told[0]
    assert "w already had a gradient, 4; the new one is added: 8." == told[1]


def test_a_story_has_a_heading_for_each_phase(tape):
    """In order, each once; one line for each event."""
    for language in LANGUAGES:
        lines = tape.story(language).splitlines()
        headings = [
            WORDS[language][p] for p in ("forward", "loss", "backward", "update")
        ]
        assert headings == [line for line in lines if line in headings]
        assert len(tape) == sum(line[:5].strip().isdigit() for line in lines)


def test_a_story_that_ended_early_says_so():
    """With the reason."""
    with pytest.raises(ZeroDivisionError), sg.recording() as tape:  # noqa: PT012
        sg.Value(2.0) * 3.0
        1 / 0
    assert tape.story().endswith("ended: ZeroDivisionError: division by zero")


@pytest.mark.parametrize("sample", LAYERS, ids=str)
def test_every_layer_can_be_told(sample, recorded):
    """No event of any layer is without a sentence, with or without its numbers."""
    _, tape = recorded(sample)
    for step in tape.steps:
        told = [sentence(event, language) for event in tape for language in LANGUAGES]
        assert all(text.endswith((".", "!")) for text in told)
        step.summarised(0)
        told = [sentence(event, language) for event in tape for language in LANGUAGES]
        assert all(told)
