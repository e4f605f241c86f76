"""The bundled digits are the published ones, whole and unchanged."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np

from seegrad import data

PIXELS = "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"
LABELS = "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"


def test_shapes_dtypes_and_range():
    """1,797 images of 64 pixels from 0 to 1, labels 0 to 9."""
    x, y = data.digits()
    assert ((1797, 64), np.float32) == (x.shape, x.dtype)
    assert ((1797,), np.int64) == (y.shape, y.dtype)
    assert (0.0, 1.0) == (x.min(), x.max())


def test_pixels_and_labels_are_the_published_ones():
    """Digests of scikit-learn's load_digits, whole pixels from 0 to 16."""
    x, y = data.digits()
    pixels = (x * 16).astype(np.uint8)
    np.testing.assert_array_equal(pixels, x * 16)
    assert PIXELS == hashlib.sha256(pixels.tobytes()).hexdigest()
    assert LABELS == hashlib.sha256(y.astype(np.uint8).tobytes()).hexdigest()


def test_classes_are_as_published():
    """How often each digit was written."""
    expected = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert expected == np.bincount(data.digits()[1]).tolist()


def test_first_image_is_a_nought():
    """Ink in a ring, paper in the middle."""
    image = data.digits()[0][0].reshape(8, 8)
    assert image[3:5, 3:5].max() == 0.0
    assert image[1, 2:5].min() > 0.5


def test_each_call_gives_fresh_arrays():
    """Changing them changes nothing for the next caller."""
    x, y = data.digits()
    x[:], y[:] = 0, 0
    assert data.digits()[0].max() == 1.0
    assert data.digits()[1].max() == 9


def test_file_is_small_and_needs_no_pickle():
    """It travels in the wheel, and loads as plain numbers."""
    path = files("seegrad.data") / "digits.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        assert ["images", "labels"] == sorted(archive)
    assert len(path.read_bytes()) < 60_000
