"""Answers the Web Connector's calls: does with the queue and the codec what ``conversation`` decides.

One method per call, with Python's values in and out. Nothing here knows of SOAP or HTTP, and no rule about
the order of calls stands here. Sessions are kept in this process, so one company's calls have to reach one
process.
"""

from __future__ import annotations

import base64
import hmac
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import qbxml
from qbxml.errors import QbxmlError
from qbxml.versions import DEFAULT_VERSION, EDITIONS, RANK, check

from .conversation import DONE, Ask, Call, Conversation, Event, State
from .errors import LostAnswer, RefusedSet
from .queue import Claim, RequestQueue

logger = logging.getLogger(__name__)

#: How many sessions are remembered. Old ones are kept so that an answer that outlived its session is still
#: taken; a session a minute from ten users stays for more than a day and a half.
MAX_SESSIONS = 20_000

#: Answered by QuickBooks at once and without effect. Handed out when there is no work: an empty answer would
#: end the update as an error on somebody's screen, while this one lets us end it with 100.
HARMLESS: dict[str, dict[str, object]] = {"HostQueryRq": {}}

#: What ``authenticate`` answers in its second place, in lower case: the Web Connector takes anything else as
#: the path of a company file.
NO_WORK = "none"
NOT_VALID_USER = "nvu"


@dataclass(frozen=True, slots=True)
class Connection:
    """Who signed in: the queue's name for one company file of one user, and the file to open."""

    name: str
    #: The path as the Windows machine has it; ``""`` for the file that is open there.
    company_file: str = ""


#: Given the user name and the password, answers whose they are, or ``None``. Must take as long for a wrong
#: password as for a right one.
Authenticator: TypeAlias = Callable[[str, str], "Connection | None"]


def single_user(username: str, password: str, connection: Connection | None = None) -> Authenticator:
    """An authenticator for one user, whose connection is named like the user unless given."""
    signed_in = connection or Connection(username)
    expected = (username.encode(), password.encode())

    def authenticator(given_username: str, given_password: str) -> Connection | None:
        # Both are compared, always and in constant time: how long it takes tells nothing about either.
        same_name = hmac.compare_digest(given_username.encode(), expected[0])
        same_password = hmac.compare_digest(given_password.encode(), expected[1])
        return signed_in if same_name and same_password else None

    return authenticator


def new_ticket() -> str:
    """A ticket that cannot be guessed: it is the only credential of a session."""
    return secrets.token_urlsafe(24)


def new_message_set_id() -> str:
    """An id for a message set that writes: 20 characters. QuickBooks takes 23 or 24, which a GUID exceeds."""
    return base64.b32encode(secrets.token_bytes(12)).decode("ascii").rstrip("=")


@dataclass(slots=True)
class _Session:
    connection: str
    conversation: Conversation = field(default_factory=Conversation)
    #: What is out, or was last.
    claim: Claim | None = None
    #: The Web Connector makes one call at a time, but one that it gave up on may still be running.
    lock: threading.Lock = field(default_factory=threading.Lock)

    def after(self, event: Event, *, error: str = "") -> None:
        self.conversation = self.conversation.after(event, error=error)


