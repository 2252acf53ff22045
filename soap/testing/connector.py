"""A model of the Web Connector: makes its calls on an endpoint one by one, with all that can happen to a message.

What goes wrong is decided by a :class:`Plan`, so that a run can be repeated. One assumption is built in, for nothing in
the protocol could tell otherwise: an HRESULT names no request, so it comes before its session asks for something new,
or not at all.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from random import Random
from typing import Any, Protocol, TypeVar

from .quickbooks import Crash, ModelQuickBooks, Refused

T = TypeVar("T")

#: What other products say in place of a description of the company file.
UNREADABLE = "HOSTQUERY/COMPANYQUERY/PREFQUERY is currently not supported in QBPOS."
#: HRESULTs that leave open whether anything was done, and some of ``connectionError``.
UNEXPECTED = "0x80040402"
CONNECTION_ERRORS = ("0x80040408", "0x8004040A", "0x80040414", "0x80040416")


class Mishap(enum.Enum):
    """What can happen to a message, a document or an answer."""

    NONE = "nothing"
    # To a call.
    LOST = "the call never arrives"
    LATE = "the caller gives up waiting, and the call arrives later"
    REPLY_LOST = "the call arrives, and its reply is lost"
    REPEATED = "the call arrives twice, one after the other"
    COPIED = "a copy of the call arrives later"
    # To a document.
    GONE = "the Web Connector dies with the document in its hands"
    CRASH_BEFORE = "QuickBooks goes down before it works on it"
    CRASH_DURING = "QuickBooks goes down in the middle of it"
    CRASH_AFTER = "QuickBooks goes down after it worked on it"
    NOT_RUN = "QuickBooks says nothing of use, and did nothing"
    # To an answer.
    HRESULT = "an HRESULT comes in place of the answer"
    EMPTY = "nothing comes in place of the answer"
    GARBAGE = "the answer can't be read"
    CUT = "the answers to some of the requests are missing"
    # To the beginning of a session.
    UNREADABLE = "nothing readable is said of the company file"
    WRONG_FILE = "another company file is open"
    CONNECTION_ERROR = "the company file can't be opened"


CALLS = (Mishap.LOST, Mishap.LATE, Mishap.REPLY_LOST, Mishap.REPEATED, Mishap.COPIED)
CRASHES = (Mishap.CRASH_BEFORE, Mishap.CRASH_DURING, Mishap.CRASH_AFTER)
DOCUMENTS = (Mishap.GONE, *CRASHES, Mishap.NOT_RUN)
ANSWERS = (Mishap.HRESULT, Mishap.EMPTY, Mishap.GARBAGE, Mishap.CUT)
BEGINNINGS = (Mishap.UNREADABLE, Mishap.WRONG_FILE, Mishap.CONNECTION_ERROR)


class Calls(Protocol):
    """What a connector calls: an :class:`~soap.endpoint.Endpoint`, or something that stands for one elsewhere."""

    def authenticate(self, username: str, password: str, /) -> list[str]:
        """``authenticate``."""

    def connection_error(self, ticket: str, hresult: str, message: str, /) -> str:
        """``connectionError``."""

    def send_request_xml(
        self, ticket: str, description: str, file: str, country: str, major: int | None, minor: int | None, /
    ) -> str:
        """``sendRequestXML``."""

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str, /) -> int:
        """``receiveResponseXML``."""

    def get_last_error(self, ticket: str, /) -> str:
        """``getLastError``."""

    def close_connection(self, ticket: str, /) -> str:
        """``closeConnection``."""


class Plan(Protocol):
    """Decides what goes wrong."""

    def next(self, possible: tuple[Mishap, ...]) -> Mishap:
        """One of ``possible``, or ``NONE``."""


class Calm:
    """A plan by which nothing goes wrong."""

    def next(self, possible: tuple[Mishap, ...]) -> Mishap:
        """See :class:`Plan`."""
        return Mishap.NONE


class SeededPlan:
    """Goes wrong at random, the same way for the same ``random``. ``rate`` is how often, from 0 to 1."""

    def __init__(self, random: Random, rate: float) -> None:
        self.random, self.rate = random, rate

    def next(self, possible: tuple[Mishap, ...]) -> Mishap:
        """See :class:`Plan`."""
        return self.random.choice(possible) if self.random.random() < self.rate else Mishap.NONE


class Down(Exception):
    """The server's process died during a call. Raised by what simulates that."""


