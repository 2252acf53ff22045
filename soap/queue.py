"""Where requests wait for the Web Connector, and their answers for whoever asked.

:class:`RequestQueue` is the contract: its docstrings say what every store has to keep to.
:class:`MemoryQueue` keeps everything in this process and forgets it with the process.

An *entry* is what one ``enqueue`` put in: one request, or several that the caller joined into one message
set. It belongs to a *connection* (one company file of one user), and per connection one entry is out at a
time.

=========  ==========================================================  =========
From       What happens                                                To
=========  ==========================================================  =========
–          ``enqueue``                                                 QUEUED
QUEUED     ``claim``                                                   CLAIMED
CLAIMED    ``handed_out``: the exact text is stored                    SENT
CLAIMED    ``failed``: it cannot be built                              FAILED
CLAIMED    ``lost``, ``take_over``                                     QUEUED
SENT       ``answered``: no request got an error / one did             DONE, FAILED
SENT       ``failed``: a refusal that proves that nothing was done     FAILED
SENT       ``lost``, ``take_over``: an entry that only reads           QUEUED
SENT       ``lost``, ``take_over``: an entry that writes               UNKNOWN
SENT       ``lost``, ``take_over``: a page of an iterator              FAILED
UNKNOWN    ``answered``, late                                          DONE, FAILED
QUEUED     ``answered``, late: a read that was sent before             DONE, FAILED
CLAIMED    the same                                                    DONE, FAILED
=========  ==========================================================  =========

An entry that writes never goes back to QUEUED by itself once its text is stored: QuickBooks may have done
what it asks, and nobody can tell. UNKNOWN says so. A page of an iterator (``iterator="Continue"``) is not asked for
again either, for that would bring the page after it: the iterator has to be started anew.
"""

from __future__ import annotations

import bisect
import copy
import enum
import itertools
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from qbxml.errors import UnknownName
from qbxml.model import MessageRequest, MessageResponse, Request, Response
from qbxml.schema import Schema
from qbxml.typed import TypedRecord

from .errors import LostAnswer, NotARequest, UnknownEntry

logger = logging.getLogger(__name__)


class EntryState(enum.Enum):
    """Where an entry stands."""

    QUEUED = "queued"  #: waits for a session
    CLAIMED = "claimed"  #: a session has it and is building its text; QuickBooks cannot have seen it
    SENT = "sent"  #: handed to the Web Connector; the answer is due
    DONE = "done"  #: answered, without an error
    FAILED = "failed"  #: answered with an error, or refused as a whole, or impossible to build
    UNKNOWN = "unknown"  #: a write that was handed out and whose answer was lost: done or not, nobody knows

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is going to happen by itself."""
        return self in _SETTLED


_SETTLED = frozenset({EntryState.DONE, EntryState.FAILED, EntryState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry that a session has taken, to build and hand out."""

    entry_id: str
    #: The requests as plain dicts, ``{"CustomerQueryRq": {"requestID": "…", …}}``, with the queue's own
    #: requestIDs.
    requests: tuple[dict[str, dict[str, Any]], ...]
    #: Whether any of them changes something in the company file.
    writes: bool


@dataclass(frozen=True, slots=True)
class Result:
    """An entry as it stands: what was sent, what came back."""

    entry_id: str
    state: EntryState
    #: The answers, in the order of the requests; empty until there is one for each.
    responses: tuple[MessageResponse, ...] = ()
    #: Why it failed, where no answer says so, or why nobody knows: ``RefusedSet``, ``qbxml.InvalidRequest`` …
    error: Exception | None = None
    #: The exact text last handed out, and the ``newMessageSetID`` in it.
    text: str = ""
    message_set_id: str | None = None
    #: What came back last, as it came, also where it could not be read.
    raw: str = ""

    @property
    def response(self) -> MessageResponse:
        """The answer to an entry of one request. Raises ``LookupError`` if there is none yet, or several."""
        if len(self.responses) != 1:
            raise LookupError(f"entry {self.entry_id} is {self.state.value} and has {len(self.responses)} answers")
        return self.responses[0]


#: Called with the result of an entry when it is settled, before the Web Connector is told how much is left:
#: what it enqueues goes out in the same session. It must not wait for anything, for the Web Connector does.
#: Called again if an UNKNOWN entry gets its answer after all.
Handler: TypeAlias = Callable[[Result], object]


