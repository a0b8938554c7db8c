"""Runs MiniStack for the local stage, mended where it differs from AWS in ways that Hilo would notice.

Argument: the folder of the stage's instance, which also marks the process as one of that instance.
Every mend asserts what it changes, so that another version of MiniStack fails at start and not in a test.
"""

import sys

from importlib.metadata import version

from ministack.app import main
from ministack.core.persistence import STATE_DIR

import mends

from snapshots import Snapshots

MINISTACK = "1.5.33"

if __name__ == "__main__":
    assert version("ministack") == MINISTACK, f"this launcher mends MiniStack {MINISTACK}"
    del sys.argv[1:]
    mends.apply()
    Snapshots(STATE_DIR).install()
    main()
