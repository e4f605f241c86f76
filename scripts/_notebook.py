"""How the tutorial's notebook is made from its source, and compared with it.

The source is MyST Markdown, which people can read and review; the notebook is what it
gives when it is run from a clean kernel. Only `scripts/tutorial` runs this file, with a
Python that has jupytext and nbclient; the tests borrow its functions.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "tutorial.md"
NOTEBOOK = ROOT / "tutorial.ipynb"
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-−+]?\d+)?")

os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")  # else Jupyter warns of the change


def main(arguments: list[str]) -> int:
    """Make the notebook, or with `--check` say how it differs from its source."""
    from nbclient.exceptions import CellExecutionError

    try:
        made = executed(from_source())
    except CellExecutionError as error:
        print(f"seegrad: a cell of {SOURCE} failed\n{error}", file=sys.stderr)
        return 1
    if arguments != ["--check"]:
        write(made)
        print(f"seegrad: wrote {NOTEBOOK} ({NOTEBOOK.stat().st_size / 1000:.0f} kB)")
        return 0
    found = differences(stored(), made) if NOTEBOOK.exists() else ["no notebook yet"]
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("  try  scripts/tutorial, and look at the result", file=sys.stderr)
    else:
        print("seegrad: the notebook is what its source gives")
    return 1 if found else 0


def from_source() -> Any:
    """The notebook without outputs, with as little metadata as a notebook can have."""
    import jupytext
    import nbformat

    notebook = jupytext.read(SOURCE, fmt="md:myst")
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": python, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03}"  # not a random one: it would change each time
        cell["metadata"] = nbformat.from_dict({})
    return notebook


def stored() -> Any:
    """The notebook in the repository."""
    import nbformat

    return nbformat.read(NOTEBOOK, as_version=4)


def write(notebook: Any) -> None:
    """Put the notebook in its place, whole or not at all."""
    import nbformat

    nbformat.validate(notebook)
    beside = NOTEBOOK.with_suffix(".making")
    with open(beside, "w", encoding="utf-8", newline="\n") as file:
        nbformat.write(notebook, file)
    os.replace(beside, NOTEBOOK)


def executed(notebook: Any) -> Any:
    """The notebook with its outputs, run by this very Python in a kernel of its own."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    class ThisPython(AsyncKernelManager):
        """Kernels of the Python that runs this file: it looks in no other folders."""

        def _kernel_spec_manager_default(self) -> Any:
            return KernelSpecManager(kernel_dirs=[])

    metadata = notebook.metadata.copy()
    with TemporaryDirectory() as folder:  # nothing of the user's settings, nothing left
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
        kernel = {**os.environ, "IPYTHONDIR": folder, "PYTHONPATH": path}
        client = NotebookClient(
            notebook,
            kernel_manager_class=ThisPython,
            extra_arguments=["--log-level=ERROR"],
            coalesce_streams=True,  # else a pause while printing makes two outputs
            record_timing=False,
            timeout=300,
        )
        client.execute(env=kernel, cwd=str(ROOT))
    notebook.metadata = metadata  # the kernel adds its version
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            keep_one_picture(output.get("data", {}))
    return notebook


def keep_one_picture(data: Any) -> None:
    """Of a picture's two forms keep the SVG, and let it shrink to a narrow page."""
    svg = data.get("image/svg+xml", "")
    if not svg:
        return
    data.pop("text/html", None)
    if "style=" not in svg.partition(">")[0]:
        shrink = '<svg style="max-width:100%;height:auto"'
        data["image/svg+xml"] = svg.replace("<svg", shrink, 1)


def differences(old: Any, new: Any) -> list[str]:
    """Where two notebooks differ in cells or in what they print, one line for each."""
    found = []
    if len(old.cells) != len(new.cells):
        found.append(f"there are {len(old.cells)} cells, and the source has "
                     f"{len(new.cells)}")  # fmt: skip
    for number, (before, after) in enumerate(zip(old.cells, new.cells)):
        start = (after.source.splitlines() or [""])[0]
        if (before.cell_type, before.source) != (after.cell_type, after.source):
            found.append(f"cell {number} is not as in the source: {start}")
        elif not same_text(text_of(before), text_of(after)):
            found.append(
                f"cell {number} gives something else: {start}\n"
                f"  stored  {text_of(before)!r}\n  now     {text_of(after)!r}"
            )
    return found


def text_of(cell: Any) -> str:
    """All that a cell printed or showed, as text; pictures by their description."""
    parts = []
    for output in cell.get("outputs", ()):
        plain = output.get("data", {}).get("text/plain", "")
        parts.append(output.get("text", plain) or output.get("evalue", ""))
    return "\n".join(parts)


def same_text(before: str, after: str) -> bool:
    """Equal but for the last digit of a decimal: processors round in different ways.

    >>> same_text("loss 0.693, 8 wrong", "loss 0.694, 8 wrong")
    True
    >>> same_text("8 wrong", "9 wrong")
    False
    """
    if NUMBER.split(before) != NUMBER.split(after):
        return False
    return all(map(close, NUMBER.findall(before), NUMBER.findall(after)))


def close(before: str, after: str) -> bool:
    """Whether two written numbers differ by at most one in their last decimal."""
    if before == after:
        return True
    decimals = min(len(x.partition(".")[2].partition("e")[0]) for x in (before, after))
    gap = abs(number(before) - number(after))
    exponent = number("1e" + before.partition("e")[2]) if "e" in before else 1.0
    return decimals > 0 and gap <= 1.01 * 10.0**-decimals * exponent


def number(text: str) -> float:
    """The number that a text or a picture wrote: "−1,797" is -1797."""
    return float(text.replace("−", "-").replace(",", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
