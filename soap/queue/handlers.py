"""Calling a product's own functions with the results of its requests.

A request names its handler when it is queued; which function that is, the process that runs handlers knows. A handler
is called after the result is stored, in no transaction, and at least once: again if it raised, or if the process died
before it was noted that it ended. So it has to bear being called twice with the same ``result.id``.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, TypeAlias

from ..errors import UnknownHandler
from . import signals
from .core import RequestQueue
from .results import Result

logger = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Result], Any]

#: Where installed distributions name their handlers: ``name = "package.module:function"``.
GROUP = "openqbd.handlers"


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often a handler that raises is called, and after which pauses, in seconds."""

    attempts: int = 10
    first: float = 5.0
    longest: float = 3600.0
    #: A handler that has not ended after so long is taken to have died with its process.
    lease: float = 600.0

    def pause(self, attempt: int) -> float:
        """The pause after the ``attempt``-th call (from 1)."""
        return float(min(self.longest, self.first * 2 ** (attempt - 1)))


class HandlerRunner:
    """Runs the handlers of a queue that this process knows. Any number of them may run, in any number of processes.

    ``handlers`` are the functions by name; requests with other names are left to others. A handler that raised
    ``backoff.attempts`` times is given up: its last error stays with the request, and the log says so.
    """

    def __init__(self, queue: RequestQueue, handlers: Mapping[str, Handler], *, backoff: Backoff | None = None) -> None:
        self._queue = queue
        self._handlers = dict(handlers)
        self._backoff = backoff or Backoff()

    def run_once(self) -> bool:
        """Call one handler that is due; whether there was one."""
        if not self._handlers:
            return False
        store = self._queue.store
        entry = store.take_handler(list(self._handlers), self._backoff.lease)
        if entry is None:
            return False
        assert entry.handler is not None, "taken for its handler"
        attempt = entry.handler_attempts + 1
        try:
            self._handlers[entry.handler](self._queue.result(entry.id))
        except Exception as error:
            given_up = attempt >= self._backoff.attempts
            due = None if given_up else store.now() + self._backoff.pause(attempt)
            store.change_handler(entry, due=due, attempts=attempt, error=f"{type(error).__name__}: {error}")
            what = "is given up" if given_up else f"is called again in {self._backoff.pause(attempt):g} s"
            logger.exception("handler %r of request %s failed (call %d) and %s", entry.handler, entry.id, attempt, what)
        else:
            store.change_handler(entry, due=None, attempts=attempt, error=None)
        return True

    def run(self, stop: threading.Event, *, longest_wait: float = 30.0) -> None:
        """Call handlers as they become due, until ``stop`` is set; wake it by ``queue.store.signals.tell_all()``."""
        store = self._queue.store
        with store.signals.watch(signals.HANDLERS) as watch:
            while not stop.is_set():
                if self.run_once():
                    continue
                due = store.handlers_due(list(self._handlers))
                watch.wait(longest_wait if due is None else min(longest_wait, max(0.01, due - store.now())))


def load_handlers(named: Iterable[str] = ()) -> dict[str, Handler]:
    """The handlers of installed distributions (entry points of ``openqbd.handlers``), and those named here.

    ``named``: ``MODULE:FUNCTION``, whose handler is called ``FUNCTION``, or ``NAME=MODULE:FUNCTION``. Raises
    :class:`~soap.errors.UnknownHandler` for one that can't be imported or is no function.
    """
    found: dict[str, Handler] = {}
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = point.load()
        except Exception as error:
            raise UnknownHandler(f"{point.name} = {point.value}", f"{type(error).__name__}: {error}") from error
    for text in named:
        name, _, target = text.rpartition("=")
        module, _, attribute = target.partition(":")
        if not module or not attribute:
            raise UnknownHandler(text, "MODULE:FUNCTION is wanted")
        try:
            function = getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise UnknownHandler(text, f"{type(error).__name__}: {error}") from error
        if not callable(function):
            raise UnknownHandler(text, f"{target} is no function")
        found[name or attribute] = function
    return found
