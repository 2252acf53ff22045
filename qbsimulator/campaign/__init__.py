"""Runs of the whole: a real server that is killed, simulated Web Connectors over HTTP, companies whose books are kept.

``python -m qbsimulator.campaign`` puts the endpoint of :mod:`soap` before the simulator: everything goes wrong that
:class:`~qbsimulator.Faults` can draw, and the server dies in between. In the end each write that was said to be done is
in its company once, none that was said to have failed is there, and the books are right.
"""

from __future__ import annotations

from .runs import run, run_chunk

__all__ = ["run", "run_chunk"]
