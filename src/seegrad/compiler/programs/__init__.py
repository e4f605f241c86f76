"""What a step computes, as data, and how it is made simpler.

A program is a list of terms; passes rewrite it, term by term, into one that computes
the same with less work; and formulas say where each number of a term comes from. Read
`program`, `rewrite`, `simplify` with `positions`, then `index` and `origins`; at last
what larger steps need: `joins`, `blocks`, `long_product`, `sums`. `improve` says which
pass comes when.
"""
