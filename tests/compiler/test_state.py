"""Who holds an array keeps its numbers, and compiled steps do what eager ones do."""

import copy
import gc
import pickle
import runpy
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import seegrad as sg
from seegrad import nn

NETWORKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "networks.py")))
X, MAKERS, network = NETWORKS.X, NETWORKS.MAKERS, NETWORKS.network
training, made, close = NETWORKS.training, NETWORKS.made, NETWORKS.close


HOLDERS = {
    "data": lambda m, o: [p.data for p in m.parameters()],
    "view": lambda m, o: [p.data[..., :1] for p in m.parameters()],
    "view of view": lambda m, o: [p.data.T[:1].reshape(-1) for p in m.parameters()],
    "memoryview": lambda m, o: [memoryview(p.data) for p in m.parameters()],
    "buffers": lambda m, o: [b.data for b in m.buffers()],
    "memory": lambda m, o: [s["mean"] for s in o.states],
    "view of memory": lambda m, o: [s["square"].T[..., :1] for s in o.states],
    "dictionaries": lambda m, o: [dict(s)["mean"] for s in o.states],
    "state": lambda m, o: list(m.state_dict().values()),
    "optimizer's state": lambda m, o: [s["mean"] for s in o.state_dict()["states"]],
    "iterator": lambda m, o: [p.data.flat for p in m.parameters()],
}


def numbers(held):
    """What is held, as numbers."""
    return [np.array(a).tobytes() for a in held]


@pytest.mark.parametrize("hold", HOLDERS.values(), ids=HOLDERS)
def test_what_somebody_holds_does_not_change(hold):
    """Whether it was taken before, between or after other steps, and let go again."""
    model, optimizer, _, step = made()
    twin, _, twin_step, _ = made()
    kept = []
    for k in range(12):
        if k % 3 == 1:
            held = hold(model, optimizer)
            kept.append((held, numbers(held)))
            del held
        if k == 8:
            kept.pop(1)
        step(X)
        twin_step(X)
        for held, before in kept:
            assert before == numbers(held)
    close(twin, model)


def test_results_and_gradients_of_earlier_steps_do_not_change():
    """Each step makes its own."""
    model, _, _, _ = made()

    def function(x):
        out = model(x)
        (out**2).mean().backward()
        return out

    step, kept = sg.compile(function), []
    for _ in range(4):
        out = step(X)
        held = [out.data, *(p.grad for p in model.parameters())]
        kept.append((held, numbers(held)))
        for p in model.parameters():
            p.assign(p.data * 0.9)
        for held, before in kept:
            assert before == numbers(held)
    first = model.parameters()[0].grad
    first[...] = 7.0
    step(X)
    assert (first == 7.0).all()


def test_what_is_put_in_the_place_of_a_held_array_is_used():
    """An old array is still held, so the number of holders is as it was."""
    for kind in MAKERS:
        model, optimizer, _, step = made(kind)
        twin, other, eager, _ = made(kind)
        for _ in range(3):
            for m, o, f in ((model, optimizer, step), (twin, other, eager)):
                f(X)
                f(X)
                held = [p.data for p in m.parameters()]
                before = numbers(held)
                for p in m.parameters():
                    p.data = p.data * 0.5
                for s in o.states:
                    for key, value in s.items():
                        if key != "step":
                            held.append(value)
                            s[key] = value * 0.5
                f(X)
                assert before == numbers(held)[: len(before)]
            close(twin, model)


def test_memories_are_exchanged_as_a_whole():
    """A dictionary of the optimizer replaced, its counts set, keys swapped."""
    model, optimizer, _, step = made()
    twin, other, eager, _ = made()

    def change(o, k):
        if k == 1:
            o.states[0] = {
                key: np.array(v) if key != "step" else v
                for key, v in o.states[0].items()
            }
        if k == 2:
            for s in o.states:
                s["step"] = 1
        if k == 3:
            o.states[1]["step"] = 7
        if k == 4:
            o.states[0]["mean"] = o.states[0]["square"]
        if k == 5:
            o.states[2]["square"] = o.states[2]["square"].astype("float32")

    for k in range(7):
        change(optimizer, k)
        change(other, k)
        for _ in range(2):
            step(X)
            eager(X)
        if k < 5:
            close(twin, model)


def test_copies_pickles_and_weak_references():
    """A copy of the model in between is a model of its own; nobody is kept alive."""
    model, _, _, step = made()
    twin, _, eager, _ = made()
    for k in range(4):
        step(X)
        eager(X)
        other = copy.deepcopy(model) if k % 2 else pickle.loads(pickle.dumps(model))
        before = {n: a.tobytes() for n, a in other.state_dict().items()}
        seen = weakref.ref(model.parameters()[0].data)
        step(X)
        eager(X)
        assert before == {n: a.tobytes() for n, a in other.state_dict().items()}
        assert seen() is not None
        gc.collect()
    close(twin, model)


def test_a_model_that_holds_its_compiled_step_can_be_copied():
    """The copy compiles for itself."""
    model = network()
    model.step = sg.compile(len)
    assert copy.deepcopy(model).step.function is len


def test_a_graph_from_before_a_compiled_step_refuses_backward():
    """Its derivative would be taken at the wrong numbers."""
    model, _, _, step = made()
    step(X)
    out = (model(X) ** 2).mean()
    step(X)
    with pytest.raises(sg.errors.GradientError, match="was replaced"):
        out.backward()


def test_a_layer_made_into_other_memory_orders_is_trained_alike():
    """Parameters in Fortran order, and reversed."""
    results = []
    for compiled in (False, True):
        p = nn.Parameter(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
        p.assign(np.arange(6.0).reshape(3, 2).T[:, ::-1])
        optimizer = MAKERS["momentum"]([p])

        def function(x, p=p, optimizer=optimizer):
            optimizer.zero_grad()
            ((x @ p) ** 2).sum().backward()
            optimizer.step()

        step = sg.compile(function) if compiled else function
        for _ in range(3):
            step(X)
        results.append(p.data)
    np.testing.assert_allclose(*results, rtol=1e-12)
