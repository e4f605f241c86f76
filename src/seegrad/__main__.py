"""``python -m seegrad`` is the same as the command ``seegrad``."""

import sys

from seegrad.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
