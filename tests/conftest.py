"""What every test runs under: no window is opened, and random inputs can be repeated.

Hypothesis draws new inputs on each run at a desk, so that the suite keeps exploring,
and the same inputs on each run in CI, so that a red build is red again when looked at.
"""

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "Agg"

# No deadline: the first call of a test pays for imports, and machines are unequal.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
