"""How a loop of the plan becomes instructions.

A kernel asks for numbers at places; places are computed in registers, what is kept is
loaded, and the rest is made on the spot. Read `places`, `memory_access` with `strided`,
and `access`; then the writers, one for each kind of loop: `lower` with `collapse` and
`reducing`, `lower_other`, `lower_product` with `factors`, and `choose_product`, which
knows the windows too; at last `assemble` and `step`, which put the functions together,
and `outline`, which cuts the longest.
"""
