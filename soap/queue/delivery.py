"""What a session of the Web Connector does with a connection's requests, within one transaction.

The rules that keep a write from being done twice or lost are here:

- The exact text of a set is stored before it is handed out, and what writes carries a message set id.
- An answer belongs to the requests that its requestIDs name. What names none (an HRESULT, nothing, garbage) is about
  the set that the session was given, and nothing else.
- The lost answer of a write leaves it ``UNKNOWN``. The next errand hands the identical text out again, which
  QuickBooks does only once; or, where it must not be done any more, only asks for the outcome.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import qbxml
from qbxml.errors import InvalidRequest, QbxmlError
from qbxml.model import MessageResponse, Response

from . import intake, signals
from .answers import (
    LOCKED,
    NOT_AGAIN,
    SET_STATUS,
    Answers,
    error_of,
    is_overtaken,
    is_recovered,
    is_refused,
    question,
    status_error,
    unprocessed,
)
from .entries import Entry, SessionRow
from .results import record_query
from .states import FINAL, Happening, State, after
from .store import Transaction

logger = logging.getLogger(__name__)

#: Seconds after which a request is looked at again that waits for the outcome of one before it; also before that where
#: the outcome becomes known.
BEHIND = 3600.0

#: What happens to all that were split from a set, each by itself.
TOGETHER = (Happening.EXPIRED, Happening.SKIPPED)

#: The largest status code that is kept.
LARGEST = 2**31 - 1

#: The priority of our own reads: before all else.
FIRST = 1 << 30


class Errand(enum.Enum):
    """What a message set that is out is for."""

    SET = "set"  #: requests, handed out for the first time, or a read for another time
    AGAIN = "again"  #: a write whose answer was lost: the identical text
    ASK = "ask"  #: the question what became of a write
    VERIFY = "verify"  #: the question which company file this is
    IDLE = "idle"  #: a harmless question, for there is nothing to do


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds repetitions. Times in seconds."""

    #: A session that makes no call for so long is over. QuickBooks can work for many minutes on one request.
    session_timeout: float = 3600.0
    #: A read whose answer was lost so often fails: perhaps it is the one that brings QuickBooks down.
    read_attempts: int = 5
    #: A request that met a locked record is tried again so often, first after ``lock_delay``, then twice as long.
    lock_retries: int = 5
    lock_delay: float = 5.0
    #: What QuickBooks never came to is handed out again, but not more often than so: perhaps it is what brings
    #: QuickBooks down. Counted with the times that its answer got lost.
    unprocessed_attempts: int = 10
    #: QuickBooks is asked so often about an ``UNKNOWN`` write that a session is begun for nothing else.
    unknown_asked: int = 3


@dataclass(frozen=True, slots=True)
class Handed:
    """A document to hand to the Web Connector. It is stored; it may be given away once the transaction is committed."""

    errand: Errand
    #: The set, by the id of its first request.
    set_id: str
    text: str


class Settled(enum.Enum):
    """What came of an answer, for the set that was out."""

    ANSWERED = "every request of it has its answer"
    SET_BACK = "nothing of it was done; it failed, or waits to be tried otherwise"
    LOST = "no usable answer came"


