"""``python -m qbsimulator`` and the command ``qbsimulator``: see :mod:`qbsimulator.cli`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
