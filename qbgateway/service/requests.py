"""Requests to QuickBooks: queued, waited for in real time, looked at afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import soap
from qbxml.errors import InvalidRequest, QbxmlError
from qbxml.schema import Schema
from soap.queue import Event, RequestQueue, Result, State

from ..errors import Refused, missing
from ..store import Scope
from . import texts
from .connections import Connections, Standing
from .end_users import EndUsers
from .outcomes import Outcome, judge, timed_out, withdrawn
from .records import Connection, Key
from .settings import Settings

#: Seconds that a caller may ask to wait.
SHORTEST_WAIT, LONGEST_WAIT = 1, 240

#: Seconds after which a caller that waits looks whether the process is to end: less than a server gives it to end.
LOOK = 5.0

_NOTHING_DONE = (State.CANCELLED, State.EXPIRED)

#: What the history says of a request whose caller's time was over.
WITHDRAWN = "withdrawn: its caller's time was over"


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller asks for: the request, as :func:`qbxml.build` takes it, and how.

    ``timeout`` is how long the caller waits for the answer, in seconds; ``None``: not at all.
    """

    name: str
    content: dict[str, Any]
    key: Key
    timeout: float | None
    idempotency_key: str | None = None


class Requests:
    """The requests of one account."""

    def __init__(
        self, scope: Scope, queue: RequestQueue, settings: Settings, stopping: threading.Event | None = None
    ) -> None:
        self._scope = scope
        self._queue = queue
        self._settings = settings
        self._stopping = stopping or threading.Event()
        self._connections = Connections(scope, queue, settings)

    # -- asking ------------------------------------------------------------------------------------------------------

    def submit(self, end_user_id: str, given: Given) -> str:
        """Queue a request for an end user's QuickBooks, and return its id.

        One whose caller waits is not handed out after the caller's time. Raises :class:`~qbgateway.errors.Refused`.
        """
        connection = self._connections.of(end_user_id)
        if connection is None:
            # Without a look for the end user where there is a connection: that is asked of every request.
            EndUsers(self._scope, self._queue).get(end_user_id)
        if given.key.read_only and _writes(given.name):
            reason = f"This key may only read, and {given.name} changes the company file."
            raise Refused("API_KEY_READ_ONLY", reason)
        if given.idempotency_key is not None:
            texts.idempotency_key(given.idempotency_key)
        ready = self._ready(connection, given)
        self._connections.note_request(ready)
        id_ = self._enqueue(ready.id, given)
        if self._connections.of(end_user_id) is None:
            # Deleted meanwhile, with all that was queued until then: this is nobody's any more.
            self._queue.purge(ready.id)
            raise missing("end user", end_user_id)
        return id_

    def _ready(self, connection: Connection | None, given: Given) -> Connection:
        """The connection, if a request to it can be answered, or was made before. Raises where it can't."""
        diagnosis = self._connections.diagnose(connection)
        if connection is None or diagnosis.standing is Standing.NOT_SET_UP:
            raise Refused("INTEGRATION_CONNECTION_NOT_SET_UP", diagnosis.reason)
        if diagnosis.standing is Standing.NOT_ACTIVE and not self._was_asked(connection.id, given.idempotency_key):
            raise Refused("INTEGRATION_CONNECTION_NOT_ACTIVE", diagnosis.reason)
        return connection

    def _was_asked(self, connection: str, idempotency_key: str | None) -> bool:
        """Whether an earlier call with that key asked for it, and it was not withdrawn."""
        attempt = 1
        while (key := _queue_key(idempotency_key, attempt)) is not None:
            earlier = self._queue.store.by_key(connection, key, None)
            if earlier is None:
                return False
            if earlier.state not in _NOTHING_DONE:
                return True
            attempt += 1
        return False

    def _enqueue(self, connection: str, given: Given) -> str:
        expires = None if given.timeout is None else self._queue.store.now() + given.timeout + self._settings.grace
        attempt = 1
        while True:
            try:
                id_ = self._queue.enqueue(
                    connection,
                    {given.name: given.content},
                    expires_at=expires,
                    idempotency_key=_queue_key(given.idempotency_key, attempt),
                    metadata={"numbers": given.key.numbers, "key": given.key.id},
                )
                if given.idempotency_key is None or self._queue.result(id_).state not in _NOTHING_DONE:
                    return id_
            except soap.UnknownRequest:
                continue  # forgotten in between: it is made anew
            except InvalidRequest as error:
                raise Refused("PARAMETERS_INVALID", str(error)) from None
            except QbxmlError as error:
                raise Refused("PARAMETERS_INVALID", str(error)) from None
            except soap.IdempotencyConflict:
                reason = f"The Idempotency-Key {given.idempotency_key!r} was used before, with another body."
                raise Refused("IDEMPOTENCY_KEY_REUSED", reason) from None
            except soap.QueueFull as error:
                raise Refused("QUEUE_FULL", f"{error}.") from None
            except ValueError as error:  # texts that no store can keep
                raise Refused("PARAMETERS_INVALID", str(error)) from None
            # It was withdrawn before it was sent, so a further call with the key is the first that does anything.
            attempt += 1

    def wait(self, id: str, timeout: float) -> Outcome:
        """The outcome of a request, once there is one. Raises :class:`~qbgateway.errors.Refused`.

        If the time runs out, or this process is told to end, before the request was handed out, it is withdrawn, and
        nobody does it any more; once it was handed out it stays, and its answer can be had later.
        """
        begun = monotonic()
        try:
            result = self._waited_for(id, timeout)
            if not result.state.is_final:
                self._queue.cancel(id, only_waiting=True, reason=WITHDRAWN)
                result = self._queue.result(id)
                if result.state in _NOTHING_DONE or not result.state.is_final:
                    raise self._timed_out(result, min(timeout, round(monotonic() - begun, 1)))
            elif result.state is State.CANCELLED and self._queue.history(id)[-1].reason == WITHDRAWN:
                # By another caller, who asked for the same and whose time was over before.
                raise timed_out(result, round(monotonic() - begun, 1), None)
        except soap.UnknownRequest:
            reason = "The end user was deleted, and the request with it; if it was sent before, it may have been done."
            raise Refused("REQUEST_CANCELLED", reason) from None
        return judge(result)

    def _waited_for(self, id: str, timeout: float) -> Result:
        """A request once it is final, when the time is over, or soon after this process was told to end."""
        until = monotonic() + timeout
        while True:
            result = self._queue.result(id, min(LOOK, max(0.0, until - monotonic())))
            if result.state.is_final and not (result.recovered and self._is_pending(id)):
                return result
            if self._stopping.is_set() or monotonic() >= until:
                return result

    def _is_pending(self, id: str) -> bool:
        """Whether the record of a recovered outcome is still being read."""
        entry = self._queue.store.entry(id)
        return entry is not None and entry.record_pending

    def _timed_out(self, result: Result, timeout: float) -> Refused:
        connection = self._connections.get(result.connection)
        troubled_at = connection.trouble_at
        if connection.trouble is None or troubled_at is None:
            return timed_out(result, timeout, None)
        reason = self._connections.diagnose(connection).reason
        if result.state in _NOTHING_DONE and troubled_at >= result.created_at.timestamp():
            # The Web Connector came for it, and could not open the company file.
            code = connection.trouble
            message = f"QBD Connection Error ({code}): {reason} {withdrawn(result)}"
            return Refused("QBD_CONNECTION_ERROR", message, integration_code=code)
        return timed_out(result, timeout, reason)

    # -- looking -----------------------------------------------------------------------------------------------------

    def get(self, id: str, timeout: float = 0.0) -> Result:
        """A request as it stands, once it is final or after ``timeout`` seconds.

        Raises :class:`~qbgateway.errors.Refused`.
        """
        found = self._queue.store.entry(id)
        if found is None or not self._is_ours(found.connection):
            raise missing("request", id)
        with _there(id):
            return self._queue.result(id, timeout)

    def _is_ours(self, connection: str) -> bool:
        try:
            self._connections.get(connection)
        except Refused:
            return False
        return True

    def timeline(self, id: str) -> Sequence[Event]:
        """What happened to a request, the oldest first. Raises :class:`~qbgateway.errors.Refused`."""
        self.get(id)
        with _there(id):
            return self._queue.history(id)

    def cancel(self, id: str) -> Result:
        """Withdraw a request that was not yet handed out; one that was is not done again if its answer gets lost.

        Raises :class:`~qbgateway.errors.Refused`.
        """
        self.get(id)
        with _there(id):
            self._queue.cancel(id)
            return self._queue.result(id)

    def resolve(self, id: str, outcome: State) -> Result:
        """Say what became of a request that is ``UNKNOWN``. Raises :class:`~qbgateway.errors.Refused`."""
        self.get(id)
        try:
            with _there(id):
                return self._queue.resolve(id, outcome)
        except soap.NotUnknown as error:
            reason = f"The request is {error.state}: there is nothing to resolve."
            raise Refused("REQUEST_NOT_UNKNOWN", reason) from None


@contextmanager
def _there(id: str) -> Iterator[None]:
    """What is done with a request in here finds it, or it was deleted meanwhile."""
    try:
        yield
    except soap.UnknownRequest:
        raise missing("request", id) from None


def _queue_key(key: str | None, attempt: int) -> str | None:
    """A caller's key among those of the queue, which has others, too. No key has a line break in it."""
    return None if key is None else f"call\n{attempt}\n{key}"


def _writes(name: str) -> bool:
    try:
        return Schema().writes(name)
    except QbxmlError:
        return True
