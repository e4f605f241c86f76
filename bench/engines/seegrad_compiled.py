"""seegrad with the whole step compiled to one native function."""

from __future__ import annotations

from typing import Any

import seegrad as sg
from bench.engines.base import NotAvailable
from bench.engines.seegrad_eager import SeegradEager


class SeegradCompiled(SeegradEager):
    """The very same step as eager, given to `sg.compile`."""

    title = "seegrad compiled"
    packages = ("seegrad", "numpy", "llvmlite")

    def compiled(self, function: Any) -> Any:
        if not callable(getattr(sg, "compile", None)):
            raise NotAvailable("this version of seegrad has no compile()")
        return sg.compile(function)


ENGINE = SeegradCompiled
