"""What other libraries say while a command runs: what does not concern its user stays away."""

import logging
import os
import sys
import warnings


def quieten() -> None:
    """Turn off other libraries' advice, deprecations and, where nobody watches, their progress bars.

    Errors are still told. Python's `-W` and the libraries' own environment variables come first. To be called before
    the libraries are imported.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it names kernels that it could not fetch
    if not sys.stderr.isatty():
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
