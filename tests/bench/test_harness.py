"""The harness must be right before its numbers can be: turns, ratios, blame, words.

No other library is needed: engines are stand-ins, or the one that is NumPy by hand.
Nothing here depends on how fast the machine is.
"""

import doctest
import importlib
import math
import sys
import time

import pytest
from bench.engines import SCOPES, TITLES, NotAvailable, engine
from bench.harness import agreement, campaign, machine, rounds, worker
from bench.harness.environment import engine_environment
from bench.harness.process import EngineError, EngineProcess
from bench.harness.settings import Settings
from bench.harness.statistics import Ratio, ratio

from bench import __main__ as command

WITH_EXAMPLES = (
    *("bench.picture", "bench.tables", "bench.harness.agreement"),
    *("bench.harness.environment", "bench.harness.limits", "bench.harness.rounds"),
    "bench.harness.statistics",
)
ONE = Settings(("digits",), ("a", "b", "c"), rounds=4, block_seconds=1.0)


class Clockwork:
    """A stand-in for an engine's process: each step takes as long as it is told."""

    def __init__(self, name, seconds, journal, fails_at=None):
        self.name, self.seconds, self.journal = name, seconds, journal
        self.fails_at, self.asked = fails_at, 0

    def ask(self, wanted, **arguments):
        """Answer as the worker would, and note down who was asked."""
        self.asked += 1
        if self.asked == self.fails_at:
            raise EngineError("it broke")
        if wanted == "prepare":
            return {"seconds": 2.0}
        steps = arguments["steps"]
        if wanted == "losses":
            return {"losses": [float(i) for i in range(steps)], "first_seconds": 3.0}
        self.journal.append((self.name, steps))
        return {"seconds": steps * self.seconds, "processors": steps * self.seconds}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_every_example_in_a_docstring_runs(name):
    """pytest looks for examples in src only, so those of bench are run here."""
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert 0 == failed
    assert tried > 0


def test_a_block_has_as_many_steps_as_fill_it():
    """A step of 10 ms fills a second a hundred times, give or take a tenth."""
    steps = rounds.steps_for(Clockwork("a", 0.01, []), 1.0)
    assert 100 <= steps <= 111


def test_a_slow_step_is_a_block_by_itself():
    """Nobody waits for a second step that is not needed."""
    journal = []
    assert 1 == rounds.steps_for(Clockwork("a", 5.0, journal), 1.0)
    assert [("a", 1)] == journal


def test_engines_take_turns_and_begin_in_turn():
    """Every round has each engine once, and another one begins."""
    journal = []
    runners = {name: Clockwork(name, 2.0, journal) for name in "abc"}
    rounds.take_turns(runners, ONE)
    turns = [name for name, _ in journal[3:]]
    assert ["abc", "bca", "cab", "abc"] == [
        "".join(turns[i : i + 3]) for i in range(0, 12, 3)
    ]


def test_times_are_of_one_step():
    """Blocks of different lengths give the seconds of a step all the same."""
    runners = {"a": Clockwork("a", 0.25, []), "b": Clockwork("b", 3.0, [])}
    found = rounds.take_turns(runners, ONE)
    assert [0.25] * 4 == found["a"]["seconds"]
    assert [3.0] * 4 == found["b"]["seconds"]
    assert [1.0] * 4 == found["b"]["cores"]


def test_an_engine_that_fails_drops_out_alone():
    """The others go on, and the reason is kept."""
    runners = {
        "a": Clockwork("a", 2.0, [], fails_at=3),
        "b": Clockwork("b", 2.0, []),
        "c": Clockwork("c", 2.0, [], fails_at=1),
    }
    found = rounds.take_turns(runners, ONE)
    assert {"reason": "it broke"} == found["a"] == found["c"]
    assert 4 == len(found["b"]["seconds"])


def test_the_losses_after_one_two_and_ten_steps_are_kept():
    """They come with the time of building and of the first step together."""
    found = rounds.warmed_up(Clockwork("a", 1.0, []), "digits")
    assert {"losses": [0.0, 1.0, 9.0], "first_step": 5.0} == found


