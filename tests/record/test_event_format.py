"""The page that documents the format does what it says."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "event-format.md"


def test_the_example_prints_what_the_page_shows(tmp_path, monkeypatch, capsys):
    """The snippet is run as it stands, in an empty folder."""
    text = PAGE.read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```\n\n```\n(.*?)```", text, re.DOTALL)
    code, shown = example.groups()
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(PAGE), "exec"), {})
    assert shown == capsys.readouterr().out
