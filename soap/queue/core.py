"""The queue: what a product does with its requests. The same rules over every store.

What a session of the Web Connector does with them is in ``delivery.py``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Literal

from qbxml.errors import InvalidRequest

from ..errors import IdempotencyConflict, NotUnknown, QueueFull, UnknownRequest
from . import intake, signals
from .delivery import Delivery, Limits
from .entries import ConnectionRow, Entry, Event
from .results import Result, result_of
from .states import FINAL, Happening, State, after
from .store import KeyTaken, Store

logger = logging.getLogger(__name__)

#: Seconds for which the qbXML version that a connection reported is believed without asking the store again.
VERSION_BELIEVED = 60.0


@dataclass(frozen=True, slots=True)
class Chores:
    """What :meth:`RequestQueue.tend` did."""

    expired: int = 0
    lost: int = 0
    forgotten: int = 0


class RequestQueue:
    """Requests that wait for the Web Connector, and their answers. Made by ``MemoryQueue()`` or ``SQLQueue(url)``.

    A request belongs to a *connection*: one company file of one user, named by any text. Within a connection requests
    go out one message set at a time, by priority and then in their order of arrival. All methods are synchronous and
    may be called from any thread; what they raise is in ``soap.errors``.

    ``most_waiting`` bounds how many requests of a connection may be ``QUEUED`` (default: no bound). ``retention`` is
    the time in seconds for which results are kept after they finish, read or not (default: 30 days), ``limits`` what
    bounds repetitions.
    """

    def __init__(
        self,
        store: Store,
        *,
        most_waiting: int | None = None,
        retention: float = 30 * 86400.0,
        limits: Limits | None = None,
    ) -> None:
        self.store = store
        self.limits = limits or Limits()
        self._most_waiting = most_waiting
        self._retention = retention
        self._versions: dict[str, tuple[float, str | None, str | None]] = {}
        #: Told, once it is committed, which requests came to a final state or to ``UNKNOWN``: ids and states. One that
        #: raises is logged and otherwise passed over.
        self.observers: list[Callable[[list[tuple[str, State]]], object]] = []

    # -- putting in --------------------------------------------------------------------------------------------------

    def enqueue(
        self,
        connection: str,
        request: Any,
        *,
        priority: int = 0,
        not_before: datetime | float | None = None,
        expires_at: datetime | float | None = None,
        idempotency_key: str | None = None,
        handler: str | None = None,
        metadata: Any = None,
        on_lost: Literal["resend", "ask"] = "resend",
        transaction: Any = None,
    ) -> str:
        """Queue one request, and return its id.

        ``request`` is what :func:`qbxml.build` takes: a typed request or ``{"CustomerQueryRq": {…}}``. A higher
        ``priority`` goes first. Not handed out before ``not_before``, nor after ``expires_at`` (datetimes with a zone,
        or seconds since 1970). A second call with the same ``idempotency_key`` in the same connection returns the
        first one's id. ``handler`` names what is called with the result. ``metadata`` is anything that JSON can hold.
        ``on_lost`` decides about a write whose answer is lost: ``"resend"`` hands the identical text out again, which
        QuickBooks does not do twice; ``"ask"`` only asks QuickBooks for the outcome, and never does it again.
        ``transaction`` is the caller's own (for ``SQLQueue`` a SQLAlchemy ``Connection`` in a transaction): the
        request is queued when that commits.

        Raises :class:`~soap.errors.NotARequest`, :class:`qbxml.errors.InvalidRequest` (the request can't be sent to
        the QuickBooks last seen, or to none at all), :class:`~soap.errors.IdempotencyConflict`,
        :class:`~soap.errors.QueueFull`.
        """
        (id_,) = self.enqueue_many(
            connection,
            [request],
            priority=priority,
            not_before=not_before,
            expires_at=expires_at,
            idempotency_key=idempotency_key,
            handler=handler,
            metadata=metadata,
            on_lost=on_lost,
            transaction=transaction,
        )
        return id_

    def enqueue_many(
        self,
        connection: str,
        requests: Sequence[Any],
        *,
        one_set: bool = False,
        on_error: Literal["stopOnError", "continueOnError"] = "stopOnError",
        priority: int = 0,
        not_before: datetime | float | None = None,
        expires_at: datetime | float | None = None,
        idempotency_key: str | None = None,
        handler: str | None = None,
        metadata: Any = None,
        on_lost: Literal["resend", "ask"] = "resend",
        transaction: Any = None,
    ) -> list[str]:
        """Queue several requests, all or none, and return their ids in order.

        ``one_set`` sends them together, in one message set with that ``on_error``; macros work only so. An
        ``idempotency_key`` names the whole call. The rest is as in :meth:`enqueue`.
        """
        if not connection:
            raise ValueError("a connection needs a name")
        for name, text in (("connection", connection), ("idempotency_key", idempotency_key), ("handler", handler)):
            intake.check_text(text, name)
        if on_lost not in intake.ON_LOST:
            raise ValueError(f"on_lost is {on_lost!r}; it can be {' or '.join(map(repr, intake.ON_LOST))}")
        if on_error not in intake.ON_ERROR:
            raise ValueError(f"on_error is {on_error!r}; it can be {' or '.join(map(repr, intake.ON_ERROR))}")
        if not isinstance(requests, list | tuple) or not requests:
            raise ValueError("enqueue_many takes a list of requests, at least one")
        plain = [one for request in requests for one in intake.plain_requests(request)]
        for _, _, caller_id in plain:
            intake.check_text(caller_id, "requestID")
        digest = intake.digest(plain)
        try:
            intake.check(plain, *self._version_of(connection))
        except InvalidRequest:
            # Another QuickBooks may have been seen since the first call, which is what the second asks for.
            found = self._same(connection, idempotency_key, digest, transaction)
            if found is None:
                raise
            return found
        now = self.store.now()
        ids = [intake.new_id() for _ in plain]
        entries = [
            Entry(
                id=id_,
                connection=connection,
                set_id=ids[0] if one_set else id_,
                place=index if one_set else 0,
                name=name,
                content=content,
                caller_id=caller_id,
                writes=intake.writes(name),
                continues=intake.continues(content),
                macros=intake.has_macros(content),
                created_at=now,
                on_lost=on_lost,
                on_error=on_error,
                priority=priority,
                not_before=intake.seconds(not_before, "not_before"),
                expires_at=intake.seconds(expires_at, "expires_at"),
                # The first carries the key of the call; the others are found through the ids it keeps.
                idempotency_key=idempotency_key if index == 0 else None,
                digest=f"{digest} {' '.join(ids)}" if index == 0 and idempotency_key is not None else None,
                handler=handler,
                metadata=None if metadata is None else json.dumps(metadata),
                changed_at=now,
                reason="queued",
            )
            for index, (id_, (name, content, caller_id)) in enumerate(zip(ids, plain, strict=True))
        ]
        try:
            added = self.store.insert(
                entries, most=self._most_waiting, topics=[signals.work(connection)], transaction=transaction
            )
        except KeyTaken:
            assert idempotency_key is not None
            found = self._same(connection, idempotency_key, digest, transaction)
            if found is None:  # taken by a transaction of which nobody knows yet how it ends
                raise IdempotencyConflict(connection, idempotency_key) from None
            return found
        if not added:
            found = self._same(connection, idempotency_key, digest, transaction)
            if found is None:
                assert self._most_waiting is not None
                raise QueueFull(connection, self._most_waiting)
            return found
        return ids

    def _same(self, connection: str, key: str | None, digest: str, transaction: Any) -> list[str] | None:
        """The ids of an earlier call with that key; ``None`` where there was none.

        Asked for only where a request could not be put in: mostly there was none.
        """
        if key is None:
            return None
        earlier = self.store.by_key(connection, key, transaction)
        if earlier is None:
            return None
        before, *ids = (earlier.digest or "").split(" ")
        if before != digest:
            raise IdempotencyConflict(connection, key)
        return ids

    def _version_of(self, connection: str) -> tuple[str | None, str | None]:
        """The qbXML version and edition that the connection's last session used, if it had one."""
        known = self._versions.get(connection)
        if known is None or monotonic() - known[0] > VERSION_BELIEVED:
            row = self.store.connection(connection)
            known = (monotonic(), None, None) if row is None else (monotonic(), row.version, row.edition)
            if len(self._versions) > 10_000:
                self._versions.clear()
            self._versions[connection] = known
        return known[1], known[2]

    # -- looking -----------------------------------------------------------------------------------------------------

    def result(self, id: str, timeout: float = 0.0) -> Result:
        """A request as it stands once it is final, or after ``timeout`` seconds, whichever comes first.

        ``UNKNOWN`` is not final: it is waited for, too. Raises :class:`~soap.errors.UnknownRequest`.
        """
        found = self._result(id)
        if timeout <= 0 or self._over(found):
            return found[0]
        until = monotonic() + timeout
        with self.store.signals.watch(signals.settled(id)) as watch:
            while True:
                found = self._result(id)
                left = until - monotonic()
                if left <= 0 or self._over(found):
                    return found[0]
                watch.wait(left)

    @staticmethod
    def _over(found: tuple[Result, bool]) -> bool:
        result, pending = found
        return result.state in FINAL and not pending

    def _result(self, id: str) -> tuple[Result, bool]:
        entry = self.store.entry(id)
        if entry is None:
            raise UnknownRequest(id)
        return result_of(entry, self._head(entry)), entry.record_pending

    def _head(self, entry: Entry) -> Entry:
        """The first of its set; itself where that was forgotten just now."""
        return entry if entry.is_head else next(iter(self.store.members(entry.set_id)), entry)

    def find(
        self,
        connection: str | None = None,
        *,
        states: Collection[State] | None = None,
        names: Collection[str] | None = None,
        limit: int = 100,
        after: str | None = None,
        newest_first: bool = False,
    ) -> list[Result]:
        """Requests in their order of arrival, ``limit`` at most: of one connection or all, by state and by name.

        ``after`` is the id of the last one of the page before. Raises :class:`~soap.errors.UnknownRequest` for an
        ``after`` that is not there (any more).
        """
        number = 0
        if after is not None:
            last = self.store.entry(after)
            if last is None:
                raise UnknownRequest(after)
            number = last.number
        rows = self.store.find(
            connection, states=states, names=names, after=number, newest_first=newest_first, limit=limit
        )
        return [result_of(row, self._head(row)) for row in rows]

    def history(self, id: str) -> list[Event]:
        """What happened to a request, oldest first. Raises :class:`~soap.errors.UnknownRequest`."""
        events = self.store.history(id)
        if not events:
            raise UnknownRequest(id)
        return events

    def waiting(self, connection: str, most: int = 1000) -> int:
        """How many message sets of a connection could be handed out now, counted up to ``most``; none while paused."""
        row = self.store.connection(connection)
        return 0 if row is not None and row.paused else self.store.waiting(connection, most)

    def connection(self, name: str) -> ConnectionRow | None:
        """What the queue knows of a connection; ``None`` where it never had a request or a session."""
        return self.store.connection(name)

    # -- changing one's mind -----------------------------------------------------------------------------------------

    def cancel(self, id: str, *, only_waiting: bool = False, reason: str = Happening.CANCELLED.value) -> State:
        """Withdraw a request, and with it the others of its set; the state it has then.

        One that waits is ``CANCELLED``. One that was handed out can't be called back, and one that is ``UNKNOWN`` may
        have been done: QuickBooks is asked about it, but it is not done again. With ``only_waiting`` these are left as
        they are. The history of what is cancelled says ``reason``. Raises :class:`~soap.errors.UnknownRequest`.
        """
        intake.check_text(reason, "reason")
        with self._work_on(id) as (delivery, entry):
            for member in delivery.transaction.members(entry.set_id):
                if member.state is State.QUEUED:
                    delivery.end(member, Happening.CANCELLED, reason=reason)
                elif member.state in (State.SENT, State.UNKNOWN) and not member.withdrawn and not only_waiting:
                    said = "the caller wanted it cancelled, too late"
                    delivery.transaction.change(member, withdrawn=True, reason=said)
        return entry.state

    def resolve(self, id: str, outcome: State, reason: str = "") -> Result:
        """Say what became of an ``UNKNOWN`` request, and of the others of its set: ``DONE``, ``FAILED`` or ``QUEUED``.

        ``QUEUED`` sends it anew, so say it only of what was certainly not done. Raises
        :class:`~soap.errors.UnknownRequest`, :class:`~soap.errors.NotUnknown` where it is in another state,
        ``ValueError`` for another outcome.
        """
        happenings = {
            State.DONE: Happening.RESOLVED_DONE,
            State.FAILED: Happening.RESOLVED_FAILED,
            State.QUEUED: Happening.RESOLVED_QUEUED,
        }
        if outcome not in happenings:
            raise ValueError(f"the outcome is {outcome!r}; it can be State.DONE, State.FAILED or State.QUEUED")
        intake.check_text(reason, "reason")
        happening = happenings[outcome]
        said = f"{happening.value}: {reason}" if reason else happening.value
        with self._work_on(id) as (delivery, entry):
            if entry.state is not State.UNKNOWN:
                raise NotUnknown(id, entry.state.value)
            for member in delivery.transaction.members(entry.set_id):
                if member.state is not State.UNKNOWN:
                    continue
                if outcome is not State.QUEUED:
                    delivery.end(member, happening, reason=said)
                    continue
                changes: dict[str, Any] = {"text": None, "message_set_id": None, "releases": None, "released": False}
                changes |= {"error": None, "raw": None, "withdrawn": False, "asked": 0, "asked_in": None}
                delivery.transaction.change(member, **changes, state=after(member.state, happening), reason=said)
                delivery.transaction.tell(signals.work(entry.connection))
        return self.result(id)

    def pause(self, connection: str) -> None:
        """Hand out nothing of this connection until :meth:`resume`. Answers to what is out are still taken."""
        with self.store.transaction(connection) as transaction:
            transaction.change_connection(paused=True)

    def resume(self, connection: str) -> None:
        """Undo :meth:`pause`."""
        with self.store.transaction(connection) as transaction:
            transaction.change_connection(paused=False)
            transaction.tell(signals.work(connection))

    @contextmanager
    def _work_on(self, id: str) -> Iterator[tuple[Delivery, Entry]]:
        """Work on a request's connection, in one transaction, and the request as it stands in it."""
        seen = self.store.entry(id)
        if seen is None:
            raise UnknownRequest(id)
        with self.deliver(seen.connection) as delivery:
            # Once more: until the connection was locked it could be taken out of its set, or be forgotten.
            entry = delivery.transaction.entry(id)
            if entry is None:
                raise UnknownRequest(id)
            yield delivery, entry

    # -- keeping it going --------------------------------------------------------------------------------------------

    @contextmanager
    def deliver(self, connection: str) -> Iterator[Delivery]:
        """Work on a connection for a session of the Web Connector, in one transaction."""
        with self.store.transaction(connection) as transaction:
            delivery = Delivery(transaction, self.limits)
            yield delivery
        if delivery.ended:
            for observer in self.observers:
                try:
                    observer(delivery.ended)
                except Exception:
                    # What was done is stored: whoever waits for the answer is to get it.
                    logger.exception("an observer of the queue failed")

    def tend(self, *, most: int = 100) -> Chores:
        """Do what time brings: expire requests, give up sessions that went silent, forget old results.

        To be called now and then, by anybody; ``python -m soap serve`` and ``work`` do. Nothing depends on it but
        that a request is *shown* as expired or unknown in time.
        """
        now = self.store.now()
        expired = lost = 0
        for connection in self.store.neglected(now - self.limits.session_timeout, most):
            with self.deliver(connection) as delivery:
                expired += delivery.expire()
                lost += delivery.give_up_silent_session()
        # However short results are kept: a session that QuickBooks still works for is none to forget.
        silent_since = now - max(self._retention, self.limits.session_timeout)
        return Chores(expired, lost, self.store.forget(now - self._retention, most, silent_since=silent_since))

    def purge(self, connection: str) -> int:
        """Forget a connection: its requests with their answers, its sessions, itself; how many requests that were.

        What waits is cancelled first. What is out can't be called back, and nobody learns what came of it; an update
        that is under way ends, for its ticket is forgotten, too.
        """
        while waiting := self.store.find(
            connection, states=[State.QUEUED], names=None, after=0, newest_first=False, limit=100
        ):
            for entry in waiting:
                try:
                    self.cancel(entry.id)
                except UnknownRequest:
                    pass  # purged by another
        return self.store.purge(connection)

    def close(self) -> None:
        """Let go of the store: connections to a database, threads that listen."""
        self.store.close()