class Endpoint:
    """All sessions of one server.

    ``version`` is the newest qbXML version to send. An older QuickBooks gets the newest it knows; a newer one
    gets no newer, so that the same request makes the same document, and the same elements come back, on every
    machine.
    """

    def __init__(
        self,
        queue: RequestQueue,
        authenticator: Authenticator,
        *,
        version: str = DEFAULT_VERSION,
        server_version: str = f"OpenQBD {qbxml.__version__}",
    ) -> None:
        check(version, None)
        self._queue = queue
        self._authenticator = authenticator
        self._version = version
        self._server_version = server_version
        #: By ticket, oldest first.
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        #: The newest of each connection.
        self._open: dict[str, _Session] = {}
        self._lock = threading.Lock()
        self._signing_in = threading.Lock()

    # The calls, in the order in which the Web Connector makes them.

    def server_version(self) -> str:
        """``serverVersion``: a text that the Web Connector shows under *More Information*."""
        return self._server_version

    def client_version(self, version: str) -> str:
        """``clientVersion``: every version of the Web Connector is welcome, which ``""`` says."""
        return ""

    def authenticate(self, username: str, password: str) -> list[str]:
        """``authenticate``: ticket and company file; or no ticket, and ``nvu`` or ``none`` as the reason.

        A session of the same connection that is still open ends here: its Web Connector went away, or is
        another one.
        """
        connection = self._authenticator(username, password)
        if connection is None:
            return ["", NOT_VALID_USER]
        with self._signing_in:
            self._end_session_of(connection.name)
            if not self._queue.left(connection.name):
                return ["", NO_WORK]
            ticket = new_ticket()
            with self._lock:
                self._sessions[ticket] = self._open[connection.name] = _Session(connection.name)
                while len(self._sessions) > MAX_SESSIONS:
                    self._sessions.popitem(last=False)
            return [ticket, connection.company_file]

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """``connectionError``: the company file could not be opened. ``done``: no other path is tried."""
        with self._session(ticket) as session:
            logger.warning("connection %r: QuickBooks could not be reached: %.20r", session.connection, hresult)
            self._close(session, session.conversation.ask(Call.CONNECTION_ERROR))
        return DONE

    def send_request_xml(self, ticket: str, country: str, major: int | None, minor: int | None) -> str:
        """``sendRequestXML``: the next message set, or ``""``, which sends the caller to ``getLastError``.

        It is built in the newest qbXML version that both sides know and ``version`` allows.
        """
        with self._session(ticket) as session:
            ask = session.conversation.ask(Call.SEND_REQUEST)
            if ask is Ask.LOSE_AND_CLAIM:
                self._lose(session, LostAnswer("the next request was asked for before the answer came"))
            if ask not in (Ask.CLAIM, Ask.LOSE_AND_CLAIM):
                return ""
            try:
                version, edition = self._language(country, major, minor)
            except QbxmlError as error:
                session.after(Event.NO_COMMON_VERSION, error=str(error))
                return ""
            return self._hand_out(session, version, edition)

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """``receiveResponseXML``: 0 to 99 to go on, 100 when nothing is left, -1 to end with an error."""
        with self._session(ticket) as session:
            ask = session.conversation.ask(Call.RECEIVE_RESPONSE)
            if ask is Ask.SETTLE:
                self._settle(session, response, hresult, message)
            elif ask is Ask.COUNT:
                self._keep(session, response)
                session.conversation = session.conversation.counted(self._queue.left(session.connection))
            elif ask is Ask.KEEP:
                self._keep(session, response)
            return session.conversation.receive_response_result()

    def get_last_error(self, ticket: str) -> str:
        """``getLastError``: a text for the person in front of the Web Connector, never empty."""
        with self._session(ticket) as session:
            return session.conversation.last_error()

    def close_connection(self, ticket: str) -> str:
        """``closeConnection``: ``OK``, which the Web Connector shows. May come twice, and with any ticket."""
        with self._session(ticket) as session:
            self._close(session, session.conversation.ask(Call.CLOSE_CONNECTION))
        return "OK"

    # What they are made of.

    @contextmanager
    def _session(self, ticket: str) -> Iterator[_Session]:
        """The session of a ticket, held against other calls; of an unknown ticket, one that does nothing."""
        with self._lock:
            session = self._sessions.get(ticket)
        if session is None:
            session = _Session("", Conversation(State.UNKNOWN))
        with session.lock:
            yield session

    def _end_session_of(self, connection: str) -> None:
        """End the connection's open session, if there is one. What is out, to whomever, is lost."""
        session = self._open.pop(connection, None)
        if session is not None:
            with session.lock:  # from here on it claims nothing more
                session.after(Event.ENDED)
        self._queue.take_over(connection)

    def _language(self, country: str, major: int | None, minor: int | None) -> tuple[str, str]:
        """Version and edition to build in. Raises ``QbxmlError`` where QuickBooks names no version we know."""
        newest = qbxml.negotiate("" if major is None else (major, minor or 0))
        version = min(newest, self._version, key=RANK.__getitem__)
        edition = country.strip().upper()
        if edition not in EDITIONS:
            edition = "US"
        check(version, edition)
        return version, edition

    def _hand_out(self, session: _Session, version: str, edition: str) -> str:
        """Claim, build, store, and only then give away. What cannot be built fails, and the next is tried."""
        while claim := self._queue.claim(session.connection):
            message_set_id = new_message_set_id() if claim.writes else None
            try:
                built = qbxml.build(
                    list(claim.requests), version=version, edition=edition, new_message_set_id=message_set_id
                )
            except Exception as error:
                # Also a mistake of ours is taken for the entry's: it would else keep all behind it waiting,
                # for ever.
                if not isinstance(error, QbxmlError):
                    logger.exception("entry %s could not be built", claim.entry_id)
                self._queue.failed(claim.entry_id, error)
                continue
            text = built.decode("utf-8")
            if not self._queue.handed_out(claim.entry_id, text, message_set_id):
                continue
            session.claim = claim
            session.after(Event.HANDED_OUT)
            return text
        session.after(Event.NOTHING_QUEUED)
        return qbxml.build(HARMLESS, version=version, edition=edition).decode("utf-8")

    def _settle(self, session: _Session, response: str, hresult: str, message: str) -> None:
        """Take what came for the message set that is out: its answer, a refusal, or nothing of use."""
        claim = session.claim
        assert claim is not None, "AWAITING without a claim"
        settled, unreadable = self._keep(session, response)
        if claim.entry_id not in settled:
            refusal = qbxml.hresult(hresult) if hresult.strip() else None
            if refusal is None:
                reason = unreadable or "QuickBooks' answer does not belong to the request that was sent."
                self._lose(session, LostAnswer(reason), response)
                session.after(Event.ANSWER_LOST, error=reason)
                return
            if not refusal.nothing_ran:
                reason = f"QuickBooks could not carry out a request: {message} ({hresult})"
                self._lose(session, LostAnswer(reason), response)
                session.after(Event.ANSWER_LOST, error=reason)
                return
            self._queue.failed(claim.entry_id, RefusedSet(hresult, message), response)
        session.conversation = session.conversation.counted(self._queue.left(session.connection))

    def _keep(self, session: _Session, response: str) -> tuple[frozenset[str], str]:
        """Store the answers with the requests they name; return those entries, or why there are none."""
        if not response.strip():
            return frozenset(), "QuickBooks gave no answer."
        try:
            # Without a version: the most tolerant reading. What it does not know it keeps.
            parsed = qbxml.parse(response)
        except QbxmlError as error:
            return frozenset(), f"QuickBooks' answer could not be read: {error}"
        return self._queue.answered(session.connection, parsed, response), ""

    def _lose(self, session: _Session, error: LostAnswer, raw: str = "") -> None:
        if session.claim is not None:
            # Without the reason: it can quote what QuickBooks said.
            logger.warning("connection %r: the answer to entry %s is lost", session.connection, session.claim.entry_id)
            self._queue.lost(session.claim.entry_id, error, raw)

    def _close(self, session: _Session, ask: Ask) -> None:
        if ask is Ask.LOSE:
            self._lose(session, LostAnswer("the session ended before the answer came"))
        if ask is not Ask.NOTHING:
            session.after(Event.ENDED)
