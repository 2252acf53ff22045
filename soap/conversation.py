"""The rules of one conversation with the Web Connector, as tables. No I/O, no clock, no queue, no XML.

The Web Connector calls, we answer. After ``authenticate`` it asks for a message set (``sendRequestXML``), takes it to
QuickBooks, brings the answer (``receiveResponseXML``), and so on until it is told 100 or an error; then
``closeConnection``. Calls can be lost, repeated and out of order, and a SOAP fault would end the whole update with a
stack trace on somebody's screen, so there is an answer to every call in every state, also to a ticket nobody knows.

A call is answered in three steps:

1. ``conversation.ask(call)`` looks up in :data:`ASKS` what has to be done with the queue before answering.
2. The endpoint (``soap/endpoint.py``) does it. What came of it is an :class:`Event`.
3. ``conversation.after(event)`` is the conversation as it stands then, by :data:`TRANSITIONS`; what to answer is read
   from it: :meth:`Conversation.receive_response_result`, :meth:`Conversation.last_error`.

Two rules. Everything that decides the order of calls is in this module. This module knows nothing else. A
:class:`Conversation` is a value: nothing here changes one.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from .errors import OutOfOrder
from .queue.delivery import Errand


class State(enum.Enum):
    """Where a conversation stands: which call is due."""

    READY = "ready"  #: sendRequestXML is due
    OUT = "out"  #: a message set is out, and receiveResponseXML is due
    PAUSED = "paused"  #: there was nothing to send; getLastError is due, which says NoOp
    DRAINED = "drained"  #: 100 was answered, and closeConnection is due
    FAILED = "failed"  #: the update is being ended with a text; getLastError is due
    CLOSED = "closed"  #: over
    STRANGE = "strange"  #: there is no such ticket, or no longer


class Call(enum.Enum):
    """What the Web Connector can say with a ticket in its hand, under its own names."""

    SEND_REQUEST = "sendRequestXML"
    RECEIVE_RESPONSE = "receiveResponseXML"
    CONNECTION_ERROR = "connectionError"
    GET_LAST_ERROR = "getLastError"
    CLOSE_CONNECTION = "closeConnection"


class Ask(enum.Enum):
    """What the endpoint has to do with the queue before a call can be answered."""

    NOTHING = "answer at once"
    NEXT = "hand out what is next"
    LOSE_AND_NEXT = "note that what is out will not be answered, then hand out what is next"
    SETTLE = "store the answer to what is out, and count what is left"
    KEEP = "store the answer if it names requests of ours; it came too late or twice to matter here"
    LOSE = "note that what is out will not be answered"
    CLOSE = "nothing is out; only note the end"


class Event(enum.Enum):
    """What came of it."""

    HANDED_OUT = "a document was handed out"
    NOTHING = "there was nothing to hand out, and the Web Connector is told to wait"
    REFUSED = "this QuickBooks or this company file gets nothing"
    WORK_LEFT = "the answer is stored, and there is more to do, or may soon be"
    QUEUE_EMPTY = "the answer is stored, and there is nothing more to do"
    ANSWER_LOST = "no usable answer came, and going on makes no sense"
    OTHER_PATH = "the company file could not be opened; another path is tried"
    ENDED = "the session was closed, given up, or taken over by a newer one"


#: What to do with the queue, by state and call. Every cell is filled: there is no call we do not answer.
ASKS: dict[State, dict[Call, Ask]] = {
    State.READY: {
        Call.SEND_REQUEST: Ask.NEXT,
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.CLOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.CLOSE,
    },
    State.OUT: {
        # Asking again instead of answering: the answer was lost on its way, or never made.
        Call.SEND_REQUEST: Ask.LOSE_AND_NEXT,
        Call.RECEIVE_RESPONSE: Ask.SETTLE,
        Call.CONNECTION_ERROR: Ask.LOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.LOSE,
    },
    State.PAUSED: {
        Call.SEND_REQUEST: Ask.NEXT,
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.CLOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.CLOSE,
    },
    State.DRAINED: {
        Call.SEND_REQUEST: Ask.NOTHING,
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.CLOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.CLOSE,
    },
    State.FAILED: {
        Call.SEND_REQUEST: Ask.NOTHING,
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.CLOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.CLOSE,
    },
    State.CLOSED: {
        Call.SEND_REQUEST: Ask.NOTHING,
        # A long query can outlive its session, by a newer one that took over; what it found is still good.
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.NOTHING,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.NOTHING,
    },
    # Whoever has no ticket of ours may not put anything into the queue.
    State.STRANGE: dict.fromkeys(Call, Ask.NOTHING),
}

#: What can come of handing out, whichever state it was done in.
_NEXT = {
    Event.HANDED_OUT: State.OUT,
    Event.NOTHING: State.PAUSED,
    Event.REFUSED: State.FAILED,
    Event.ENDED: State.CLOSED,
}

#: The state that follows, by state and event. A missing key is a mistake of the endpoint, not of the Web Connector.
TRANSITIONS: dict[State, dict[Event, State]] = {
    State.READY: {**_NEXT, Event.OTHER_PATH: State.READY},
    State.OUT: {
        **_NEXT,
        Event.WORK_LEFT: State.READY,
        Event.QUEUE_EMPTY: State.DRAINED,
        Event.ANSWER_LOST: State.FAILED,
    },
    State.PAUSED: _NEXT,
    State.DRAINED: {Event.ENDED: State.CLOSED},
    State.FAILED: {Event.ENDED: State.CLOSED},
    State.CLOSED: {Event.ENDED: State.CLOSED},
    State.STRANGE: {},
}

#: What getLastError says where nothing more particular is known. Never empty: the Web Connector shows it to a person,
#: and with an empty one the update would end without a word. ``NoOp`` is a word of the protocol: ask again in 5 s.
LAST_ERRORS: dict[State, str] = {
    State.READY: "No error.",
    State.OUT: "No error: the answer to a request is being waited for.",
    State.PAUSED: "NoOp",
    State.DRAINED: "No error: everything that was waiting has been done.",
    State.FAILED: "The update was ended because of an error.",
    State.CLOSED: "This update is already over. Run it again.",
    State.STRANGE: "The server does not know this update, perhaps because it was restarted. Run it again.",
}

#: receiveResponseXML's integers that end an update: 100 well, a negative one by way of getLastError. The negative
#: number itself means nothing to the Web Connector.
FINISHED = 100
REFUSED = -1

#: What connectionError answers, so that the Web Connector stops. Anything else, also nothing, is taken as the path of
#: another company file to try, without end.
DONE = "done"
#: To be tried once, where no path was given or another file is open: whatever file is open, which is verified then.
WHATEVER_IS_OPEN = ""

#: After so many lost answers in a row the update ends, whatever else waits: something is wrong over there.
MOST_LOST = 3

#: What follows from a session's file not yet being confirmed: nothing else is handed out before.
VERIFY_FIRST = (Errand.VERIFY,)
#: The order of errands otherwise: what is unknown is settled before anything new is begun. ``ASK`` stands for what was
#: asked about many times without an outcome, and does not go first any more.
ORDER = (Errand.AGAIN, Errand.SET, Errand.ASK, Errand.IDLE)

_ENCODER = json.JSONEncoder(separators=(",", ":"))

#: Counts the per cent done, from the figure before, the sets answered in this session, and the sets left.
Progress: TypeAlias = Callable[[int, int, int], int]


def next_progress(before: int, answered: int, left: int) -> int:
    """Per cent done, with ``left`` message sets still to do; rounded down.

    :meth:`Conversation.after` sees to the bounds: never back, and never 100 while anything is left.
    """
    return 100 * answered // (answered + left) if left else before


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as it stands. ``Conversation()`` is that of a ticket just given out."""

    state: State = State.READY
    #: What is out, in the state ``OUT``: what it is for, and the set by its id.
    errand: Errand | None = None
    set_id: str = ""
    #: Message sets answered so far, and lost answers in a row.
    answered: int = 0
    lost: int = 0
    #: The last figure told to the Web Connector, 0 to 99.
    progress: int = 0
    #: What went wrong, for getLastError.
    error: str = ""
    #: Whether this is the right company file: ``False`` until that is known.
    confirmed: bool = False
    #: The stamp that the file should have; without ``file_id`` any file is right.
    owner_id: str = ""
    file_id: str = ""
    #: Whether another path was tried after a connectionError.
    other_path: bool = False
    #: qbXML version and edition to build in, once they are known.
    version: str = ""
    edition: str = ""
    #: Since when there is nothing to do: seconds since 1970.
    idle_since: float | None = None

    def ask(self, call: Call) -> Ask:
        """What has to be done with the queue before ``call`` can be answered."""
        return ASKS[self.state][call]

    def errands(self) -> tuple[Errand, ...]:
        """What to look for to hand out, in this order."""
        return ORDER if self.confirmed else VERIFY_FIRST

    def after(self, event: Event, *, error: str = "") -> Conversation:
        """The conversation after ``event``, by :data:`TRANSITIONS`.

        ``error`` is what to tell the person in front of the Web Connector. Raises :class:`~soap.errors.OutOfOrder`
        where the event cannot happen.
        """
        try:
            state = TRANSITIONS[self.state][event]
        except KeyError:
            raise OutOfOrder(f"{event.name} cannot happen in state {self.state.name}") from None
        return replace(self, state=state, error=error or self.error)

    def handed_out(self, errand: Errand, set_id: str, now: float) -> Conversation:
        """The conversation after a document was handed out."""
        idle_since = (now if self.idle_since is None else self.idle_since) if errand is Errand.IDLE else None
        return replace(self.after(Event.HANDED_OUT), errand=errand, set_id=set_id, idle_since=idle_since)

    def answered_with(self, left: int, *, stay: bool = False, progress: Progress = next_progress) -> Conversation:
        """The conversation after an answer, with ``left`` message sets still to do.

        ``stay`` keeps it going with nothing left, for something may come soon.
        """
        counts = self.errand in (Errand.SET, Errand.AGAIN, Errand.ASK)
        done = replace(self, answered=self.answered + counts, errand=None, set_id="")
        if not left and not stay:
            return replace(done.after(Event.QUEUE_EMPTY), errand=None)
        figure = progress(self.progress, done.answered, left)
        return replace(done.after(Event.WORK_LEFT), progress=min(99, max(self.progress, figure, 0)))

    def receive_response_result(self) -> int:
        """What receiveResponseXML answers: 0 to 99 to go on, 100 to finish, negative to end with an error."""
        if self.state is State.DRAINED:
            return FINISHED
        if self.state in (State.FAILED, State.CLOSED, State.STRANGE):
            return REFUSED
        return self.progress

    def last_error(self) -> str:
        """What getLastError answers: always a text, for a person except where it is ``NoOp``."""
        if self.state is State.PAUSED:
            return LAST_ERRORS[self.state]
        return self.error or LAST_ERRORS[self.state]

    def to_json(self) -> str:
        """The conversation as text, for a store."""
        plain = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        plain["state"] = self.state.value
        if self.errand is not None:
            plain["errand"] = self.errand.value
        return _ENCODER.encode(plain)

    @classmethod
    def from_json(cls, text: str) -> Conversation:
        """What :meth:`to_json` wrote. Fields of another release are left out."""
        known = {key: value for key, value in json.loads(text).items() if key in cls.__slots__}
        known["state"] = State(known["state"])
        if "errand" in known:
            known["errand"] = Errand(known["errand"])
        return cls(**known)


#: The conversation of a ticket that nobody knows.
STRANGER = Conversation(State.STRANGE)
