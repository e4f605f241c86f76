"""Where llvmlite has no build, everything still runs, eagerly, and says so once."""

import subprocess
import sys

PROGRAM = """
import sys, warnings
sys.modules["llvmlite"] = None  # as if it were not installed
import seegrad as sg
from seegrad import nn
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    model = nn.Sequential(nn.Linear(2, 1, seed=0))
    double, square = sg.compile(lambda x: x * 2.0), sg.compile(lambda x: x * x)
    print(double(sg.tensor([1.0, 2.0])).tolist(), square(sg.tensor([3.0])).tolist())
    x, y = [[0.0, 1.0], [1.0, 0.0]], [[1.0], [0.0]]
    run = sg.fit(model, x, y, loss="mse", optimizer="sgd", epochs=2, progress=False)
    print(len(run.history), model(sg.tensor(x)).shape)
    print(sg.compile(model)(sg.tensor(x)).shape)
print(*(str(warning.message) for warning in caught), sep="|")
try:
    double.explain()
except sg.errors.TraceError as error:
    print(error.what)
"""


def test_without_llvmlite_all_runs_eagerly_and_one_warning_says_so():
    """Compiled functions, fit and predictions; only an explanation has nothing."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert "" == done.stderr
    *results, warning, refused = done.stdout.splitlines()
    assert ["[2.0, 4.0] [9.0]", "2 (2, 1)", "(2, 1)"] == results
    missing = "llvmlite is not installed (pip install llvmlite)"
    assert f"{missing}, so compiled functions run eagerly: " in warning
    assert "|" not in warning
    assert f"there is no code to explain: {missing}" == refused
