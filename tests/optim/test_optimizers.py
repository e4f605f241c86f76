"""Every optimizer: PyTorch's numbers, descent, and a memory that can be saved."""

import json
from pathlib import Path

import numpy as np
import pytest

from seegrad import Tensor, nn, optim
from seegrad.errors import ArgumentError

FILE = Path(__file__).parents[1] / "reference" / "optimizers.npz"
with np.load(FILE) as archive:
    REFERENCE = dict(archive)
CASES = sorted(key for key in REFERENCE if key.startswith("["))
TOLERANCE = {"float32": 1e-6, "float64": 1e-12}
NAMES = sorted(optim.OPTIMIZERS)


def ellipse(p):
    """A long narrow valley: the gradient is steep one way and flat the other."""
    return (Tensor(np.array([10.0, 0.1, 1.0])) * p * p).sum()


def bowl_elsewhere(p):
    """Its lowest point is not at zero."""
    return ((p - 3.0) * (p - 3.0)).sum()


def slope(p):
    """Steep far away and round at the bottom."""
    return (p * p + 1.0).sqrt().sum()


def point(*numbers):
    """A parameter of float64 numbers."""
    return nn.Parameter(np.array(numbers or (1.0, -2.0, 0.5)))


def descend(optimizer, problem, steps):
    """The value before each step."""
    values = []
    for _ in range(steps):
        loss = problem(*optimizer.params)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    return values


@pytest.mark.parametrize("case", CASES)
def test_20_steps_are_pytorchs(case):
    """Parameters agree to 1e-6 (float32) and 1e-12 (float64) under every setting."""
    name, dtype, settings = json.loads(case)
    p = nn.Parameter(REFERENCE["start"].astype(dtype))
    optimizer = getattr(optim, name)([p], **settings)
    kept = []
    for step, g in enumerate(REFERENCE["gradients"], 1):
        p.grad = g
        optimizer.step()
        if step in REFERENCE["kept"]:
            kept.append(p.data)
    assert dtype == p.dtype
    assert np.abs(REFERENCE[case] - np.array(kept)).max() <= TOLERANCE[dtype]


@pytest.mark.parametrize("problem", [ellipse, bowl_elsewhere, slope])
@pytest.mark.parametrize("name", NAMES)
def test_it_descends(name, problem):
    """Two hundred small steps end lower than they began, on three landscapes."""
    optimizer = optim.get(name)([point()], lr=0.01)
    values = descend(optimizer, problem, 200)
    assert values[-1] < 0.9 * values[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_optimizer_resumes_to_the_last_bit(name):
    """Ten steps at once, or five, a save, a load elsewhere, and five more: the same."""
    whole, first = optim.get(name)([point()]), optim.get(name)([point()])
    descend(whole, ellipse, 10)
    descend(first, ellipse, 5)
    second = optim.get(name)([point(*first.params[0].tolist())], lr=0.5)
    second.load_state_dict(first.state_dict())
    descend(second, ellipse, 5)
    assert whole.params[0].tolist() == second.params[0].tolist()
    assert whole.lr == second.lr


@pytest.mark.parametrize("name", NAMES)
def test_nan_and_infinity_flow_through_without_a_crash(name):
    """A broken gradient breaks its own weight and no other, and gives no warning."""
    p = point(1.0, 2.0, 3.0, 4.0)
    optimizer = optim.get(name)([p])
    p.grad = np.array([np.nan, np.inf, 1.0, 1e300])
    optimizer.step()
    assert np.isnan(p.data[0])
    assert 3.0 > p.data[2] > 2.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 1)])
def test_any_shape_can_learn(name, shape):
    """A single number, an empty parameter and a column, in float32 throughout."""
    p = nn.Parameter(np.ones(shape, np.float32))
    optimizer = optim.get(name)([p])
    for _ in range(2):
        p.grad = np.ones(shape)
        optimizer.step()
    assert (shape, np.float32) == (p.shape, p.dtype)
    arrays = [v for v in optimizer.states[0].values() if not isinstance(v, int)]
    assert all(array.dtype == np.float32 for array in arrays)


@pytest.mark.parametrize("name", NAMES)
def test_a_zero_gradient_from_the_start_moves_nothing(name):
    """0 / 0 does not happen: eps keeps the first step finite."""
    p = point()
    optimizer = optim.get(name)([p], weight_decay=0.0)
    p.grad = np.zeros(3)
    optimizer.step()
    assert [1.0, -2.0, 0.5] == p.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_the_repr_is_the_call(name):
    """Every setting can be read, and the settings make the same optimizer again."""
    optimizer = optim.get(name)([point()], lr=0.25)
    assert repr(optimizer).startswith(f"{type(optimizer).__name__}(lr=0.25, ")
    twin = type(optimizer)([point()], lr=0.25, **optimizer.settings)
    assert repr(twin) == repr(optimizer)


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_setting_is_a_type_error(name):
    """Python says it, with the name."""
    with pytest.raises(TypeError, match="weight_deccay"):
        optim.get(name)([point()], weight_deccay=0.1)


def test_an_unknown_optimizer_suggests_the_nearest():
    """Names are found in any case; others get a suggestion."""
    assert optim.AdamW is optim.get("AdamW")
    with pytest.raises(ArgumentError, match="'adam'"):
        optim.get("addam")
