"""The page of the demo: one HTML file with everything in it, light and dark.

The pictures are inline SVG that follow the reader's system, so nothing is fetched from
anywhere, and each has its description for those who cannot see it.
"""

from __future__ import annotations

import os
import tempfile
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from seegrad import __version__
from seegrad.cli.showcase.pictures import Shown
from seegrad.cli.showcase.training import Lesson


def write(path: Path, lesson: Lesson, shown: list[Shown]) -> None:
    """Write the page, whole or not at all."""
    text = page(lesson, shown)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def page(lesson: Lesson, shown: list[Shown]) -> str:
    """The whole page as text."""
    template = (files(__package__) / "report.html").read_text(encoding="utf-8")
    facts = {
        "right on images it had never seen": f"{100 * lesson.accuracy():.1f} %",
        "seconds of training": f"{lesson.run.seconds:.1f}",
        "epochs": f"{lesson.run.epochs_done}",
        "parameters": f"{sum(p.size for p in lesson.model.parameters()):,}",
    }
    return Template(template).substitute(
        version=escape(__version__),
        facts="\n".join(_fact(*fact) for fact in facts.items()),
        data=escape(lesson.data_sentence().replace(" x ", " × ")),
        network=escape(lesson.network_sentence()),
        figures="\n".join(map(_figure, shown)),
    )


def _fact(name: str, number: str) -> str:
    return f"<div><dd>{escape(number)}</dd><dt>{escape(name)}</dt></div>"


def _figure(shown: Shown) -> str:
    title = escape(shown.title[0].upper() + shown.title[1:])
    file = f' <a href="{escape(shown.file)}">{escape(shown.file)}</a>'
    return f"""<section>
<h2>{title}</h2>
<p>{escape(shown.words)}</p>
<figure>
<div class="scroll" tabindex="0" role="group" aria-label="{title}">
{_fluid(shown.picture.svg("auto"), shown.picture.scene.width)}</div>
<figcaption><details><summary>The picture in words</summary>
<p>{escape(shown.picture.alt)}</p></details>{file if shown.file else ""}</figcaption>
</figure>
</section>"""


def _fluid(svg: str, width: float) -> str:
    """As wide as the page allows, but not so small that it cannot be read."""
    least = min(width, 640.0)
    style = f"max-width:{width:.0f}px;min-width:{least:.0f}px"
    return svg.replace("<svg ", f'<svg style="{style}" ', 1)
