"""How a traced step or a native run may end, other than with a result."""

from __future__ import annotations


class CheckFailed(BaseException):
    """A check of the step found bad numbers: run eagerly, it says which.

    No ``except Exception`` of the step may take it for an error of its own.
    """


class NotRun(Exception):
    """The native step stopped before it changed anything."""


class Stale(Exception):
    """What the step was compiled for is no longer so: it must be traced again."""
