"""Iterators: what a query found is fixed when it starts, and given out page by page within its session."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .answers import Answer
from .errors import RequestError

#: Kind and id of what a query found.
Found = list[tuple[str, str]]


@dataclass(slots=True)
class _Running:
    """What an iterator still has to give, the next one last; and the query of its start, whose words count."""

    left: Found
    query: str
    used_at: float
    given: Mapping[str, Any]


@dataclass(slots=True)
class Iterators:
    """The iterators of a session."""

    running: dict[str, _Running] = field(default_factory=dict)

    def start(self, query: str, found: Found, given: Mapping[str, Any], answer: Answer, now: float) -> Found:
        """Begin with what a query found; the first page. Raises :class:`~qbsimulator.errors.RequestError`."""
        if given.get("MaxReturned") is None:
            raise RequestError(3390, detail="MaxReturned is missing.")
        if not found:
            return found
        id_ = f"{{{uuid.uuid4()}}}"
        running = self.running[id_] = _Running(found[::-1], query, now, given)
        return self._page(id_, running, given, answer)

    def going_on(
        self, query: str, given: Mapping[str, Any], answer: Answer, now: float, idle: int
    ) -> tuple[Found, Mapping[str, Any]]:
        """The next page (none for ``Stop``), and what the query said at its start, where it says nothing now.

        ``idle``: seconds without a call after which an iterator is gone; 0: never. Raises
        :class:`~qbsimulator.errors.RequestError` for an iterator that is not there.
        """
        id_ = str(given.get("iteratorID") or "")
        if not id_:
            raise RequestError(3390, detail="iteratorID is missing.")
        running = self.running.get(id_)
        if running is None or running.query != query or (idle and now - running.used_at > idle):
            if running is not None and running.query == query:
                del self.running[id_]
            raise RequestError(3391, value=id_)
        if given["iterator"] == "Stop":
            del self.running[id_]
            return [], given
        if given.get("MaxReturned") is None:
            raise RequestError(3390, detail="MaxReturned is missing.")
        running.used_at = now
        return self._page(id_, running, given, answer), {**running.given, **given}

    def _page(self, id_: str, running: _Running, given: Mapping[str, Any], answer: Answer) -> Found:
        most = int(given["MaxReturned"])
        page = [running.left.pop() for _ in range(min(most, len(running.left)))]
        answer.attributes["iteratorRemainingCount"] = len(running.left)
        answer.attributes["iteratorID"] = id_
        if not running.left:  # its id is still told, and is no good any more
            del self.running[id_]
        return page
