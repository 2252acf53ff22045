"""Answers the Web Connector's calls: does with the queue and the codec what ``conversation`` decides.

One method per call, with Python's values in and out. Nothing here knows of SOAP or HTTP, and no rule about the order of
calls, nor about what becomes of a request, stands here. Nothing is kept in this process either: sessions are in the
queue's store, so the calls of one session may reach any process that works on it.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import qbxml
from qbxml.errors import QbxmlError
from qbxml.model import Response
from qbxml.versions import DEFAULT_VERSION, EDITIONS, RANK, check

from . import company_file
from .authentication import Account, Authenticator, hash_ticket, new_ticket
from .client_versions import ClientVersions
from .company_file import Verdict
from .conversation import (
    DONE,
    MOST_LOST,
    STRANGER,
    WHATEVER_IS_OPEN,
    Ask,
    Call,
    Conversation,
    Event,
    Progress,
    State,
    next_progress,
)
from .observing import current_connection
from .queue import Delivery, Errand, Handed, Refusal, RequestQueue, SessionRow, Settled
from .queue.signals import work

logger = logging.getLogger(__name__)

#: Answered by QuickBooks at once and without effect. Handed out when there is no work: an empty answer would end the
#: update as an error on somebody's screen, while this one lets us end it with 100, or go on.
HARMLESS: dict[str, dict[str, object]] = {"HostQueryRq": {}}

#: What ``authenticate`` answers in its second place, in lower case: the Web Connector takes anything else as the path
#: of a company file.
NO_WORK = "none"
NOT_VALID_USER = "nvu"
BUSY = "busy"

#: What ``holding`` tells of a call, in its WSGI environment: the number of the call that it held, or that it held none
#: because too many are held.
CALL_NUMBER, NOT_HELD = "openqbd.call-number", "openqbd.not-held"

#: The number of a call that must not be handed anything, for it is not the newest or nobody waits for its answer.
NOBODYS = -1

#: How ``getLastError`` begins where another company file is open than the one that a connection stands for.
WRONG_FILE_SAID = "The company file that is open"

_HRESULT = re.compile("0x[0-9A-F]{8}")

NO_INTERACTIVE_MODE = "This server has no interactive mode. Close this window and run the update as usual."


def never(connection: str) -> int | None:
    """Put nothing off."""
    return None


@dataclass(frozen=True, slots=True)
class Options:
    """How an endpoint behaves. Times in seconds."""

    #: The newest qbXML version to send. An older QuickBooks gets the newest it knows; a newer one gets no newer, so
    #: that the same request makes the same document, and the same elements come back, on every machine.
    version: str = DEFAULT_VERSION
    server_version: str = f"OpenQBD {qbxml.__version__}"
    client_versions: ClientVersions = field(default_factory=ClientVersions)
    #: A second session of a connection takes over at once; unless a set was handed out less than so long ago: then it
    #: is told ``busy``.
    busy_for: float = 0.0
    #: Given a connection's name, seconds by which its updates are put off now (for maintenance, say), or ``None``.
    #: The Web Connector tries again after that time where it runs by itself.
    postpone: Callable[[str], int | None] = never
    #: How long a session is kept alive by waiting for work (0: it ends as soon as there is none), and the time without
    #: work after which it ends all the same.
    hold: float = 0.0
    max_idle: float = 600.0
    #: What a session that is kept alive is answered when there is no work: a harmless query, which brings the next
    #: call at once, or ``NoOp``, which costs a pause of 5 s.
    idle: Literal["query", "noop"] = "query"
    #: Counts the per cent done: see :func:`soap.conversation.next_progress`.
    progress: Progress = next_progress


@dataclass(frozen=True, slots=True)
class Place:
    """A session whose call may wait: its ticket's hash, its connection, and the calls that it made before.

    ``harmless`` is the document that it is answered with where there is nothing else.
    """

    key: str
    connection: str
    calls: int
    harmless: str


class Endpoint:
    """All sessions of one queue. Raises :class:`qbxml.errors.UnknownVersion` for a version that there is not."""

    def __init__(self, queue: RequestQueue, authenticator: Authenticator, options: Options | None = None) -> None:
        self.queue = queue
        self.options = options or Options()
        self._authenticator = authenticator
        check(self.options.version, None)

    # The calls, in the order in which the Web Connector makes them.

    def server_version(self) -> str:
        """``serverVersion``: a text that the Web Connector shows under *More Information*."""
        return self.options.server_version

    def client_version(self, version: str) -> str:
        """``clientVersion``: ``""`` for a welcome version, else what the policy says."""
        return self.options.client_versions.answer(version)

    def authenticate(self, username: str, password: str, address: str | None = None) -> list[str]:
        """``authenticate``: ticket and company file; or no ticket, and ``nvu``, ``none`` or ``busy`` as the reason.

        A session of the same connection that is still open ends here: its Web Connector went away, or is another one.
        """
        account = self._authenticator.authenticate(username, password, address)
        if not isinstance(account, Account):
            return ["", NOT_VALID_USER]
        # In the fourth place: the shortest interval at which the Web Connector may come.
        pace = [] if account.minimum_run_every is None else ["", str(account.minimum_run_every)]
        if (put_off := self.options.postpone(account.connection)) is not None:
            return ["", BUSY, str(max(1, put_off)), *pace[1:]]
        current_connection.set(account.connection)
        with self.queue.deliver(account.connection) as delivery:
            delivery.expire()
            age = delivery.age_of_sent()
            if age is not None and age < self.options.busy_for:
                return ["", BUSY, *pace]
            out = age is not None
            if not self.options.hold and not out and not delivery.waiting(1) and delivery.to_ask() is None:
                return ["", NO_WORK, *pace]
            ticket = new_ticket()
            conversation = Conversation(owner_id=account.owner_id, file_id=account.file_id)
            delivery.begin(hash_ticket(ticket), conversation.to_json())
        return [ticket, account.company_file, *pace]

    def connection_error(self, ticket: str, hresult: str, message: str) -> str:
        """``connectionError``: the company file could not be opened.

        ``done`` ends the update. Where another file is open, or none was named, whatever file is open is tried once,
        with ``""``; its stamp is looked at then, so this is done only where the stamp is known.
        """
        with self._session(self._known(ticket)) as session:
            ask = session.conversation.ask(Call.CONNECTION_ERROR)
            meaning = qbxml.hresult(hresult) if hresult.strip() else None
            if meaning is not None and session.connection:
                # The code only: whatever else stands there may be anything.
                code = meaning.code if _HRESULT.fullmatch(meaning.code) else "an unknown code"
                logger.warning("connection %r: QuickBooks could not be reached: %s", session.connection, code)
            if ask is Ask.CLOSE and meaning is not None and meaning.retry == "other path":
                may_try = bool(session.conversation.file_id) and not session.conversation.other_path
                if may_try and session.conversation.state is State.READY:
                    session.conversation = replace(session.conversation.after(Event.OTHER_PATH), other_path=True)
                    return WHATEVER_IS_OPEN
            error = f"The company file could not be opened: {message or hresult}"
            if meaning is not None:
                error = f"{error} {meaning.advice}"
            session.close(ask, error)
        return DONE

    def send_request_xml(
        self,
        ticket: str,
        hcp_response: str,
        company_file_name: str,
        country: str,
        major: int | None,
        minor: int | None,
        *,
        call_number: int | None = None,
        not_held: bool = False,
    ) -> str:
        """``sendRequestXML``: the next message set, or ``""``, which sends the caller to ``getLastError``.

        It is built in the newest qbXML version that both sides know and the options allow. ``call_number`` is what
        :meth:`begin_hold` returned for a call that was held: if its session made another call meanwhile, nobody waits
        for this one any more, and nothing is handed out. ``not_held``: it was to be held and could not be.
        """
        # Read before the connection is locked, for it may be long; but not for strangers.
        known = self._known(ticket)
        company = company_file.read(hcp_response) if hcp_response and known is not None else None
        with self._session(known) as session:
            session.counted = call_number is not None
            if call_number is not None and session.calls != call_number:
                return ""
            ask = session.conversation.ask(Call.SEND_REQUEST)
            if ask is Ask.LOSE_AND_NEXT:
                session.lose("the next request was asked for before the answer came")
            if ask not in (Ask.NEXT, Ask.LOSE_AND_NEXT):
                return ""
            try:
                session.speak(*self._language(country, major, minor, company))
            except QbxmlError as error:
                session.conversation = session.conversation.after(Event.REFUSED, error=str(error))
                return ""
            if not session.conversation.confirmed:
                session.look_at(company or company_file.CompanyFile())
            if session.conversation.state is State.FAILED:
                return ""
            return session.hand_out(self.options, pause=not_held)

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str) -> int:
        """``receiveResponseXML``: 0 to 99 to go on, 100 when nothing is left, -1 to end with an error."""
        # Read before the connection is locked, for a large answer takes its time; but not for strangers.
        known = self._known(ticket)
        parsed, refusal = (None, Refusal()) if known is None else _read(response, hresult, message)
        with self._session(known) as session:
            ask = session.conversation.ask(Call.RECEIVE_RESPONSE)
            if ask is Ask.SETTLE:
                session.settle(parsed, response, refusal, self.options)
            elif ask is Ask.KEEP and parsed is not None:
                session.keep(parsed, response)
            return session.conversation.receive_response_result()

    def get_last_error(self, ticket: str) -> str:
        """``getLastError``: a text for the person in front of the Web Connector, never empty; or ``NoOp``."""
        with self._session(self._known(ticket)) as session:
            return session.conversation.last_error()

    def close_connection(self, ticket: str) -> str:
        """``closeConnection``: ``OK``, which the Web Connector shows. May come twice, and with any ticket."""
        with self._session(self._known(ticket)) as session:
            session.close(session.conversation.ask(Call.CLOSE_CONNECTION))
        return "OK"

    # The calls of the interactive mode, which this server never offers. Each answer is read by a person, or ends it.

    def get_interactive_url(self, ticket: str, session_id: str) -> str:
        """``getInteractiveURL``: no address."""
        return ""

    def interactive_done(self, ticket: str) -> str:
        """``interactiveDone`` and ``isInteractiveDone``: it is over."""
        return "Done"

    def interactive_rejected(self, ticket: str, reason: str) -> str:
        """``interactiveRejected``: a text to show."""
        return NO_INTERACTIVE_MODE

    # Calls that wait: see ``holding``.

    def may_hold(self, ticket: str) -> Place | None:
        """The place of a session whose ``sendRequestXML`` may wait, for there is nothing to hand out; else ``None``."""
        row = self._known(ticket) if self.options.hold > 0 else None
        if row is None:
            return None
        conversation = Conversation.from_json(row.conversation)
        ready = conversation.state in (State.READY, State.PAUSED) and conversation.confirmed
        harmless = _harmless(conversation.version, conversation.edition) if ready else ""
        place = Place(row.ticket, row.connection, row.calls, harmless)
        if not ready or self.is_wanted(place):
            return None
        connection = self.queue.store.connection(row.connection)
        asks = self.queue.store.is_to_ask(row.connection, row.ticket) and not (connection is None or connection.paused)
        return None if asks else place

    def begin_hold(self, place: Place) -> int:
        """Note that a call begins to wait, and so that its session is alive; the number that the call has.

        A number that no call has where another one of the session came in between: then that is the newest.
        """
        with self.queue.deliver(place.connection) as delivery:
            row = delivery.transaction.session(place.key)
            if row is None or row.calls != place.calls:
                return NOBODYS
            delivery.transaction.change_session(row, calls=row.calls + 1, last_call_at=delivery.now)
            # An earlier call that still waits sees that it is no longer the newest.
            delivery.transaction.tell(work(place.connection))
            return row.calls

    def is_wanted(self, place: Place, call_number: int | None = None) -> bool:
        """Whether a call that waits has to be answered: there is work, or a newer session or call."""
        row = self.queue.store.connection(place.connection)
        if row is None or row.session != place.key:
            return True
        if call_number is not None:
            session = self.queue.store.session(place.key)
            if session is None or session.calls != call_number:
                return True
        return not row.paused and self.queue.store.waiting(place.connection, 1) > 0

    # What they are made of.

    def _known(self, ticket: str) -> SessionRow | None:
        """The session of a ticket as it was last committed; ``None`` for a ticket that nobody knows."""
        return self.queue.store.session(hash_ticket(ticket)) if ticket else None

    @contextmanager
    def _session(self, known: SessionRow | None) -> Iterator[_Session]:
        """A session, its connection locked and read anew; without one, a session that does nothing."""
        if known is None:
            yield _Session(None, "", "", STRANGER)
            return
        current_connection.set(known.connection)
        key = known.ticket
        with self.queue.deliver(known.connection) as delivery:
            transaction = delivery.transaction
            row = transaction.session(key)
            conversation = STRANGER if row is None else Conversation.from_json(row.conversation)
            if row is not None and transaction.connection.session != key:  # a newer one took over
                conversation = replace(conversation, state=State.CLOSED)
            session = _Session(delivery, key, known.connection, conversation, row.calls if row is not None else 0)
            yield session
            if row is not None:
                after = session.conversation.to_json()
                changes = {} if after == row.conversation else {"conversation": after}
                calls = row.calls + (not session.counted)
                transaction.change_session(row, last_call_at=transaction.now, calls=calls, **changes)

    def _language(
        self, country: str, major: int | None, minor: int | None, company: company_file.CompanyFile | None
    ) -> tuple[str, str]:
        """Version and edition to build in. Raises ``QbxmlError`` where QuickBooks names no version we know."""
        offered = "" if major is None else (major, minor or 0)
        newest = qbxml.negotiate(offered or (company.versions if company is not None and company.versions else ""))
        version = min(newest, self.options.version, key=RANK.__getitem__)
        edition = (country or (company.country if company else "")).strip().upper()
        if edition not in EDITIONS:
            edition = "US"
        check(version, edition)
        return version, edition


class _Session:
    """One call's work for one session: the conversation, and the queue's side of it."""

    def __init__(
        self, delivery: Delivery | None, key: str, connection: str, conversation: Conversation, calls: int = 0
    ) -> None:
        self._delivery = delivery
        self._key = key
        self.connection = connection
        self.conversation = conversation
        #: The calls of this session before this one.
        self.calls = calls
        #: Whether this one is among them already: a call that was held was counted when the hold began.
        self.counted = False

    @property
    def delivery(self) -> Delivery:
        assert self._delivery is not None, "a stranger has nothing to do with the queue"
        return self._delivery

    def speak(self, version: str, edition: str) -> None:
        """Note the version and edition to build in, here and for those who enqueue."""
        if (self.conversation.version, self.conversation.edition) == (version, edition):
            return
        self.conversation = replace(self.conversation, version=version, edition=edition)
        row = self.delivery.transaction.connection
        if (row.version, row.edition) != (version, edition):
            self.delivery.transaction.change_connection(version=version, edition=edition)

    def look_at(self, company: company_file.CompanyFile) -> None:
        """Judge the company file. A wrong one gets no request; what waits goes on waiting."""
        verdict = company.verdict(self.conversation.owner_id, self.conversation.file_id)
        if verdict is Verdict.RIGHT:
            self.conversation = replace(self.conversation, confirmed=True)
        elif verdict is Verdict.WRONG:
            self._refuse_file(company)

    def _refuse_file(self, company: company_file.CompanyFile) -> None:
        named = f" ({company.company})" if company.company else ""
        error = (
            f"{WRONG_FILE_SAID}{named} is not the one of this application: its FileID stamp is another or"
            " missing. Open the right company file and run the update again. Nothing was sent to it."
        )
        logger.warning("connection %r: another company file is open", self.connection)
        self.conversation = self.conversation.after(Event.REFUSED, error=error)

    def hand_out(self, options: Options, *, pause: bool = False) -> str:
        """The next document, or ``""`` where the Web Connector is to wait. ``pause``: it is not to come at once."""
        for errand in self.conversation.errands():
            # Though it has to wait, it is not kept waiting for ever.
            skipped = pause and errand is Errand.IDLE and not self._idle_for(options.max_idle)
            handed = None if skipped else self._handed(errand, options)
            if handed is not None:
                now = self.delivery.now
                self.conversation = self.conversation.handed_out(handed.errand, handed.set_id, now)
                return handed.text
        idle_since = self.conversation.idle_since
        now = self.delivery.now
        self.conversation = replace(
            self.conversation.after(Event.NOTHING), idle_since=now if idle_since is None else idle_since
        )
        return ""

    def _handed(self, errand: Errand, options: Options) -> Handed | None:
        version, edition = self.conversation.version, self.conversation.edition
        if errand is Errand.AGAIN:
            return self.delivery.ask(self._key)
        if errand is Errand.ASK:
            return self.delivery.ask(self._key, often=True)
        if errand is Errand.SET:
            return self.delivery.hand_out(self._key, version, edition)
        if errand is Errand.VERIFY:
            question = company_file.verification(self.conversation.owner_id)
            return Handed(errand, "", qbxml.build(question, version=version, edition=edition).decode("ascii"))
        if options.hold and options.idle == "noop" and not self._idle_for(options.max_idle):
            return None
        return Handed(errand, "", _harmless(version, edition))

    def settle(self, parsed: Response | None, raw: str, refusal: Refusal, options: Options) -> None:
        """Take what came for what is out."""
        errand = self.conversation.errand
        assert errand is not None, "OUT without an errand"
        if errand is Errand.VERIFY:
            self._verified(parsed, refusal, options)
        elif errand is Errand.IDLE:
            if parsed is not None:
                self.keep(parsed, raw)
            if refusal.hresult:
                self.conversation = self.conversation.after(Event.ANSWER_LOST, error=_told(refusal))
            else:
                self._go_on(options)
        else:
            settled = self.delivery.settle(errand, self.conversation.set_id, parsed, raw, refusal)
            lost = self.conversation.lost + 1 if settled is Settled.LOST else 0
            self.conversation = replace(self.conversation, lost=lost)
            # An HRESULT that proves nothing about the set says that something is wrong over there; it is not for us to
            # try again and again.
            if settled is Settled.LOST and (refusal.hresult or lost >= MOST_LOST):
                self.conversation = self.conversation.after(Event.ANSWER_LOST, error=_told(refusal))
            else:
                self._go_on(options)

    def _verified(self, parsed: Response | None, refusal: Refusal, options: Options) -> None:
        company = company_file.CompanyFile() if parsed is None else company_file.of_response(parsed)
        verdict = company.verdict(self.conversation.owner_id, self.conversation.file_id)
        if verdict is Verdict.RIGHT:
            self.conversation = replace(self.conversation, confirmed=True)
            self._go_on(options, stay=True)
        elif verdict is Verdict.WRONG:
            self._refuse_file(company)
        else:
            error = "It could not be found out which company file is open, so nothing was sent to it."
            self.conversation = self.conversation.after(Event.ANSWER_LOST, error=f"{error} {refusal.text}".strip())

    def _go_on(self, options: Options, *, stay: bool = False) -> None:
        left = self.delivery.waiting() + (self.delivery.to_ask(self._key, often=True) is not None)
        holding = options.hold > 0 and not self._idle_for(options.max_idle)
        self.conversation = self.conversation.answered_with(left, stay=stay or holding, progress=options.progress)

    def _idle_for(self, time: float) -> bool:
        since = self.conversation.idle_since
        return since is not None and self.delivery.now - since >= time

    def keep(self, parsed: Response, raw: str) -> None:
        """Store answers that came too late or twice, with the requests they name."""
        self.delivery.keep(parsed, raw)

    def lose(self, reason: str) -> None:
        """What is out will not be answered."""
        if self.conversation.errand in (Errand.SET, Errand.AGAIN):
            # Without the reason: it can quote what QuickBooks said.
            logger.warning("connection %r: the answer to %s is lost", self.connection, self.conversation.set_id)
            self.delivery.lose(reason)

    def close(self, ask: Ask, error: str = "") -> None:
        """The end of the session."""
        if ask is Ask.LOSE:
            self.lose("the session ended before the answer came")
        if ask is not Ask.NOTHING:
            self.conversation = self.conversation.after(Event.ENDED, error=error)


@functools.cache
def _harmless(version: str, edition: str) -> str:
    """The document that asks for nothing; made once for each version and edition, of which there are few."""
    return qbxml.build(HARMLESS, version=version, edition=edition).decode("ascii")


def _read(response: str, hresult: str, message: str) -> tuple[Response | None, Refusal]:
    """What came: the answer, if it can be read, and what stands in its place."""
    refusal = Refusal("QuickBooks gave no answer.")
    parsed = None
    if response.strip():
        try:
            # Without a version: the most tolerant reading. What it does not know it keeps.
            parsed = qbxml.parse(response)
            refusal = Refusal()
        except QbxmlError as error:
            refusal = Refusal(f"QuickBooks' answer could not be read: {error}")
    if hresult.strip():
        meaning = qbxml.hresult(hresult)
        text = f"QuickBooks could not carry out a request: {message or meaning.meaning} ({meaning.code})"
        one_of_them = meaning.nothing_ran and meaning.kind == "fix" and meaning.code == "0x80040400"
        refusal = Refusal(text, meaning.code, meaning.advice, meaning.nothing_ran, one_of_them)
    return parsed, refusal


def _told(refusal: Refusal) -> str:
    """What a person is told who can read the words of the refusal."""
    return f"{refusal.text} {refusal.advice}".strip() or "QuickBooks' answer does not belong to the request sent."
