"""What a compiled step says about itself, put together from all its stages.

Everything is made once, as plain data; whatever shows it only prints. To be read in
this order:

- `names`: what parameters, arguments and temporaries are called.
- `body`: which numbers a kernel works with and how often; FLOPs and bytes follow.
- `formula`, then `pseudo`: one number as a formula, all of a kernel as loops.
- `timing`: how long each kernel takes. What the machine can do at best is measured in
  `seegrad.compiler.machine.roofline`.
- `rows`: a dictionary for each kernel with all of that, and one with the sums.
- `units`, `text`: the same for people, in a terminal.
- `page`, with `step.html` and `page.html`: the same for a browser or a notebook. The
  picture is drawn by `seegrad.draw.compiled_step`.

`seegrad.compiler.explain` hands all of it to the user. None of these files computes
anything of the step, and nothing of the step needs them.
"""