class _Unanswered(Exception):
    """A call brought no reply."""


class Step(enum.Enum):
    """What a connector does next."""

    AUTHENTICATE = "authenticate"
    SEND = "sendRequestXML"
    RUN = "the document goes to QuickBooks"
    RECEIVE = "receiveResponseXML"
    ERROR = "getLastError"
    CLOSE = "closeConnection"


class ModelConnector:
    """One Web Connector, in one session after the other. Each :meth:`step` makes one call, or runs one document.

    ``endpoint`` gives the endpoint of the moment, for a server may be started anew. Without a ``plan`` nothing goes
    wrong. Calls that arrive late are put into ``post``, to be delivered by whoever owns it. ``wrong`` is the company
    file that is open by mistake where the plan says so. ``clock`` and ``patience``: a document that it held for longer
    is given up.
    """

    def __init__(
        self,
        endpoint: Callable[[], Calls],
        quickbooks: ModelQuickBooks,
        username: str,
        password: str,
        plan: Plan | None = None,
        *,
        post: list[Callable[[], object]] | None = None,
        wrong: ModelQuickBooks | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        patience: float = 3600.0,
    ) -> None:
        self.endpoint, self.plan = endpoint, plan or Calm()
        self.post: list[Callable[[], object]] = [] if post is None else post
        self._own, self._wrong = quickbooks, wrong
        self._user = (username, password)
        self._clock, self._patience = clock, patience
        self.step_due = Step.AUTHENTICATE
        self.sessions = 0
        #: What went wrong, counted.
        self.mishaps: dict[Mishap, int] = {}
        #: Called with each document that arrived here.
        self.on_document: Callable[[str], object] = lambda text: None
        self._begin("")

    def _begin(self, ticket: str) -> None:
        self._ticket = ticket
        self._is_first = True
        self._quickbooks = self._own
        self._document, self._since = "", 0.0
        self._response, self._hresult = "", ""
        self._progress = 0
        # Whether a late copy made the server hand out more than this connector was given.
        self._overtaken = False

    @property
    def is_idle(self) -> bool:
        """Whether it is between two sessions."""
        return self.step_due is Step.AUTHENTICATE

    def step(self) -> Step:
        """Do the next thing; what it was. Raises ``AssertionError`` where the endpoint breaks the protocol."""
        step = self.step_due
        try:
            {
                Step.AUTHENTICATE: self._authenticate,
                Step.SEND: self._send,
                Step.RUN: self._run,
                Step.RECEIVE: self._receive,
                Step.ERROR: self._error,
                Step.CLOSE: self._close,
            }[step]()
        except _Unanswered:
            # An update that meets a fault or a time-out is over. Sometimes it still says so.
            over = step in (Step.AUTHENTICATE, Step.CLOSE)
            self.step_due = Step.AUTHENTICATE if over or self._next(CALLS) is not Mishap.NONE else Step.CLOSE
        return step

    def vanish(self) -> None:
        """Be switched off. What it had in its hands is gone."""
        self.step_due = Step.AUTHENTICATE

    def session(self, most: int = 1000) -> bool:
        """Make steps until the session that is due is over; whether there was one. It had ``most`` steps."""
        before = self.sessions
        for _ in range(most):
            self.step()
            if self.is_idle:
                return self.sessions > before
        raise AssertionError(f"a session did not end within {most} steps")

    # -- the calls ---------------------------------------------------------------------------------------------------

    def _authenticate(self) -> None:
        username, password = self._user
        answer = self._call(lambda endpoint: endpoint.authenticate(username, password))
        assert len(answer) >= 2, answer
        assert all(isinstance(one, str) for one in answer), answer
        if not answer[0]:
            assert answer[1] in ("none", "nvu", "busy"), answer
            return
        self._begin(answer[0])
        self.sessions += 1
        self.step_due = Step.SEND
        beginning = self._next(BEGINNINGS)
        if beginning is Mishap.CONNECTION_ERROR:
            hresult = CONNECTION_ERRORS[self.sessions % len(CONNECTION_ERRORS)]
            ticket = self._ticket
            path = self._call(lambda endpoint: endpoint.connection_error(ticket, hresult, "said QuickBooks"))
            if path == "done":
                self.step_due = Step.CLOSE
        elif beginning is Mishap.WRONG_FILE and self._wrong is not None:
            self._quickbooks = self._wrong
        self._description = UNREADABLE if beginning is Mishap.UNREADABLE else self._quickbooks.describe()

    def _send(self) -> None:
        ticket, description, country = self._ticket, self._description * self._is_first, self._quickbooks.country
        major, minor = self._quickbooks.version

        def send(endpoint: Calls) -> str:
            self._overtaken = self._overtaken or self.step_due is not Step.SEND
            return endpoint.send_request_xml(ticket, description, "", country, major, minor)

        text = self._call(send)
        self._is_first = False
        if text:
            assert text.startswith("<?xml"), "a document begins with its declaration"
            self._document, self._since = text, self._clock()
            self.on_document(text)
        self.step_due = Step.RUN if text else Step.ERROR

    def _run(self) -> None:
        mishap = self._next(DOCUMENTS)
        if mishap is Mishap.GONE or self._clock() - self._since >= self._patience:
            self.vanish()
            return
        self.step_due = Step.RECEIVE
        self._response, self._hresult = "", UNEXPECTED
        if mishap is Mishap.NOT_RUN:
            return
        if mishap in CRASHES:
            self._quickbooks.crash = mishap.name.removeprefix("CRASH_").lower()
        try:
            self._response, self._hresult = self._quickbooks.process(self._document), ""
        except Refused as refused:
            self._hresult = refused.hresult
            return
        except Crash:
            return
        spoilt = self._next(ANSWERS)
        if spoilt is Mishap.HRESULT:
            self._response, self._hresult = "", UNEXPECTED
        elif spoilt is Mishap.EMPTY:
            self._response = ""
        elif spoilt is Mishap.GARBAGE:
            self._response = self._response[: len(self._response) // 2]
        elif spoilt is Mishap.CUT:
            last = [found.start() for found in re.finditer(r"<\w+Rs requestID=", self._response)][-1:]
            end = "</QBXMLMsgsRs>\n</QBXML>\n"
            self._response = "".join(f"{self._response[:start]}{end}" for start in last) or self._response

    def _receive(self) -> None:
        ticket, response, hresult = self._ticket, self._response, self._hresult
        if hresult and self._overtaken:
            self.vanish()
            return
        figure = self._call(
            lambda endpoint: endpoint.receive_response_xml(
                ticket, response, hresult, "said QuickBooks" * bool(hresult)
            ),
            may_copy=not hresult,
        )
        assert type(figure) is int, figure
        assert -1 <= figure <= 100, figure
        if figure < 0:
            self.step_due = Step.ERROR
        elif figure == 100:
            self.step_due = Step.CLOSE
        else:
            assert figure >= self._progress, "progress went back"
            self._progress, self.step_due = figure, Step.SEND

    def _error(self) -> None:
        ticket = self._ticket
        text = self._call(lambda endpoint: endpoint.get_last_error(ticket))
        assert text, "an empty text ends the update without a word"
        self.step_due = Step.SEND if text == "NoOp" else Step.CLOSE

    def _close(self) -> None:
        ticket = self._ticket
        assert self._call(lambda endpoint: endpoint.close_connection(ticket))
        self.step_due = Step.AUTHENTICATE

    # -- what happens to them ----------------------------------------------------------------------------------------

    def _next(self, possible: tuple[Mishap, ...]) -> Mishap:
        mishap = self.plan.next(possible)
        if mishap is not Mishap.NONE:
            self.mishaps[mishap] = self.mishaps.get(mishap, 0) + 1
        return mishap

    def _call(self, call: Callable[[Calls], T], *, may_copy: bool = True) -> T:
        mishap = self._next(CALLS)
        if mishap is Mishap.LOST:
            raise _Unanswered
        if mishap is Mishap.LATE:
            if may_copy:
                self.post.append(self._posted(call))
            raise _Unanswered
        if mishap is Mishap.REPEATED:
            self._posted(call)()
        reply = self._made(call)
        if mishap is Mishap.COPIED and may_copy:
            self.post.append(self._posted(call))
        if mishap is Mishap.REPLY_LOST:
            raise _Unanswered
        return reply

    def _made(self, call: Callable[[Calls], T]) -> T:
        try:
            return call(self.endpoint())
        except Down:
            raise _Unanswered from None

    def _posted(self, call: Callable[[Calls], Any]) -> Callable[[], object]:
        """The call, to be made whenever it arrives; nobody waits for its reply."""

        def arrive() -> None:
            try:
                call(self.endpoint())
            except Down:
                pass

        return arrive
