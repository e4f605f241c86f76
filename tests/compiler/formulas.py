"""Not a test: the formulas that random programs are made of.

The sharp ones have an edge, where a gradient depends on the last digit of a number.
"""

import seegrad as sg

SMOOTH = [
    lambda x, c: x.tanh(),
    lambda x, c: (-x * x).exp(),
    lambda x, c: (x * x + 1.0).sqrt(),
    lambda x, c: (1.5 + x.tanh()).log(),
    lambda x, c: x.sigmoid() - 0.5 * x,
    lambda x, c: sg.erf(x),
    lambda x, c: x.sin() + x * 0.25,
    lambda x, c: x / (x * x + 1.0),
    lambda x, c: sg.softplus(x),
    lambda x, c: 1 - x,
]
SHARP = [
    lambda x, c: x.relu(),
    lambda x, c: 1 - x.abs(),
    lambda x, c: x.clamp(-0.8, 0.9),
    lambda x, c: sg.where(x > 0.1, x, x * x - 0.5),
    lambda x, c: x.sign() * 0.5 + x,
    lambda x, c: (x > 0.2).to(x.dtype) * x,
]
BINARY = [
    lambda x, y: (x + y) / 2,
    lambda x, y: x - y / 3,
    lambda x, y: x * y.tanh(),
    lambda x, y: x / (y * y + 1.0),
    lambda x, y: x * y.tanh() + y * x.sin(),
]
SHARP_BINARY = [
    lambda x, y: sg.maximum(x, y * 1.25),
    lambda x, y: sg.minimum(x, 0.75 * y),
    lambda x, y: sg.where(x < y, x, 0.5 * y),
    lambda x, y: sg.where(x == y, x + 1.0, y),
]
