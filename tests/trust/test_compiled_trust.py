"""Compiled steps among threads, processes and interruptions: the same bits."""

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn, optim

SOURCE = str(Path(sg.__file__).parent.parent)
X = sg.tensor(np.linspace(-1.0, 1.0, 20).reshape(10, 2))
MAKING = """
    import hashlib, os, signal, sys, threading, time
    import numpy as np
    import seegrad as sg
    from seegrad import nn, optim

    def training(width=8, seed=0):
        model = nn.Sequential(
            nn.Linear(2, width, seed=seed), nn.BatchNorm1d(width), nn.ReLU(),
            nn.Dropout(0.3), nn.Linear(width, width, seed=seed + 1), nn.Tanh(),
            nn.Linear(width, 1, seed=seed + 2),
        )
        opt = optim.Adam(model.parameters(), lr=0.01)

        def function(x):
            opt.zero_grad()
            loss = ((model(x) - 1.0) ** 2).mean()
            loss.backward()
            opt.step()
            return loss

        return model, sg.compile(function), function

    def digest(model):
        arrays = model.state_dict().values()
        return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()

    x = sg.tensor(np.linspace(-1.0, 1.0, 400).reshape(200, 2).astype("float32"))
"""


def alone(program, check=True, **environment):
    """What a program prints that runs in a process of its own."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            textwrap.dedent(MAKING) + textwrap.dedent(program),
        ],
        env={**os.environ, "PYTHONPATH": SOURCE, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if check:
        assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def training(seed=0):
    """A small network and a step of its training."""
    model = nn.MLP(2, [4], 1, seed=seed)
    opt = optim.SGD(model.parameters(), lr=0.01)

    def function(x):
        opt.zero_grad()
        loss = (model(x.to("float32")) ** 2).mean()
        loss.backward()
        opt.step()
        return loss

    return model, function


@pytest.fixture
def switching():
    """Threads are switched at every opportunity."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("switching")
def test_many_threads_may_call_one_function():
    """The first calls too, with several shapes; each gets its own numbers."""
    step = sg.compile(lambda x: (sg.tanh(x) * 2.0 + x).sum())
    inputs = [sg.tensor(np.full(3 + k % 3, 0.1 * k)) for k in range(200)]
    expected = [float(step.function(x)) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        found = [float(out) for out in pool.map(step, inputs)]
    np.testing.assert_allclose(expected, found, rtol=1e-12)
    assert 3 == step.traces


@pytest.mark.usefixtures("switching")
def test_many_threads_may_train_one_model():
    """Every step counts once, in whatever order."""
    model, function = training()
    twin, eager = training()
    step = sg.compile(function)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(step, [X] * 120))
    for _ in range(120):
        eager(X)
    for a, b in zip(twin.parameters(), model.parameters(), strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("switching")
def test_many_threads_may_call_different_functions():
    """With reading and holding parameters meanwhile."""

    def work(seed):
        model, function = training(seed)
        step = sg.compile(function)
        held = []
        for k in range(30):
            step(X)
            if k % 7 == 0:
                held.append(
                    (model.parameters()[0].data, model.parameters()[0].data.copy())
                )
        assert all((a == b).all() for a, b in held)
        return b"".join(p.data.tobytes() for p in model.parameters())

    expected = [work(seed) for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert expected == list(pool.map(work, range(6)))


@pytest.mark.usefixtures("switching")
def test_a_trace_in_one_thread_leaves_the_others_alone():
    """They run natively, eagerly, and trace at the same time."""

    def work(seed):
        step = sg.compile(lambda x: (x * float(seed)).sum())
        eager = (X * float(seed)).sum()
        return [float(step(X)) - float(eager) for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        found = np.array(list(pool.map(work, range(12))))
    np.testing.assert_allclose(0.0, found, atol=1e-9)


def test_an_error_in_a_thread_stays_there():
    """The others go on, and the function is usable."""
    step = sg.compile(sg.losses.cross_entropy)
    x, good, bad = sg.ones(2, 3), sg.tensor([0, 1]), sg.tensor([0, 9])
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(step, x, bad if k % 5 == 0 else good) for k in range(40)]
    errors = [job.exception() for job in jobs]
    assert 8 == sum(isinstance(error, sg.errors.DataError) for error in errors)
    assert 32 == errors.count(None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_goes_on_with_a_compiled_step():
    """Parent and child, each with parameters of its own."""
    assert 1 == len(
        set(
            alone("""
        model, step, function = training(200)
        for _ in range(3):
            step(x)
        sys.stdout.flush()
        child = os.fork()
        for _ in range(3):
            step(x)
        step(x[:7])
        if child:
            os.waitpid(child, 0)
        print(digest(model), flush=True)
        os._exit(0) if not child else None
    """).split()
        )
    )


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="this system has no alarm")
def test_an_interruption_of_compiled_steps_leaves_whole_steps():
    """At any moment: all memories have counted the same, and training goes on."""
    assert "True\n" * 20 == alone("""
        model, step, function = training(64)
        opt = function.__closure__[1].cell_contents
        def stop(*_):
            raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, stop)
        step(x)
        for k in range(20):
            signal.setitimer(signal.ITIMER_REAL, 0.002 + 0.0003 * k)
            try:
                while True:
                    step(x)
            except KeyboardInterrupt:
                pass
            counts = {s["step"] for s in opt.states}
            tracked = int(model[1].num_batches_tracked.data)
            print(len(counts) == 1 and abs(tracked - counts.pop()) <= 1)
        step(x)
    """)


def test_the_interpreter_ends_cleanly():
    """With steps alive, half compiled, and called while it closes."""
    assert "True\n" == alone("""
        import atexit
        model, step, function = training(200)
        other = sg.compile(lambda x: x * 2.0)
        step(x)
        def work():
            for _ in range(200):
                step(x)
        threading.Thread(target=work, daemon=True).start()

        @atexit.register
        def late():
            print(float(other(sg.ones(()))) == 2.0, flush=True)
    """)


def test_a_training_gives_the_same_bits_under_any_hash_seed_and_on_any_threads():
    """Twenty steps with dropout, of two shapes; compiled anew and from the cache."""
    program = """
        model, step, function = training(300)
        sg.manual_seed(1)
        for k in range(20):
            step(x if k % 3 else x[:50])
        print(digest(model))
    """
    found = {
        alone(program, PYTHONHASHSEED=seed, SEEGRAD_NUM_THREADS=threads, **cache)
        for seed, threads, cache in [
            ("0", "1", {"SEEGRAD_CACHE_DIR": ""}),
            ("1", "2", {}),
            ("7", "1", {}),
            ("random", "2", {}),
        ]
    }
    assert 1 == len(found)
    assert 65 == len(found.pop())
