"""The matrix product, generated for one pair of sizes.

To be read in this order, from the outside in:

- `product`: what goes in and comes out, and which of two ways a product is computed.
- `product_operand`: what is known of the factors.
- `product_plan`, with `product_split` and `tiles`: the cuts. A *tile* of outputs, some
  rows by a few vectors, stays in registers while all k are added. Tiles one above the
  other share a *strip* of columns; tiles and strips that are worked on together are a
  *block*; and a very long inner size is cut into *depths*.
- `product_walk`: the loops over groups, depths, blocks, strips and tiles. In its middle
  is `accumulate` of `tiles`, the innermost loop.
- `product_factors`: how that loop reads the factors, packed or in place.
- `product_sums`: what becomes of a sum, whole or not.
- `product_dots`: the other way, for products with very few rows.
- `product_vectors`: the vector instructions that all of it is written with, and
  `product_block`: names for where the walk is.
"""
