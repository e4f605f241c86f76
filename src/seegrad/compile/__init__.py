"""The compiler: a whole training step, traced once, as one native function.

The stages stand in the order of the files `trace`, `simplify`, `plan`, `schedule`,
`memory`, `lower`, `assemble`, `machine` and `run`; each can print its result. Start
reading at `compiled`.
"""

from seegrad.compile.compiled import Compiled, compile
from seegrad.compile.threads import get_num_threads, set_num_threads

__all__ = ["Compiled", "compile", "get_num_threads", "set_num_threads"]
