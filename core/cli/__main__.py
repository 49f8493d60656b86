"""`python -m roundtable.cli`, or `python -m core.cli` in a checkout: the command where it is not on PATH."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
