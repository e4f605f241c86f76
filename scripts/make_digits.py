#!/usr/bin/env python3
"""Make src/seegrad/data/digits.npz from the copy of the digits in scikit-learn.

Needs scikit-learn; the library itself does not. The archive is written with fixed
dates so that the same data gives the same file. Source of the data: E. Alpaydin and
C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
(1998), doi 10.24432/C50P49, CC BY 4.0.

    python scripts/make_digits.py
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "src" / "seegrad" / "data" / "digits.npz"


def main() -> int:
    """Write the file and say how large it is."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        print("scikit-learn holds the data: pip install scikit-learn", file=sys.stderr)
        return 1
    images, labels = load_digits(return_X_y=True)
    arrays = {"images": images.astype(np.uint8), "labels": labels.astype(np.uint8)}
    if not np.array_equal(arrays["images"], images):
        print("the pixels are not whole numbers from 0 to 16", file=sys.stderr)
        return 1
    TARGET.write_bytes(archive(arrays))
    print(f"{TARGET}: {len(images)} images, {TARGET.stat().st_size} bytes")
    return 0


def archive(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as the bytes of an .npz, each entry dated 1980-01-01."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on every machine
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            target.writestr(entry, content.getvalue(), compresslevel=9)
    return out.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
