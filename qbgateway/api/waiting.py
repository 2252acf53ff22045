"""How many callers may wait for QuickBooks at a time.

Under gevent a caller that waits costs no thread, and any number may. In a threaded server each takes a thread, so only
some may: one more is told to come again, and pages and the Web Connector always find a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from soap.holding import is_cooperative

from ..errors import Refused

#: Callers that wait in a threaded server, unless told otherwise.
MOST_IN_THREADS = 2
#: Seconds after which a caller that may not wait is to come again.
RETRY_AFTER = 1


class Waiting:
    """The places of those who wait. ``most`` of them; ``None``: without bound under gevent, else a few."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many wait at the moment."""
        return self._taken

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for the length of the block. Raises :class:`~qbgateway.errors.Refused` where there is none."""
        most = self._most if self._most is not None else (None if is_cooperative() else MOST_IN_THREADS)
        with self._guard:
            if most is not None and self._taken >= most:
                reason = "As many callers wait for QuickBooks as may at a time. Nothing was sent; try again."
                raise Refused("SERVER_BUSY", reason, retry=True, headers={"Retry-After": str(RETRY_AFTER)})
            self._taken += 1
        try:
            yield
        finally:
            with self._guard:
                self._taken -= 1
