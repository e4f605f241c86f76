"""A forked run differs in what was changed, and in nothing else."""

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim
from seegrad.errors import ArgumentError, SeegradError
from seegrad.train import Run


def trained(**settings):
    """A short run on moons, with dropout so that random numbers count."""
    x, y = sg.data.moons(60, seed=0)
    y = y[:, None]  # for mse, too
    model = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1, seed=1)
    )
    optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
    arguments = {"epochs": 4, "batch_size": 16, "progress": False, "seed": 3}
    return sg.fit(
        model, x, y, loss="bce_with_logits", optimizer=optimizer,
        metrics=["accuracy"], **(arguments | settings),
    )  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """One run for those tests that only read it."""
    return trained()


def test_the_unchanged_lane_is_the_run_again(run):
    """Lane A has the run's own history and weights, bit for bit."""
    lane = run.fork(lr=0.1)["A"]
    assert run.history["loss"] == lane.run.history["loss"]
    for name, array in run.model.state_dict().items():
        np.testing.assert_array_equal(array, lane.run.model.state_dict()[name])


def test_a_change_is_all_that_differs(run):
    """The changed lane is what fit gives with that one setting."""
    lane = run.fork(lr=0.1)["B"]
    x, y = sg.data.moons(60, seed=0)
    y = y[:, None]  # for mse, too
    model = nn.Sequential(
        nn.Linear(2, 8, seed=0), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 1, seed=1)
    )
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    other = sg.fit(
        model, x, y, loss="bce_with_logits", optimizer=optimizer, epochs=4,
        batch_size=16, progress=False, seed=3,
    )  # fmt: skip
    assert other.history["loss"] == lane.run.history["loss"]


def test_the_run_is_left_alone(run):
    """Forking changes neither its model nor its optimizer."""
    before = run.model.state_dict(), run.optimizer.state_dict()
    run.fork({"momentum": 0.9}, lr=0.1, at="end")
    after = run.model.state_dict(), run.optimizer.state_dict()
    assert str(before) == str(after)


def test_lanes_are_compared_step_by_step(run):
    """Until the first update every lane has the same loss."""
    found = run.fork({"momentum": 0.0}, {"batch_size": 16}, lr=0.5)
    assert 4 == len(found)
    assert 1 == len(set(found.losses(0).values()))
    assert found["A"].losses == found["D"].losses
    assert found["A"].losses[1] != found["B"].losses[1]


def test_a_fork_at_the_end_goes_on(run):
    """All lanes begin with the weights that the run ended with."""
    found = run.fork(lr=0.1, at="end", epochs=1)
    prediction = run.model.eval()
    assert prediction is run.model
    run.model.train()
    first = found.losses(0)
    assert first["A"] == first["B"] < run.history["loss"][0]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"optimizer": "adam"}, lambda lane: type(lane.run.optimizer).__name__),
        ({"activation": "relu"}, lambda lane: type(lane.run.model.layers[1]).__name__),
        ({"nesterov": True}, lambda lane: str(lane.run.optimizer.nesterov)),
        ({"seed": 7}, lambda lane: str(lane.run.recipe.seed)),
        ({"loss": "mse"}, lambda lane: lane.run.recipe.loss.__name__),
        ({"shuffle": False}, lambda lane: str(lane.run.recipe.shuffle)),
        ({"batch_size": 30}, lambda lane: str(len(lane.losses))),
    ],
)
def test_everything_that_can_be_changed_is(run, changes, what):
    """Each change reaches its place."""
    expected = {
        "optimizer": "Adam", "activation": "ReLU", "nesterov": "True", "seed": "7",
        "loss": "mse", "shuffle": "False", "batch_size": "8",
    }  # fmt: skip
    lane = run.fork(**changes)["B"]
    assert expected[next(iter(changes))] == what(lane)


def test_one_weight_can_be_changed(run):
    """And only that one: its first step starts elsewhere."""
    found = run.fork(weights={"0.weight[2, 0]": 0.5}, epochs=1)
    assert found.losses(0)["A"] != found.losses(0)["B"]
    assert "0.weight[2, 0]" in found["B"].title


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lr": 0.1, "momentum": 0.9}, "changes lr and momentum"),
        ({"loss": "mse"}, "another loss"),
        ({"seed": 1}, "another order"),
        ({"batch_size": 8}, "8 rows in a step instead of 16"),
        ({"optimizer": "adam"}, "keeps the learning rate"),
    ],
)
def test_an_unfair_comparison_is_flagged(run, changes, words):
    """Each kind of unfairness in its own words."""
    found = run.fork(**changes, epochs=1)
    assert any(words in note for note in found.notes), found.notes
    assert words in str(found)


def test_one_change_is_fair(run):
    """Nothing to note."""
    assert [] == run.fork(lr=0.1, epochs=1).notes


def test_the_sentence_says_what_came_of_it(run):
    """In steps, where the changed lane got as far."""
    better = run.fork(lr=0.5)
    assert better.sentence.startswith("B differs from A only in lr=0.5;")
    assert "instead of 16" in better.sentence
    worse = run.fork(lr=1e-5)
    assert "it ended at loss" in worse.sentence


def test_a_lane_that_breaks_is_told(run):
    """A rate that overflows ends the lane, not the comparison."""
    with np.errstate(all="ignore"):
        found = run.fork(lr=1e38)
    assert "the" in found["B"].problem
    assert "it broke" in found.sentence
    assert {} == found.difference()


def test_weights_are_compared(run):
    """The largest difference of each parameter."""
    apart = run.fork(lr=0.1).difference()
    assert set(apart) == {name for name, _ in run.model.named_parameters()}
    assert all(d > 0.0 for d in apart.values())
    same = run.fork(lr=0.05).difference()
    assert {0.0} == set(same.values())


def test_lanes_are_drawn_together(run):
    """A curve for each, with its change."""
    found = run.fork(lr=0.1)
    texts = found.draw().scene.texts()
    assert any("B: lr=0.1" in text for text in texts)
    assert any("A: as it was" in text for text in texts)
    assert "loss" in texts
    assert "loss (log scale)" in found.draw(log=True).scene.texts()


@pytest.mark.parametrize(
    ("others", "settings", "text"),
    [
        ((), {}, "not with 0"),
        (({"lr": 1}, {"lr": 2}, {"lr": 3}), {"lr": 4}, "not with 4"),
        ((), {"learning_rate": 0.1}, "'learning_rate'"),
        ((), {"betas": (0.9, 0.99)}, "'betas'"),
        ((), {"lr": 0.1, "at": "middle"}, "'middle'"),
        ((), {"activation": "step"}, "'step'"),
        ((), {"weights": {"9.weight[0]": 1.0}}, "'9.weight"),
    ],
)
def test_a_fork_that_makes_no_sense_is_refused(run, others, settings, text):
    """Too few or many lanes, an unknown change, place or weight."""
    with pytest.raises(ArgumentError, match=text):
        run.fork(*others, **settings)


def test_a_run_made_by_hand_cannot_be_forked(run):
    """It does not know how it was made."""
    bare = Run(run.model, run.optimizer, run.history, 1, 1, None, 0.0)
    with pytest.raises(SeegradError, match="does not know how it was made"):
        bare.fork(lr=0.1)
