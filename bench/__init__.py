"""How fast is seegrad, and beside whom? One harness that times all of them alike.

`workloads` says what is computed and how quickly it could be at best, `engines` how
each library computes it, `harness` times them in turn and compares their losses.
"""
