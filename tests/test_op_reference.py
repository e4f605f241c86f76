"""The page of every op says what the ops say, because it is made from them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from seegrad.op import REGISTRY, Op
from seegrad.ops import clamp, mul, tanh

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that writes the page, as a module."""
    script = ROOT / "scripts" / "make_op_reference.py"
    spec = importlib.util.spec_from_file_location("make_op_reference", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stored_page_is_in_step(maker: ModuleType) -> None:
    """Running the script again would change nothing."""
    stored = (ROOT / "docs" / "reference" / "ops.md").read_text(encoding="utf-8")

    assert stored == maker.page(), "run scripts/make_op_reference.py"


@pytest.mark.parametrize("op", list(REGISTRY.values()), ids=str)
def test_every_op_has_its_section(maker: ModuleType, op: Op) -> None:
    """No op of the library is missing from the page."""
    if op.__module__.startswith("seegrad."):
        assert f"### `{op.name}(" in maker.page()


def test_a_rule_is_quoted_from_the_source(maker: ModuleType) -> None:
    """The derivative on the page is the one that runs."""
    assert ["gradient for `x`: `g * y`", "gradient for `y`: `g * x`"] == (
        maker.derivatives(mul)
    )


def test_the_example_point_is_computed(maker: ModuleType) -> None:
    """The value and the slope at the op's own example."""
    assert ["at x = 0.5: out = 0.462117; d out / d x = 0.786448"] == maker.example(tanh)


def test_settings_stand_with_the_shapes(maker: ModuleType) -> None:
    """A sample call is shown as it would be written."""
    assert "`(3, 5), min=-1.0, max=2.0`" in maker.shapes(clamp)[0]
