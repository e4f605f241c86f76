#!/usr/bin/env python3
"""Make tests/reference/metrics.npz: what scikit-learn says about some predictions.

Confusion matrix, recall and precision, ROC curve and its area, calibration curve and
principal components, each for given numbers with ties and rare classes among them.
Needs the group `reference`.

    python scripts/make_metric_reference.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from make_digits import archive
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.decomposition import PCA

TARGET = Path(__file__).parents[1] / "tests" / "reference" / "metrics.npz"


def made() -> dict[str, np.ndarray]:
    """All arrays by name; what begins with "given" is the input."""
    random = np.random.default_rng(0)
    right = random.integers(4, size=120)
    scores = np.round(random.normal(size=(120, 4)) + 1.2 * np.eye(4)[right], 2)
    two = random.integers(2, size=150)
    single = np.round(random.normal(size=150) + 1.3 * two - 0.5, 1)  # ties
    chance = 1.0 / (1.0 + np.exp(-single))
    chosen = scores.argmax(axis=1)
    each = metrics.precision_recall_fscore_support(right, chosen)
    false, true, _ = metrics.roc_curve(two, single)
    frequency, claimed = calibration_curve(two, chance, n_bins=8)
    vectors = random.normal(size=(30, 6)) * [5.0, 3.0, 1.0, 0.5, 0.2, 0.1]
    components = PCA(n_components=2).fit(vectors)
    return {
        "given_scores": scores,
        "given_classes": right,
        "given_single": single,
        "given_two": two,
        "given_vectors": vectors,
        "confusion": metrics.confusion_matrix(right, chosen),
        "precision": each[0],
        "recall": each[1],
        "roc_false": false,
        "roc_true": true,
        "roc_area": np.array(metrics.roc_auc_score(two, single)),
        "roc_areas": np.array(
            [metrics.roc_auc_score(right == k, scores[:, k]) for k in range(4)]
        ),
        "calibration_true": frequency,
        "calibration_claimed": claimed,
        "components": components.transform(vectors),
        "explained": components.explained_variance_ratio_,
    }


if __name__ == "__main__":
    TARGET.write_bytes(archive(made()))
    print(f"wrote {TARGET}")