def test_a_ratio_is_taken_within_each_round():
    """A machine at half its pace slows both and changes no ratio."""
    ours, theirs = [1.0, 2.0, 1.0, 2.0], [3.0, 6.0, 3.0, 6.0]
    assert Ratio(3.0, 3.0, 3.0) == ratio(theirs, ours)
    assert "3.0 (3.0 to 3.0)" == str(ratio(theirs, ours))


def test_the_interval_is_that_of_the_quartiles():
    """Half of the rounds lie within."""
    assert Ratio(3.0, 2.0, 4.0) == ratio([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5)


def test_a_single_round_has_a_ratio():
    """Then the interval is a point."""
    assert Ratio(0.5, 0.5, 0.5) == ratio([1.0], [2.0])


def test_a_loss_that_is_no_number_is_infinitely_far():
    """NaN compares with nothing, so it is asked for by name."""
    found = agreement.deviations({"a": [1.0], "b": [1.0], "c": [math.nan]})
    assert math.inf == found["c"]


class Loser(Clockwork):
    """A stand-in whose every loss is the same number."""

    def __init__(self, loss):
        super().__init__("loser", 1.0, [])
        self.loss = loss

    def ready(self):
        """Importing took no time."""
        return {}

    def ask(self, wanted, **arguments):
        """The loss, as often as it is asked for."""
        answer = super().ask(wanted, **arguments)
        return answer | {"losses": [self.loss] * 10}


def test_an_engine_with_other_losses_is_called_wrong():
    """Half a percent is too much; half a thousandth is rounding."""
    engines = ("numpy_by_hand", "torch_eager", "jax_jit", "seegrad_eager")
    losses = (2.0, 2.0, 2.0005, 2.01)
    processes = dict(zip(engines, map(Loser, losses), strict=True))
    found = campaign.warm_up(processes, "digits")
    assert ["seegrad_eager"] == [n for n, each in found.items() if "reason" in each]
    results = {"times": {"digits": {"1": found}}}
    (problem,) = campaign.wrong(results)
    assert problem.startswith("seegrad eager on digits, threads 1: WRONG: its losses")


def test_variables_that_slow_numpy_are_taken_away():
    """Whatever else the environment has stays."""
    before = {"OPENBLAS_CORETYPE": "x", "OPENBLAS_L2_SIZE": "1", "HOME": "h"}
    assert {"HOME": "h"} == engine_environment(before, None)


def test_one_thread_is_said_in_every_language():
    """OpenMP, OpenBLAS, MKL, XLA and seegrad each have a variable of their own."""
    found = engine_environment({"OMP_NUM_THREADS": "8"}, 1)
    names = ("OMP", "OPENBLAS", "MKL", "SEEGRAD")
    assert ["1"] * 4 == [found[f"{name}_NUM_THREADS"] for name in names]
    assert "--xla_cpu_multi_thread_eigen=false" == found["XLA_FLAGS"]
    assert "OMP_NUM_THREADS" not in engine_environment({"OMP_NUM_THREADS": "8"}, None)


def test_a_command_that_fails_answers_with_the_reason():
    """One line, with the kind of error unless the engine itself declined."""

    class Failing:
        def time(self, steps):
            raise ZeroDivisionError("by\n  zero")

        def prepare(self, workload):
            raise NotAvailable("not here")

    failing = Failing()
    found = worker.answer(failing, {"command": "time", "steps": 1})
    assert {"error": "ZeroDivisionError: by zero"} == found
    found = worker.answer(failing, {"command": "prepare", "workload": "x"})
    assert {"error": "not here"} == found


def test_steps_go_unmeasured_until_the_threads_have_settled():
    """So many seconds of them pass before the block, which is as long as asked for."""
    counted = []

    class Engine:
        def wait(self, result):
            counted.append(len(steps))

    steps = []
    lone = worker.Worker.__new__(worker.Worker)
    lone.engine, lone.run = Engine(), lambda: steps.append(time.sleep(0.001))
    lone.time(steps=5, settle=0.02)
    before, after = counted
    assert 1 <= before <= 20
    assert 5 == after - before
    lone.time(steps=5)
    assert 1 == counted[2] - after


def test_a_real_process_answers():
    """NumPy by hand, from a fresh process through its pipes, halted in between."""
    with EngineProcess("numpy_by_hand", "1") as process:
        assert process.ready()["import_seconds"] > 0.0
        found = rounds.warmed_up(process, "digits")
        assert found["losses"][0] > found["losses"][1] > found["losses"][2]
        assert process.ask("time", steps=3)["seconds"] > 0.0
        assert process.ask("time", steps=3, settle=0.01)["seconds"] > 0.0
        assert process.ask("memory")["bytes"] >= 0
        process.ask("prepare", workload="mnist_large")
        process.ask("time", steps=1)
        least = 4 * 4 * 669_706 if sys.platform == "linux" else 0  # p, g, m, v
        assert process.ask("memory")["bytes"] >= least
        with pytest.raises(EngineError, match="training of lstm is left out"):
            process.ask("prepare", workload="lstm")


def test_an_engine_that_cannot_be_imported_says_why():
    """A library that is not installed is no reason to stop."""
    with (
        EngineProcess("unheard_of", "all") as process,
        pytest.raises(EngineError, match="ModuleNotFoundError"),
    ):
        process.ready()


def test_a_process_that_dies_raises_with_its_status():
    """The question it did not answer is answered by an error."""
    with EngineProcess("numpy_by_hand", "all") as process:
        process.ready()
        process.process.kill()
        with pytest.raises(EngineError, match="the process ended with"):
            process.ask("memory")


@pytest.mark.parametrize("name", ["moons", "digits", "mnist_small", "predict_digits"])
def test_seegrad_and_numpy_by_hand_compute_the_same(name):
    """Two engines that share no line of code agree for ten steps."""
    from bench.workloads import WORKLOADS

    found = []
    for each in ("seegrad_eager", "numpy_by_hand"):
        made = engine(each, None)
        step = made.step(WORKLOADS[name])
        found.append([made.number(step()) for _ in range(10)])
    ours, by_hand = found
    assert by_hand == pytest.approx(ours, rel=1e-4)


def test_every_engine_has_a_title_and_a_scope():
    """The two lists name the same engines in the same order."""
    assert list(TITLES) == list(SCOPES)


def test_the_machine_is_described_without_names(tmp_path):
    """Processor, cores and features are known; the rest of the file is not repeated."""
    file = tmp_path / "cpuinfo"
    file.write_text("model name\t: Fast 9\nflags\t\t: fpu avx2 fma secret\n\nother: 1")
    found = machine.described(file)
    assert "Fast 9" == found["processor"]
    assert ["avx2", "fma"] == found["features"]
    assert "Python" in machine.versions()


def test_a_machine_that_says_nothing_is_described_too(tmp_path):
    """Only Linux has such a file."""
    assert [] == machine.described(tmp_path / "absent")["features"]


def test_results_are_written_whole(tmp_path):
    """The file is there under its name, and nothing else is."""
    campaign.write(tmp_path / "new" / "r.json", {"a": 1})
    assert ["r.json"] == [file.name for file in (tmp_path / "new").iterdir()]


def test_an_unknown_workload_is_refused_with_those_that_are_known(capsys):
    """The command ends before it measures anything."""
    with pytest.raises(SystemExit):
        command.parser().parse_args(["--workloads", "moons,mooons"])
    assert "unknown: mooons; known: moons, digits" in capsys.readouterr().err


def test_names_are_read_with_commas_between():
    """What is not given is everything."""
    said = command.parser().parse_args(["--threads", "1", "--engines", "jax_jit,"])
    assert (("1",), ("jax_jit",)) == (said.threads, said.engines)
    assert "gpt" in said.workloads
