"""The page and its picture say what was measured: every number can be read back."""

import json
import re
from pathlib import Path

import pytest
from bench.engines import TITLES
from bench.harness.statistics import duration, figures
from bench.picture import NEAR, picture, scale_of
from bench.workloads import WORKLOADS

from bench import report, tables
from seegrad.draw.scene import Circle, Line, Polygon

ROOT = Path(__file__).parent.parent.parent
TRAINED = ["moons", "digits"]
STEPS = {
    "seegrad_compiled": 1e-5,
    "seegrad_eager": 3e-4,
    "torch_eager": 1.5e-4,
    "torch_compiled": 1.51e-4,
    "jax_jit": 4e-5,
}


def entry(seconds):
    """What the harness stores about one engine."""
    return {
        "seconds": [seconds, 1.1 * seconds, 1.2 * seconds], "cores": [1.0, 1.0, 1.0],
        "losses": [2.0, 1.9, 1.5], "deviation": 1e-7, "bytes": 2**21,
    }  # fmt: skip


@pytest.fixture
def results():
    """A small run, with an engine that is missing and one that failed."""
    engines = {name: entry(seconds) for name, seconds in STEPS.items()}
    engines["sklearn_mlp"] = {"reason": "OSError: no such thing"}
    names = [*TRAINED, "predict_digits"]
    speeds = {str(WORKLOADS[name].footprint): 1e11 for name in names}
    limits = {"operations_per_second": 2e11, "bytes_per_second": speeds}
    return {
        "machine": {
            "processor": "Fast 9", "family": "1", "model": "2", "cores": 2,
            "architecture": "x86_64", "features": ["avx2"], "system": "Linux",
        },
        "versions": {"Python": "3.11.7", "torch": "2.9"},
        "settings": {"threads": ["1", "all"], "rounds": 3, "block_seconds": 0.02},
        "limits": {"1": limits, "all": limits},
        "times": {name: {"1": engines, "all": engines} for name in names},
        "starts": {
            "import": {"numpy_by_hand": [0.1, 0.2, 0.3], "torch_eager": []},
            "first_step": {
                "moons": {
                    "seegrad_compiled": {"cold": 0.5, "warm": 0.05},
                    "torch_compiled": {"reason": "it took too long"},
                }
            },
        },
    }  # fmt: skip


def test_the_page_has_every_median(results):
    """With its unit, in the row of its workload."""
    page = report.page(results)
    rows = [line for line in page.splitlines() if line.startswith("| MLP 64-128-10")]
    for seconds in STEPS.values():
        assert any(duration(1.1 * seconds) in line for line in rows)


def test_a_ratio_names_whom_it_is_to(results):
    """The best other is JAX, four times as slow."""
    (_, _, first, _) = tables.times_table(results, TRAINED, "1", tables.Footnotes())
    assert "4.0 (4.0 to 4.0) JAX jit" in first


def test_each_is_compared_at_its_best_number_of_threads(results):
    """Another number of threads counts where it is quicker."""
    slow = {name: entry(2 * seconds) for name, seconds in STEPS.items()}
    quick = {**slow, "torch_eager": entry(2e-5)}
    results["times"]["moons"] = {"1": slow, "all": quick}
    row = tables.best_table(results, ["moons"])[2]
    assert "22.0 µs (seegrad compiled, 1 thread)" in row
    assert "22.0 µs (PyTorch eager, all threads) | 1.0 |" in row


def test_a_missing_number_has_a_footnote_with_its_reason(results):
    """A dash that says nothing would be a riddle."""
    page = report.page(results)
    number = re.search(r"\[\^(\d+)\]: scikit-learn: OSError: no such thing", page)
    assert f"–[^{number[1]}]" in page
    assert "PyTorch compiled: it took too long" in page


def test_both_floors_are_operations_and_bytes_over_the_rates(results):
    """The formulas are the workload's, the rates the machine's."""
    digits = WORKLOADS["digits"]
    expected = digits.products / 2e11, digits.bytes_moved / 1e11
    assert expected == tables.floors(results, "digits", "1")
    results["limits"]["1"] = {}
    assert tables.floors(results, "digits", "1") is None
    assert "| – | – |" in report.page(results)


def test_a_busy_machine_is_called_busy(results):
    """Whoever reads the page must know that its times are not to be trusted."""
    assert "was busy" not in report.page(results)
    results["times"]["moons"]["1"] = {"jax_jit": entry(1e-5) | {"cores": [0.5] * 3}}
    assert "1 of the single-threaded measurements" in report.page(results)


def test_the_page_and_the_pictures_are_written(results, tmp_path):
    """Two pictures, and a page that shows both."""
    report.write(results, tmp_path)
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    images = sorted(file.name for file in (tmp_path / "images").iterdir())
    assert ["performance_1_thread.svg", "performance_all_threads.svg"] == images
    assert all(f"](images/{name})" in page for name in images)


def test_every_mark_stands_at_its_number(results):
    """What the eye reads from the axis is what was measured."""
    drawn, scale = picture(results, TRAINED, "1"), scale_of(results, TRAINED, "1")
    for workload in TRAINED:
        for engine, seconds in STEPS.items():
            (mark,) = [
                mark for mark in drawn.scene.marks
                if mark.group == f"{workload} {engine}"
            ]  # fmt: skip
            assert f"{TITLES[engine]}: {duration(1.1 * seconds)}" == mark.title
            assert 1.1 * seconds == pytest.approx(scale.read(centre(mark)[0]))


def centre(mark):
    """The middle of a circle, or of the outline of another form."""
    if isinstance(mark, Circle):
        return mark.x, mark.y
    xs, ys = zip(*mark.points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def test_the_floor_stands_at_the_larger_of_the_two(results):
    """A step is bound by whichever takes longer."""
    drawn, scale = picture(results, TRAINED, "1"), scale_of(results, TRAINED, "1")
    (floor,) = drawn.scene.of(Line, "digits floor")
    expected = max(tables.floors(results, "digits", "1"))
    assert expected == pytest.approx(scale.read(floor.points[0][0]))


def test_no_mark_hides_another(results):
    """Two engines that are equally fast stand in two lanes."""
    drawn = picture(results, ["moons"], "1")
    places = [
        centre(mark) for mark in drawn.scene.marks
        if isinstance(mark, Circle | Polygon) and mark.group.startswith("moons ")
    ]  # fmt: skip
    for i, (x, y) in enumerate(places):
        for other_x, other_y in places[:i]:
            assert abs(x - other_x) > NEAR - 2 or abs(y - other_y) > NEAR - 2


def test_the_picture_says_the_ratio_and_everything_in_words(results):
    """A reader who cannot see it misses no number."""
    drawn = picture(results, TRAINED, "1")
    said = f"{figures(4.0)}× as fast as JAX jit"
    assert [said] == drawn.scene.texts("moons ratio")
    for seconds in STEPS.values():
        assert duration(1.1 * seconds) in drawn.alt
    assert "NumPy by hand" not in drawn.alt


def test_the_page_in_the_tree_is_made_of_the_numbers_in_the_tree():
    """`scripts/bench --report-only` makes it again."""
    stored = ROOT / "bench" / "results.json"
    if not stored.exists():
        pytest.skip("nothing has been measured yet")
    results = json.loads(stored.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert page == report.page(results)
