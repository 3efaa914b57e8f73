"""`python -m pii_sft`: the command line."""

import sys

from pii_sft.cli import main

if __name__ == "__main__":
    sys.exit(main())