class RequestQueue(Protocol):
    """The contract between sessions and a store. Each method is atomic, and may be called from any thread."""

    def enqueue(self, connection: str, requests: Any, *, handler: Handler | None = None) -> str:
        """Put an entry behind all others of ``connection``, and return its id.

        ``requests``: one request, or a list that is joined into one message set; what :func:`qbxml.build`
        takes.
        """

    def left(self, connection: str) -> int:
        """How many entries of ``connection`` wait to be claimed."""

    def take_over(self, connection: str) -> None:
        """A session begins for ``connection``: what is out to an earlier one is lost (see :meth:`lost`)."""

    def claim(self, connection: str) -> Claim | None:
        """Take the oldest waiting entry; ``None`` when none waits, or while one of ``connection`` is out."""

    def handed_out(self, entry_id: str, text: str, message_set_id: str | None) -> bool:
        """Store the exact text of a claimed entry. Only if this returns ``True`` may the text be given away.

        ``False``: the entry is no longer claimed. Its answer came after all, or a newer session took over.
        """

    def answered(self, connection: str, response: Response, raw: str) -> frozenset[str]:
        """Store the answers in ``response`` with the entries whose requestIDs they carry.

        An entry is settled when each of its requests has its answer; a document that answers only some of
        them changes nothing. Answers to an entry that is DONE or FAILED are ignored, so the same document may
        come twice. The ids of all entries that ``response`` answers in full are returned, also of those
        settled before.
        """

    def failed(self, entry_id: str, error: Exception, raw: str = "") -> None:
        """The entry that is out failed, and nothing of it was done in QuickBooks."""

    def lost(self, entry_id: str, error: Exception, raw: str = "") -> None:
        """No usable answer came to the entry that is out, and nobody knows whether QuickBooks did it.

        One that only reads waits again, in its old place. One that writes is UNKNOWN. One that
        continues an iterator failed. Nothing happens to an entry that is not out.
        """

    def result(self, entry_id: str, timeout: float = 0.0) -> Result:
        """The entry as it stands once it is settled, or after ``timeout`` seconds, whichever comes first.

        Raises :class:`~soap.errors.UnknownEntry`.
        """


@dataclass(slots=True, eq=False)
class _Entry:
    #: Its place in the order of arrival.
    number: int
    entry_id: str
    connection: str
    #: By requestID, in order.
    requests: dict[str, tuple[str, dict[str, Any]]]
    writes: bool
    continues: bool
    handler: Handler | None
    state: EntryState = EntryState.QUEUED
    responses: tuple[MessageResponse, ...] = ()
    error: Exception | None = None
    text: str = ""
    message_set_id: str | None = None
    raw: str = ""

    def result(self) -> Result:
        return Result(
            self.entry_id,
            self.state,
            self.responses,
            self.error,
            self.text,
            self.message_set_id,
            self.raw,
        )


#: The states in which an entry holds its connection: no other may be claimed.
_OUT = frozenset({EntryState.CLAIMED, EntryState.SENT})


def plain_requests(requests: Any) -> list[tuple[str, dict[str, Any]]]:
    """Names and contents of one request or a list of them, as copies.

    Raises :class:`~soap.errors.NotARequest`. What the contents hold is judged when they are built, for only
    then the version is known.
    """
    many = list(requests) if isinstance(requests, list | tuple | Request) else [requests]
    if not many:
        raise NotARequest(requests)
    return [_plain_request(request) for request in many]


