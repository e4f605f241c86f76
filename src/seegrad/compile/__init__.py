"""The compiler: a whole training step, traced once, as one native function.

The stages stand in the order of the files `trace`, `simplify`, `plan`, `lower`,
`machine`; each can print its result.
"""

__all__: list[str] = []
