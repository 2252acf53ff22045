"""The rules of one conversation with the Web Connector, as tables. No I/O, no clock, no queue, no XML.

The Web Connector calls, we answer. After ``authenticate`` it asks for a message set (``sendRequestXML``),
takes it to QuickBooks, brings the answer (``receiveResponseXML``), and so on until it is told 100 or an
error; then ``closeConnection``. Calls can be lost, repeated and out of order, and a SOAP fault would end the
whole update with a stack trace on somebody's screen, so there is an answer to every call in every state, also
to a ticket nobody knows.

A call is answered in three steps:

1. ``conversation.ask(call)`` looks up in :data:`ASKS` what has to be asked of the queue before answering.
2. The endpoint (``soap/endpoint.py``) asks it. What came of it is an :class:`Event`.
3. ``conversation.after(event)`` is the conversation as it stands then, by :data:`TRANSITIONS`; what to answer
   is read
   from it: :meth:`Conversation.receive_response_result`, :meth:`Conversation.last_error`.

Two rules. Everything that decides the order of calls is in this module. This module knows nothing else.
A :class:`Conversation` is a value: nothing here changes one.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from .errors import OutOfOrder


class State(enum.Enum):
    """Where a conversation stands: which call is due."""

    READY = "sendRequestXML is due"
    AWAITING = "a message set is out, and receiveResponseXML is due"
    IDLING = "our own harmless question is out, for there was nothing to send; receiveResponseXML is due"
    DRAINED = "100 was answered, and closeConnection is due"
    FAILED = "the update is being ended with a text; getLastError is due"
    CLOSED = "over"
    UNKNOWN = "there is no such ticket, or no longer"


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
    CLAIM = "claim the next message set, to hand it out"
    LOSE_AND_CLAIM = "note that the set that is out will not be answered, then claim the next"
    SETTLE = "store the answer to the set that is out, and count what is left"
    COUNT = "as KEEP, then count what is left: the answer is to a question of our own"
    KEEP = "store the answer if it names requests of ours; it came too late or twice to matter here"
    LOSE = "note that the set that is out will not be answered"
    CLOSE = "nothing is out; only note the end"


class Event(enum.Enum):
    """What came of asking."""

    HANDED_OUT = "a message set was handed out"
    NOTHING_QUEUED = "there was nothing to hand out"
    NO_COMMON_VERSION = "QuickBooks and we have no qbXML version in common"
    WORK_LEFT = "the answer is stored, and there is more to do"
    QUEUE_EMPTY = "the answer is stored, and there is nothing more to do"
    ANSWER_LOST = "no usable answer came, and perhaps something was done"
    ENDED = "the session was closed, given up, or taken over by a newer one"


#: What to ask of the queue, by state and call. Every cell is filled: there is no call we do not answer.
ASKS: dict[State, dict[Call, Ask]] = {
    State.READY: {
        Call.SEND_REQUEST: Ask.CLAIM,
        Call.RECEIVE_RESPONSE: Ask.KEEP,
        Call.CONNECTION_ERROR: Ask.CLOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.CLOSE,
    },
    State.AWAITING: {
        # Asking again instead of answering: the answer was lost on its way, or never made.
        Call.SEND_REQUEST: Ask.LOSE_AND_CLAIM,
        Call.RECEIVE_RESPONSE: Ask.SETTLE,
        Call.CONNECTION_ERROR: Ask.LOSE,
        Call.GET_LAST_ERROR: Ask.NOTHING,
        Call.CLOSE_CONNECTION: Ask.LOSE,
    },
    State.IDLING: {
        Call.SEND_REQUEST: Ask.CLAIM,
        Call.RECEIVE_RESPONSE: Ask.COUNT,
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
    State.UNKNOWN: dict.fromkeys(Call, Ask.NOTHING),
}

#: The state that follows, by state and event. A missing key is a mistake of the endpoint, not of the Web
#: Connector.
TRANSITIONS: dict[State, dict[Event, State]] = {
    State.READY: {
        Event.HANDED_OUT: State.AWAITING,
        Event.NOTHING_QUEUED: State.IDLING,
        Event.NO_COMMON_VERSION: State.FAILED,
        Event.ENDED: State.CLOSED,
    },
    State.AWAITING: {
        Event.HANDED_OUT: State.AWAITING,
        Event.NOTHING_QUEUED: State.IDLING,
        Event.NO_COMMON_VERSION: State.FAILED,
        Event.WORK_LEFT: State.READY,
        Event.QUEUE_EMPTY: State.DRAINED,
        Event.ANSWER_LOST: State.FAILED,
        Event.ENDED: State.CLOSED,
    },
    State.IDLING: {
        Event.HANDED_OUT: State.AWAITING,
        Event.NOTHING_QUEUED: State.IDLING,
        Event.NO_COMMON_VERSION: State.FAILED,
        Event.WORK_LEFT: State.READY,
        Event.QUEUE_EMPTY: State.DRAINED,
        Event.ENDED: State.CLOSED,
    },
    State.DRAINED: {Event.ENDED: State.CLOSED},
    State.FAILED: {Event.ENDED: State.CLOSED},
    State.CLOSED: {Event.ENDED: State.CLOSED},
    State.UNKNOWN: {},
}

#: What getLastError says where nothing more particular is known. Never empty: the Web Connector shows it to a
#: person, and with an empty one the update would end without a word.
LAST_ERRORS: dict[State, str] = {
    State.READY: "No error.",
    State.AWAITING: "No error: the answer to a request is being waited for.",
    State.IDLING: "No error: there is nothing to do at the moment.",
    State.DRAINED: "No error: everything that was waiting has been done.",
    State.FAILED: "The update was ended because of an error.",
    State.CLOSED: "This update is already over. Run it again.",
    State.UNKNOWN: "The server does not know this update, perhaps because it was restarted. Run it again.",
}

#: receiveResponseXML's integers that end an update: 100 well, a negative one by way of getLastError. The
#: negative number itself means nothing to the Web Connector.
FINISHED = 100
REFUSED = -1

#: What connectionError answers, so that the Web Connector stops. Anything else, also nothing, is taken as the
#: path of another company file to try, without end.
DONE = "done"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as it stands. ``Conversation()`` is that of a ticket just given out."""

    state: State = State.READY
    #: Message sets answered so far.
    answered: int = 0
    #: The last figure told to the Web Connector while there was work left, 0 to 99.
    progress: int = 0
    #: What went wrong, for getLastError.
    error: str = ""

    def ask(self, call: Call) -> Ask:
        """What has to be asked of the queue before ``call`` can be answered."""
        return ASKS[self.state][call]

    def after(self, event: Event, *, left: int = 0, error: str = "") -> Conversation:
        """The conversation after ``event``, by :data:`TRANSITIONS`.

        Raises :class:`~soap.errors.OutOfOrder` where that has no such key.
        ``left`` goes with ``WORK_LEFT``: how many message sets still wait. ``error`` goes with
        ``ANSWER_LOST`` and ``NO_COMMON_VERSION``: what to tell the person in front of the Web Connector.
        """
        try:
            state = TRANSITIONS[self.state][event]
        except KeyError:
            raise OutOfOrder(f"{event.name} cannot happen in state {self.state.name}") from None
        answered, progress = self.answered, self.progress
        if event is Event.WORK_LEFT:
            if self.state is State.AWAITING:
                answered += 1
            progress = next_progress(progress, answered, left)
        elif event is Event.QUEUE_EMPTY and self.state is State.AWAITING:
            answered += 1
        return replace(self, state=state, answered=answered, progress=progress, error=error or self.error)

    def counted(self, left: int) -> Conversation:
        """The conversation after an answer is stored and ``left`` message sets still wait."""
        return self.after(Event.WORK_LEFT if left else Event.QUEUE_EMPTY, left=left)

    def receive_response_result(self) -> int:
        """What receiveResponseXML answers: 0 to 99 to go on, 100 to finish, negative to end with an error."""
        if self.state is State.DRAINED:
            return FINISHED
        if self.state in (State.FAILED, State.CLOSED, State.UNKNOWN):
            return REFUSED
        return self.progress

    def last_error(self) -> str:
        """What getLastError answers: always a text for a person."""
        return self.error or LAST_ERRORS[self.state]


def next_progress(before: int, answered: int, left: int) -> int:
    """Per cent done, with ``left`` message sets (at least one) still to do; never back from ``before``.

    Rounded down, so it never is 100: that would end the session whatever is left.
    """
    return max(before, 100 * answered // (answered + left))
