"""Whether a notebook is listening, and how to show it something."""

from __future__ import annotations

import sys
from collections.abc import Callable


def display_html(live: Callable[[], str], plain: Callable[[], str]) -> bool:
    """Show HTML in the notebook that runs this code; False if there is none.

    ``plain`` makes what a notebook shows that takes no frames.
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return False
    from IPython import display

    show: Callable[..., None] = display.display
    show({"text/html": live(), "text/plain": plain()}, raw=True)
    return True
