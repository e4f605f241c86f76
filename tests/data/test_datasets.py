"""What every dataset of n points promises; a new one is tested when it is listed."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seegrad import data, random
from seegrad.errors import ArgumentError, InputTypeError

every_dataset = pytest.mark.parametrize("name", sorted(data.DATASETS))


def wobble(name: str) -> str:
    """What the dataset calls the standard deviation of its shift."""
    return "spread" if name == "blobs" else "noise"


@every_dataset
@given(n=st.integers(3, 60), seed=st.integers(0, 2**40))
def test_shapes_and_dtypes(name, n, seed):
    """Any n, odd or even: x float32 (n, 2), y int64 (n,), all finite."""
    x, y = data.DATASETS[name](n, seed=seed)
    assert ((n, 2), np.float32) == (x.shape, x.dtype)
    assert ((n,), np.int64) == (y.shape, y.dtype)
    assert np.isfinite(x).all()


@every_dataset
@pytest.mark.parametrize("n", [3, 6, 101, 200])
def test_classes_are_balanced(name, n):
    """No class has more than one point more than another."""
    counts = np.bincount(data.DATASETS[name](n)[1])
    assert counts.max() - counts.min() <= 1
    assert (3 if name == "blobs" else 2) == len(counts)


@every_dataset
def test_same_seed_same_points(name):
    """Also when other numbers were drawn in between, or the seed is NumPy's."""
    first = data.DATASETS[name](31, seed=5)
    random.next_key()
    for again in (5, np.int64(5)):
        for expected, actual in zip(
            first, data.DATASETS[name](31, seed=again), strict=True
        ):
            np.testing.assert_array_equal(expected, actual)


@every_dataset
def test_different_seeds_differ(name):
    """In the points and in the order of the labels."""
    (x, y), (other_x, other_y) = (data.DATASETS[name](50, seed=s) for s in (0, 1))
    assert not np.array_equal(x, other_x)
    assert not np.array_equal(y, other_y)


@every_dataset
def test_no_seed_takes_the_global_stream(name):
    """seed=None differs from call to call, and repeats after manual_seed."""
    saved = random.state()
    random.manual_seed(3)
    first, second = (data.DATASETS[name](20, seed=None)[0] for _ in range(2))
    random.manual_seed(3)
    np.testing.assert_array_equal(first, data.DATASETS[name](20, seed=None)[0])
    assert not np.array_equal(first, second)
    random.set_state(saved)


@every_dataset
def test_rows_are_shuffled(name):
    """The first rows are not all of one class."""
    assert len(set(data.DATASETS[name](200)[1][:20].tolist())) > 1


@every_dataset
def test_noise_moves_each_point_by_its_size(name):
    """The shift from the still points has the asked standard deviation and no mean."""
    still, noisy = (
        data.DATASETS[name](5000, seed=0, **{wobble(name): size})[0]
        for size in (0.0, 0.25)
    )
    shift = noisy - still
    np.testing.assert_allclose(0.25, shift.std(axis=0), rtol=0.05)
    np.testing.assert_allclose(0.0, shift.mean(axis=0), atol=0.02)


@every_dataset
def test_result_belongs_to_the_caller(name):
    """Changing the arrays changes nothing for the next caller."""
    x, y = data.DATASETS[name](10)
    x[:], y[:] = 7.0, 7
    assert not np.array_equal(x, data.DATASETS[name](10)[0])


@every_dataset
@pytest.mark.parametrize("n", [1, 0, -5])
def test_too_few_points_are_refused(name, n):
    """Every class needs one point."""
    least = 3 if name == "blobs" else 2
    with pytest.raises(ArgumentError) as caught:
        data.DATASETS[name](n)
    expected = (
        f"n must be {least} or more, not {n}\n  in   {name}\n  try  n={least}, or more"
    )
    assert expected == str(caught.value)


@every_dataset
@pytest.mark.parametrize("n", [2.5, "100", True, None])
def test_a_count_that_is_no_whole_number_is_refused(name, n):
    """A float is not rounded quietly."""
    with pytest.raises(InputTypeError, match="n must be a whole number, not"):
        data.DATASETS[name](n)


@every_dataset
@pytest.mark.parametrize("size", [-0.1, float("nan"), float("inf")])
def test_impossible_noise_is_refused(name, size):
    """A standard deviation is finite and not negative."""
    with pytest.raises(ArgumentError) as caught:
        data.DATASETS[name](10, **{wobble(name): size})
    what = f"{wobble(name)} must be a finite number of 0 or more, not {size}"
    expected = f"{what}\n  in   {name}\n  try  {wobble(name)}=0.1"
    assert expected == str(caught.value)


@every_dataset
@pytest.mark.parametrize("size", ["a lot", None, True])
def test_noise_that_is_no_number_is_refused(name, size):
    """A word or a truth value is not read as a number."""
    with pytest.raises(InputTypeError, match="must be a number, not"):
        data.DATASETS[name](10, **{wobble(name): size})


@every_dataset
def test_bad_seed_is_refused(name):
    """The error names the dataset."""
    with pytest.raises(ArgumentError, match=f"seed must be 0 or more(.|\n)*{name}"):
        data.DATASETS[name](10, seed=-1)


@every_dataset
def test_listed_under_its_own_name(name):
    """The key, the function, the public name and the file agree."""
    dataset = data.DATASETS[name]
    assert dataset is getattr(data, name)
    assert name in data.__all__
    assert f"seegrad.data.{name}" == dataset.__module__
    assert {"n", "seed"} <= set(inspect.signature(dataset).parameters)


def test_public_names_are_those_listed():
    """Every promised name is there, once, and nothing public is unlisted."""
    public = {
        name
        for name, thing in vars(data).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    }
    assert public == set(data.__all__)
    assert len(public) == len(data.__all__)
