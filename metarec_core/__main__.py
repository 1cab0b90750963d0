"""``python -m metarec_core``: the command line."""

import sys

from metarec_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
