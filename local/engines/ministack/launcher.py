"""Runs MiniStack for the local stage, mended where it differs from AWS in ways that Hilo would notice.

Argument: the folder of the stage's instance, which also marks the process as one of that instance.
Every mend asserts what it changes, so that another version of MiniStack fails at start and not in a test.
"""

import sys

import mends

from ministack.app import main

if __name__ == "__main__":
    del sys.argv[1:]
    mends.apply()
    main()