def _plain_request(request: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(request, TypedRecord):
        return type(request).__name__, request.to_dict()
    if isinstance(request, MessageRequest):
        request = request.to_dict()
    if isinstance(request, Mapping) and len(request) == 1:
        ((name, content),) = request.items()
        if isinstance(name, str) and isinstance(content, Mapping):
            return name, copy.deepcopy(dict(content))
    raise NotARequest(request)


def writes(name: str) -> bool:
    """Whether a request changes the company file. A name that the schema does not know might."""
    try:
        return Schema().writes(name)
    except UnknownName:
        return True


class MemoryQueue:
    """A :class:`RequestQueue` in this process: for trying, for tests, and where a loss is bearable.

    Nothing is ever forgotten while the process runs, so it grows with every request.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        #: RequestIDs are this and a number, so that an answer to an earlier process is not taken for one to
        #: this.
        self._mark = secrets.token_hex(4)
        self._request_numbers = itertools.count(1)
        self._entries: dict[str, _Entry] = {}
        self._by_request_id: dict[tuple[str, str], _Entry] = {}
        #: Per connection, by number.
        self._waiting: dict[str, list[_Entry]] = {}
        self._out: dict[str, _Entry] = {}

    def enqueue(self, connection: str, requests: Any, *, handler: Handler | None = None) -> str:
        """See :meth:`RequestQueue.enqueue`."""
        plain = plain_requests(requests)
        with self._changed:
            number = next(self._numbers)
            named = {f"{self._mark}-{next(self._request_numbers)}": request for request in plain}
            entry = _Entry(
                number=number,
                entry_id=f"{self._mark}-{number}",
                connection=connection,
                requests=named,
                writes=any(writes(name) for name, _ in plain),
                continues=any(content.get("iterator") == "Continue" for _, content in plain),
                handler=handler,
            )
            self._entries[entry.entry_id] = entry
            for request_id in named:
                self._by_request_id[connection, request_id] = entry
            self._wait(entry)
            return entry.entry_id

    def left(self, connection: str) -> int:
        """See :meth:`RequestQueue.left`."""
        with self._changed:
            return len(self._waiting.get(connection, ()))

    def take_over(self, connection: str) -> None:
        """See :meth:`RequestQueue.take_over`."""
        with self._changed:
            entry = self._out.get(connection)
            if entry is None:
                return
            settled = self._lose(entry, LostAnswer("a newer session began before the answer came"))
        if settled:
            _call_handler(entry)

    def claim(self, connection: str) -> Claim | None:
        """See :meth:`RequestQueue.claim`."""
        with self._changed:
            waiting = self._waiting.get(connection)
            if not waiting or connection in self._out:
                return None
            entry = waiting.pop(0)
            entry.state = EntryState.CLAIMED
            self._out[connection] = entry
            return Claim(
                entry.entry_id,
                tuple({name: {**content, "requestID": id_}} for id_, (name, content) in entry.requests.items()),
                entry.writes,
            )

    def handed_out(self, entry_id: str, text: str, message_set_id: str | None) -> bool:
        """See :meth:`RequestQueue.handed_out`."""
        with self._changed:
            entry = self._entry(entry_id)
            if entry.state is not EntryState.CLAIMED:
                return False
            entry.state, entry.text, entry.message_set_id = EntryState.SENT, text, message_set_id
            return True

    def answered(self, connection: str, response: Response, raw: str) -> frozenset[str]:
        """See :meth:`RequestQueue.answered`."""
        settled = []
        complete = set()
        with self._changed:
            answers = {(connection, message.request_id): message for message in response}
            touched = {self._by_request_id[key].entry_id for key in answers if key in self._by_request_id}
            for entry_id in touched:
                entry = self._entries[entry_id]
                mine = [answers.get((connection, request_id)) for request_id in entry.requests]
                responses = tuple(message for message in mine if message is not None)
                if len(responses) < len(mine):
                    continue
                complete.add(entry_id)
                if entry.state in (EntryState.DONE, EntryState.FAILED):
                    continue
                refused = any(message.status_severity == "Error" for message in responses)
                for message, (_, content) in zip(responses, entry.requests.values(), strict=True):
                    _give_back(message, content.get("requestID"))
                entry.responses, entry.error, entry.raw = responses, None, raw
                self._settle(entry, EntryState.FAILED if refused else EntryState.DONE)
                settled.append(entry)
        for entry in settled:
            _call_handler(entry)
        return frozenset(complete)

    def failed(self, entry_id: str, error: Exception, raw: str = "") -> None:
        """See :meth:`RequestQueue.failed`."""
        with self._changed:
            entry = self._entry(entry_id)
            if entry.state not in _OUT:
                return
            entry.error, entry.raw = error, raw
            self._settle(entry, EntryState.FAILED)
        _call_handler(entry)

    def lost(self, entry_id: str, error: Exception, raw: str = "") -> None:
        """See :meth:`RequestQueue.lost`."""
        with self._changed:
            entry = self._entry(entry_id)
            settled = entry.state in _OUT and self._lose(entry, error, raw)
        if settled:
            _call_handler(entry)

    def result(self, entry_id: str, timeout: float = 0.0) -> Result:
        """See :meth:`RequestQueue.result`."""
        with self._changed:
            entry = self._entry(entry_id)
            self._changed.wait_for(lambda: entry.state.is_settled, timeout)
            return entry.result()

    # The rest runs with the lock held.

    def _entry(self, entry_id: str) -> _Entry:
        try:
            return self._entries[entry_id]
        except KeyError:
            raise UnknownEntry(entry_id) from None

    def _wait(self, entry: _Entry) -> None:
        entry.state = EntryState.QUEUED
        bisect.insort(self._waiting.setdefault(entry.connection, []), entry, key=lambda other: other.number)
        self._changed.notify_all()

    def _leave(self, entry: _Entry) -> None:
        """Take an entry out of wherever it stands."""
        if self._out.get(entry.connection) is entry:
            del self._out[entry.connection]
        waiting = self._waiting.get(entry.connection, [])
        if entry in waiting:
            waiting.remove(entry)

    def _settle(self, entry: _Entry, state: EntryState) -> None:
        self._leave(entry)
        entry.state = state
        self._changed.notify_all()

    def _lose(self, entry: _Entry, error: Exception, raw: str = "") -> bool:
        """Returns whether the entry is settled by it."""
        entry.error, entry.raw = error, raw
        if entry.state is EntryState.SENT and entry.writes:
            self._settle(entry, EntryState.UNKNOWN)
            return True
        if entry.state is EntryState.SENT and entry.continues:
            self._settle(entry, EntryState.FAILED)
            return True
        self._leave(entry)
        self._wait(entry)
        return False


def _give_back(message: MessageResponse, request_id: str | None) -> None:
    """Put the caller's ``requestID`` into an answer in place of the queue's."""
    if request_id is None:
        message.content.pop("requestID", None)
    else:
        message.content["requestID"] = request_id


def _call_handler(entry: _Entry) -> None:
    """Tell the handler. It runs inside a call of the Web Connector, which must not suffer from it."""
    if entry.handler is None:
        return
    try:
        entry.handler(entry.result())
    except Exception:
        logger.exception("the handler of entry %s failed; its answer is stored", entry.entry_id)
