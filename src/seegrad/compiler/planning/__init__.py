"""Which loops compute it, in which order, and where everything lies.

Few terms are kept in memory, each has a kernel as its home, the kernels get an order in
which updates can be made in place, and what is kept gets a place in one block. Read
`weigh` and `keep`, `kernels`, `plan` with `align`, `schedule`, `memory`, and at last
`functions` and `table`, which are what is left of a step when its code is known.
"""