class Delivery:
    """One session's work on its connection. Made by :meth:`~soap.queue.RequestQueue.deliver`."""

    def __init__(self, transaction: Transaction, limits: Limits) -> None:
        self.transaction = transaction
        self.limits = limits
        #: What came to a final state, or to ``UNKNOWN``, in this transaction.
        self.ended: list[tuple[str, State]] = []

    @property
    def now(self) -> float:
        """The store's clock."""
        return self.transaction.now

    # -- sessions ----------------------------------------------------------------------------------------------------

    def begin(self, ticket: str, conversation: str) -> None:
        """A new session takes over; what is out to an earlier one is lost. ``ticket`` is the ticket's hash."""
        self.lose("a newer session began before the answer came")
        self.transaction.add_session(
            SessionRow(ticket, self.transaction.connection.name, self.now, self.now, conversation)
        )
        self.transaction.change_connection(session=ticket, seen_at=self.now)
        self.transaction.tell(signals.work(self.transaction.connection.name))

    def age_of_sent(self) -> float | None:
        """Seconds since the set that is out was handed out; ``None`` where none is."""
        head = self.transaction.sent()
        return None if head is None else self.now - (head.sent_at or 0.0)

    def give_up_silent_session(self) -> int:
        """Lose what is out to a session that made no call for a long time; how many requests that were."""
        head = self.transaction.sent()
        if head is None:
            return 0
        session = self.transaction.session(head.session or "")
        if session is not None and session.last_call_at > self.now - self.limits.session_timeout:
            return 0
        return self.lose("the session made no call any more")

    # -- what there is to do -----------------------------------------------------------------------------------------

    def waiting(self, most: int = 100) -> int:
        """How many sets could be handed out now, counted up to ``most``; none while the connection is paused."""
        return 0 if self.transaction.connection.paused else self.transaction.waiting(most)

    def to_ask(self, session: str | None = None, *, often: bool = False) -> Entry | None:
        """The first ``UNKNOWN`` set that ``session`` has not asked about yet.

        With ``session=None``: one that is worth beginning a session for. Sets that were asked about as often as
        that is worth are passed over, unless ``often``.
        """
        if self.transaction.connection.paused:
            return None
        for head in self.transaction.unknown():
            new = session is None or head.asked_in != session
            if new and (often or head.asked < self.limits.unknown_asked):
                return head
        return None

    def expire(self) -> int:
        """Expire what waited too long; how many requests that were."""
        count = 0
        while heads := self.transaction.overdue(100):
            for head in heads:
                for member in self.transaction.members(head.set_id):
                    self.end(member, Happening.EXPIRED, error=error_of("expired", Happening.EXPIRED.value))
                    count += 1
        return count

    # -- handing out -------------------------------------------------------------------------------------------------

    def ask(self, session: str, *, often: bool = False) -> Handed | None:
        """Settle a lost answer: the next errand for an ``UNKNOWN`` set, at most one for each in a session.

        ``often``: also for those that were asked about many times. They come after the sets that wait, for perhaps
        it is one of them that brings QuickBooks down, and with it each session that begins with it.
        """
        head = self.to_ask(session, often=often)
        if head is None:
            return None
        members = self.transaction.members(head.set_id)
        unknown = [member for member in members if member.state is State.UNKNOWN]
        gone = any(member.withdrawn or _passed(member.expires_at, self.now) for member in unknown)
        asked = {"asked_in": session, "asked": head.asked + 1}
        if head.text is None or head.message_set_id is None:  # can't be, for it writes; but never guess
            self.transaction.change(head, **asked)
            return self.ask(session, often=often)
        if head.on_lost == intake.ASK or gone or len(unknown) < len(members):
            self.transaction.change(head, **asked, reason="QuickBooks is asked what became of it")
            return Handed(Errand.ASK, head.set_id, question(head.message_set_id, head.version))
        if self.transaction.sent() is not None:
            return None
        for member in members:
            changes: dict[str, Any] = {"state": after(member.state, Happening.SENT_AGAIN)}
            if member.is_head:
                changes |= asked | {"session": session, "sent_at": self.now, "attempts": head.attempts + 1}
            self.transaction.change(member, **changes, reason=Happening.SENT_AGAIN.value)
        return Handed(Errand.AGAIN, head.set_id, head.text)

    def hand_out(self, session: str, version: str, edition: str) -> Handed | None:
        """The next set that waits: built, and stored with its exact text. ``None`` where there is none, or one is out.

        What can't be built fails, and the one behind it is tried.
        """
        self.expire()
        if self.transaction.connection.paused or self.transaction.sent() is not None:
            return None
        while (head := self.transaction.next_waiting()) is not None:
            members = self.transaction.members(head.set_id)
            waits_for = self._waits_for(head)
            if waits_for:
                when = max(other.not_before or 0.0 for other in waits_for)
                self.transaction.change(head, not_before=when if when > self.now else self.now + BEHIND)
                continue
            message_set_id = intake.new_message_set_id() if any(member.writes for member in members) else None
            released = self._to_release(head) if message_set_id else None
            try:
                built = qbxml.build(
                    [intake.restored(member.name, member.content, member.id) for member in members],
                    version=version,
                    edition=edition,
                    on_error=head.on_error,
                    new_message_set_id=message_set_id,
                    old_message_set_id=released,
                )
            except Exception as error:
                # Also a mistake of ours is taken for the request's: it would else keep all behind it waiting.
                if not isinstance(error, QbxmlError):
                    logger.exception("request %s could not be built", head.id)
                for member in members:
                    self.end(member, Happening.NOT_BUILT, error=_not_built(error, version, edition))
                continue
            text = built.decode("ascii")
            for member in members:
                changes: dict[str, Any] = {"state": after(member.state, Happening.HANDED_OUT)}
                if member.is_head:
                    changes |= {"text": text, "version": version, "edition": edition, "sent_at": self.now}
                    changes |= {"session": session, "message_set_id": message_set_id, "releases": released}
                    changes |= {"attempts": head.attempts + 1}
                self.transaction.change(member, **changes, reason=Happening.HANDED_OUT.value)
            return Handed(Errand.SET, head.set_id, text)
        return None

    def _waits_for(self, head: Entry) -> list[Entry]:
        """Those that have to be done first: it was split, with them, from a set that stops at an error.

        They wait themselves, for a record in use, or nobody knows what became of them.
        """
        if head.split_from is None or head.on_error != "stopOnError":
            return []
        siblings = self.transaction.split_from(head.split_from)
        return [other for other in siblings if other.number < head.number and other.state not in FINAL]

    def _to_release(self, head: Entry) -> str | None:
        """The message set id that QuickBooks may forget: the request's own earlier one, else the oldest settled one."""
        if head.releases is not None:
            return head.releases
        oldest = self.transaction.to_release()
        if oldest is None or self._may_be_held(oldest):
            return None
        return oldest.message_set_id

    def _may_be_held(self, head: Entry) -> bool:
        """Whether an earlier session may still hold its text: once QuickBooks forgot it, it would do that again."""
        return head.asked > 0 and self.now - (head.sent_at or 0.0) < self.limits.session_timeout

    # -- taking in ---------------------------------------------------------------------------------------------------

    def settle(self, errand: Errand, set_id: str, response: Response | None, raw: str, refusal: Refusal) -> Settled:
        """Take what came for the set that is out: answers, an HRESULT, or nothing of use."""
        complete = self.keep(response, raw) if response is not None else frozenset()
        if set_id in complete:
            return Settled.ANSWERED
        code = response.message_set_status_code if response is not None else None
        reason = SET_STATUS.get(code or 0) or refusal.text or "QuickBooks' answer does not belong to what was sent"
        if errand is Errand.ASK:
            self._still_unknown(set_id, f"{Happening.STILL_UNKNOWN.value}: {reason}", raw, code)
            return Settled.SET_BACK if code is not None else Settled.LOST
        if errand is Errand.SET and refusal.nothing_ran:
            self._not_run(set_id, refusal, raw)
            return Settled.SET_BACK
        self.lose(reason, raw, ask_only=code in NOT_AGAIN)
        return Settled.LOST

    def keep(self, response: Response, raw: str) -> frozenset[str]:
        """Store the answers with the requests they name; the sets that are answered in full, also those from before."""
        answers: dict[str, MessageResponse] = {}
        for message in response:
            if message.request_id is not None:
                answers.setdefault(message.request_id, message)
        complete = set()
        for set_id in self._sets_named(answers):
            members = self.transaction.members(set_id)
            if all(member.id in answers for member in members) and not is_overtaken(members, answers, response):
                complete.add(set_id)
                self._answered(members, answers, response, raw)
        return frozenset(complete)

    def _sets_named(self, ids: Iterable[str]) -> list[str]:
        found: dict[str, None] = {}
        for id_ in ids:
            entry = self.transaction.entry(id_)
            if entry is not None:
                found[entry.set_id] = None
        return list(found)

    def lose(self, reason: str, raw: str = "", *, ask_only: bool = False) -> int:
        """No usable answer came to what is out. A read waits again; a write is ``UNKNOWN``; a page failed.

        ``ask_only``: what is unknown then is not handed out again, only asked about. Returns how many requests it were.
        """
        head = self.transaction.sent()
        if head is None:
            return 0
        members = self.transaction.members(head.set_id)
        writes = any(member.writes for member in members)
        error = error_of("lost", reason)
        for member in members:
            changes: dict[str, Any] = {"raw": raw or head.raw} if member.is_head else {}
            if writes:
                if ask_only and member.is_head:
                    changes["withdrawn"] = True
                reason_ = f"{Happening.WRITE_LOST.value}: {reason}"
                state = after(member.state, Happening.WRITE_LOST)
                self.transaction.change(member, **changes, state=state, error=error, reason=reason_)
                self.ended.append((member.id, state))
            elif any(one.continues for one in members):
                self.end(member, Happening.PAGE_LOST, error=error, **changes)
            elif head.attempts >= self.limits.read_attempts or any(one.withdrawn for one in members):
                self.end(member, Happening.READ_GIVEN_UP, error=error, **changes)
            else:
                state = after(member.state, Happening.READ_LOST)
                self.transaction.change(member, **changes, state=state, reason=f"{Happening.READ_LOST.value}: {reason}")
        self.transaction.tell(signals.work(head.connection))
        return len(members)

    # -- what they are made of ---------------------------------------------------------------------------------------

    def _answered(self, members: list[Entry], answers: Answers, response: Response, raw: str) -> None:
        head = members[0]
        # What waits anew was handed out before: its answer can only be one to that.
        again = head.asked > 0 or head.state is State.QUEUED
        recovered = again and any(member.writes and is_recovered(answers[member.id]) for member in members)
        if all(member.state in FINAL for member in members):
            if any(member.state in (State.EXPIRED, State.CANCELLED) for member in members):
                return
            # QuickBooks answered already, and this is no more than is known. A guess of the caller's is less.
            answered = all(member.status_code is not None for member in members)
            if answered and (recovered or not any(member.recovered for member in members)):
                return
        if head.releases is not None:
            earlier = self.transaction.head_of(head.releases)
            if earlier is not None and not earlier.released:
                self.transaction.change(earlier, released=True)
        if self._is_locked(members, answers):
            self._try_locked_again(head, answers[head.id])
            return
        missed = unprocessed(members, answers)
        if missed and self._may_queue_again(missed, members):
            self._queue_again(missed, head)
            members = members[: len(members) - len(missed)]
        set_changes = {"raw": raw, "parsed": response, "error": None}
        for member in members:
            message = answers[member.id]
            refused = is_refused(message)
            changes: dict[str, Any] = {
                # No status of QuickBooks' is too large for a database; the document is kept as it came anyway.
                "status_code": min(max(message.status_code, -LARGEST), LARGEST),
                "status_severity": message.status_severity,
                "status_message": message.status_message,
                "recovered": recovered and is_recovered(message),
                "error": status_error(message) if refused else None,
            }
            changes = {**(set_changes if member.is_head else {}), **changes}
            query = record_query(message) if changes["recovered"] and not refused else None
            if query is not None:
                self._read_record(member, *query)
                changes["record_pending"] = True
            elif member.record_pending:
                changes["record_pending"] = False
            self.end(member, Happening.REFUSED if refused else Happening.SUCCEEDED, **changes)
            if member.subject is not None:
                self.record_read(member.subject, raw if not refused and message.records else None)

    def _is_locked(self, members: list[Entry], answers: Answers) -> bool:
        (head, *others) = members
        code = answers[head.id].status_code
        within = head.lock_retries < self.limits.lock_retries and not head.withdrawn
        return not others and head.state in (State.SENT, State.UNKNOWN) and code in LOCKED and within

    def _try_locked_again(self, head: Entry, message: MessageResponse) -> None:
        delay = self.limits.lock_delay * 2**head.lock_retries
        self.transaction.change(
            head,
            state=after(head.state, Happening.LOCKED),
            lock_retries=head.lock_retries + 1,
            not_before=self.now + delay,
            # QuickBooks has the refusal stored under this id: the next attempt needs another, and lets it forget this.
            releases=None if self._may_be_held(head) else head.message_set_id,
            message_set_id=None,
            text=None,
            asked=0,
            reason=f"{Happening.LOCKED.value} ({message.status_code}), in {delay:g} s",
        )

    def _may_queue_again(self, missed: list[Entry], members: list[Entry]) -> bool:
        """Whether what QuickBooks never came to is to be done, and can be without the others of its set."""
        head, before = members[0], members[: len(members) - len(missed)]
        wanted = not any(member.withdrawn for member in members)
        parted = any(one.macros for one in before) and any(one.macros for one in missed)
        out = all(one.state in (State.SENT, State.UNKNOWN) for one in missed)
        return wanted and out and not parted and head.attempts < self.limits.unprocessed_attempts

    def _queue_again(self, missed: list[Entry], head: Entry) -> None:
        """Make a set of its own of what QuickBooks never came to; it keeps its place, and goes out under a new id."""
        first = missed[0]
        of_set: dict[str, Any] = {"on_error": head.on_error, "text": None, "message_set_id": None, "session": None}
        of_set |= {"sent_at": head.sent_at, "attempts": head.attempts, "version": head.version, "edition": head.edition}
        # As with a record in use: QuickBooks has under the earlier id that nothing was done, and may forget it.
        released = None if first is not head or self._may_be_held(head) else head.message_set_id
        of_set |= {"releases": released, "asked": 0, "not_before": None}
        for place, member in enumerate(missed):
            changes = of_set if place == 0 else {}
            if first is not head:
                changes = {**changes, "set_id": first.id, "place": place}
            state = after(member.state, Happening.NOT_PROCESSED)
            reason = Happening.NOT_PROCESSED.value
            self.transaction.change(member, **changes, state=state, error=None, reason=reason)
        self.transaction.tell(signals.work(first.connection))

    def _not_run(self, set_id: str, refusal: Refusal, raw: str) -> None:
        """A set refused as a whole: it failed, or is split to find out which of its requests is the bad one."""
        members = self.transaction.members(set_id)
        if not members or members[0].state is not State.SENT:
            return
        head = members[0]
        on_error = head.on_error
        stays = any(member.macros or member.withdrawn for member in members)
        if len(members) > 1 and refusal.may_be_one_of_them and not stays:
            for member in members:
                changes: dict[str, Any] = {"set_id": member.id, "place": 0, "split_from": set_id, "on_error": on_error}
                changes |= {"text": None, "message_set_id": None, "session": None, "sent_at": head.sent_at}
                changes |= {"attempts": head.attempts, "version": head.version, "edition": head.edition}
                state = after(member.state, Happening.SPLIT)
                self.transaction.change(member, **changes, state=state, reason=Happening.SPLIT.value)
            return
        error = error_of("refused", refusal.text, hresult=refusal.hresult, advice=refusal.advice)
        for member in members:
            # QuickBooks never stored it, so there is nothing that it would have to forget.
            changes = {"raw": raw or None, "released": True} if member.is_head else {}
            self.end(member, Happening.NOT_RUN, error=error, **changes)

    def _still_unknown(self, set_id: str, reason: str, raw: str, code: int | None) -> None:
        for member in self.transaction.members(set_id):
            if member.state is State.UNKNOWN:
                changes: dict[str, Any] = {"raw": raw or member.raw} if member.is_head else {}
                error = error_of("unknown", reason, message_set_status=code)
                self.transaction.change(member, **changes, error=error, reason=reason)

    def _read_record(self, member: Entry, name: str, content: str) -> None:
        """Queue a read of our own for the record of a recovered outcome."""
        id_ = intake.new_id()
        read = Entry(
            id=id_,
            connection=member.connection,
            set_id=id_,
            place=0,
            name=name,
            content=content,
            caller_id=None,
            writes=False,
            continues=False,
            macros=False,
            created_at=self.now,
            priority=FIRST,
            subject=member.id,
            changed_at=self.now,
            reason=f"queued to read the record of {member.id}, whose outcome was recovered",
        )
        self.transaction.add([read])

    def record_read(self, subject: str, raw: str | None) -> None:
        """The read for the record of a recovered outcome is over, with or without one."""
        entry = self.transaction.entry(subject)
        if entry is None or not entry.record_pending:
            return
        changes: dict[str, Any] = {"record_pending": False, "record_raw": raw}
        if entry.handler is not None:
            changes["handler_due"] = self.now
            self.transaction.tell(signals.HANDLERS)
        self.transaction.change(entry, **changes, reason="its record was read" if raw else "it has no record any more")
        self.transaction.tell(signals.settled(subject))

    def end(self, member: Entry, happening: Happening, **changes: Any) -> None:
        """End a request, and tell whoever waits for it."""
        state = after(member.state, happening)
        changes.setdefault("finished_at", self.now)
        if member.handler is not None and not changes.get("record_pending"):
            changes["handler_due"] = self.now
            changes["handler_attempts"] = 0
            self.transaction.tell(signals.HANDLERS)
        changes.setdefault("reason", _reason(happening, changes))
        self.transaction.change(member, **changes, state=state)
        self.ended.append((member.id, state))
        self.transaction.tell(signals.settled(member.id))
        if member.subject is not None and state is not State.DONE:
            self.record_read(member.subject, None)
        if member.split_from is not None and member.on_error == "stopOnError" and happening not in TOGETHER:
            self._end_or_free_those_behind(member)

    def _end_or_free_those_behind(self, ended: Entry) -> None:
        """Those behind it, split from the same set, are skipped where it was not done; else they need not wait for it.

        At once, for what became of it can be forgotten before their turn comes.
        """
        for other in self.transaction.split_from(ended.split_from or ""):
            if other.state is not State.QUEUED or other.number < ended.number:
                continue
            if ended.state is not State.DONE:
                error = error_of("skipped", Happening.SKIPPED.value, set=ended.split_from)
                self.end(other, Happening.SKIPPED, error=error)
            elif other.not_before is not None and not other.lock_retries:
                self.transaction.change(other, not_before=None)
                self.transaction.tell(signals.work(other.connection))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the Web Connector said in place of an answer, or why the answer can't be used; all empty: nothing."""

    text: str = ""
    hresult: str = ""
    advice: str = ""
    #: Whether it proves that QuickBooks did nothing of the set.
    nothing_ran: bool = False
    #: Whether one request of several may be to blame, and the others good.
    may_be_one_of_them: bool = False


def _passed(when: float | None, now: float) -> bool:
    return when is not None and when <= now


def _reason(happening: Happening, changes: dict[str, Any]) -> str:
    if happening in (Happening.SUCCEEDED, Happening.REFUSED):
        how = " from QuickBooks' memory" if changes.get("recovered") else ""
        return f"{happening.value}{how}: {changes['status_code']} {changes['status_message']}"
    text: str = happening.value
    return text


def _not_built(error: Exception, version: str, edition: str) -> str:
    if isinstance(error, InvalidRequest):
        problems = [str(problem) for problem in error.problems]
        return error_of("invalid", str(error), problems=problems, version=version, edition=edition)
    if isinstance(error, QbxmlError):
        return error_of("invalid", str(error), version=version, edition=edition)
    return error_of("internal", f"a mistake in this software: {type(error).__name__}")
