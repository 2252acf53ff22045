"""Waking those who wait in this process: for work, for an answer, for the end.

A store tells what changed once it is committed. Whoever waits watches first, looks next, and waits last, so that
nothing is missed in between. A wake-up says that it is worth looking, no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from types import TracebackType


class Watch:
    """One waiting party. Use it in a ``with`` block."""

    __slots__ = ("_event", "_signals", "gone", "topics")

    def __init__(self, signals: Signals, topics: tuple[str, ...]) -> None:
        self._signals = signals
        self._event = threading.Event()
        self.topics = topics
        #: Set by whoever notices that nobody waits for what comes of it.
        self.gone = False

    def wait(self, timeout: float | None) -> bool:
        """Wait until told, at most ``timeout`` seconds (``None``: without end); whether it was told."""
        told = self._event.wait(timeout)
        self._event.clear()
        return told

    def forget(self) -> None:
        """Forget what was told so far; to be called before one looks for oneself."""
        self._event.clear()

    def wake(self) -> None:
        """Wake it, whatever it waits for."""
        self._event.set()

    def __enter__(self) -> Watch:
        self._signals._add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._signals._remove(self)


class Signals:
    """Who waits for what."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watching: dict[str, set[Watch]] = {}
        #: Called when somebody begins to watch: a store then begins to listen to other processes.
        self.on_watch: Callable[[], object] = _nothing

    def watch(self, *topics: str) -> Watch:
        """Something to wait on for any of ``topics``."""
        return Watch(self, topics)

    def tell(self, topics: Iterable[str]) -> None:
        """Wake all who watch one of ``topics``."""
        with self._lock:
            woken = [watch for topic in topics for watch in self._watching.get(topic, ())]
        for watch in woken:
            watch.wake()

    def tell_all(self) -> None:
        """Wake everybody: something changed, and nobody knows what; or the process is to end."""
        with self._lock:
            woken = [watch for watches in self._watching.values() for watch in watches]
        for watch in woken:
            watch.wake()

    @property
    def watched(self) -> int:
        """How many topics are watched at the moment."""
        with self._lock:
            return len(self._watching)

    def _add(self, watch: Watch) -> None:
        self.on_watch()
        with self._lock:
            for topic in watch.topics:
                self._watching.setdefault(topic, set()).add(watch)

    def _remove(self, watch: Watch) -> None:
        with self._lock:
            for topic in watch.topics:
                watches = self._watching.get(topic)
                if watches is not None:
                    watches.discard(watch)
                    if not watches:
                        del self._watching[topic]


def _nothing() -> None:
    """Nobody else to listen to."""


def work(connection: str) -> str:
    """The topic of work for a connection, and of all else that its session should look at."""
    return f"w:{connection}"


def settled(request_id: str) -> str:
    """The topic of a request's end."""
    return f"s:{request_id}"


#: The topic of handlers that are due.
HANDLERS = "h"
