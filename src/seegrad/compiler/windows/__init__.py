"""Sliding windows: products that read overlapping parts of an image.

A convolution and its two gradients are matrix products whose second matrix is never
written down: the pixels that a block of the work sees are copied to a box, and lists of
offsets say where in it the numbers of that matrix are. Read `box` and `box_copy` first,
then `window_kernel`, what all have in common, and its two kinds: `image_product`, whose
results are an image, and `weight_product`, whose results are weights; `phases` last,
which takes a stride apart. `lowering.choose_product` tells which a product gets. A
pooling needs none of them: its windows are read in place, like any other movement.
"""
