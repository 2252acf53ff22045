"""Time as the Web Connector goes by it: real, or virtual, where a day of schedules takes a second."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Time(Protocol):
    """A clock that one can also wait on."""

    def __call__(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealTime:
    """The system's time."""

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait, for real."""
        time.sleep(max(0.0, seconds))


class VirtualTime:
    """Time that passes only where somebody waits: ``sleep`` moves it on and returns at once. Any thread may use it.

    One of them can be the clock of a company, of a Web Connector and of an endpoint, which then agree.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = float(start)
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Seconds since 1970."""
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Move the time on by so many seconds; it never goes back."""
        with self._lock:
            self._now += max(0.0, seconds)
