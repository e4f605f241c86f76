"""The compiler: a whole training step, traced once, as one native function.

Start reading at `compiled`. The folders are the stages, in this order: `tracing` writes
down what a step does, `programs` holds it as data and simplifies it, `planning` decides
on loops and memory, `lowering` makes instructions of them, with `products` and
`windows` for the two hardest loops and `registers` for the vocabulary, and `machine`
compiles, keeps and runs the code. `explanation` shows all of it.
"""

from seegrad.compiler.compiled import Compiled, compile
from seegrad.compiler.machine.threads import get_num_threads, set_num_threads

__all__ = ["Compiled", "compile", "get_num_threads", "set_num_threads"]
