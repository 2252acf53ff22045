"""What must not be: compares what a queue says of its requests with what the models of QuickBooks did and said."""

from __future__ import annotations

import enum
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..queue import Limits, RequestQueue, Result, State
from ..queue.entries import Entry, Event
from ..queue.states import Happening
from .connector import ModelConnector
from .quickbooks import ModelQuickBooks


class Kind(enum.Enum):
    """What can be violated."""

    LOST = "lost"
    TWICE = "done twice"
    PLACE = "wrong place"
    STUCK = "stuck"
    ORDER = "out of order"
    UNTRUE = "untrue"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be."""

    kind: Kind
    text: str
    #: The run in which it was, for another try.
    seed: int | None = None


@dataclass
class Tally:
    """What came of one run, or of many."""

    runs: int = 0
    requests: int = 0
    writes: int = 0
    executed: int = 0
    sessions: int = 0
    #: Deaths of a server at a commit; of a server's process, by SIGKILL; and its ends by SIGTERM.
    crashes: int = 0
    kills: int = 0
    stops: int = 0
    mishaps: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count another one in."""
        for name in ("runs", "requests", "writes", "executed", "sessions", "crashes", "kills", "stops"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.mishaps += other.mishaps
        self.states += other.states
        self.violations += other.violations

    def count(self, connectors: Iterable[ModelConnector]) -> None:
        """Count what connectors did and what happened to them."""
        for connector in connectors:
            self.sessions += connector.sessions
            self.mishaps.update({mishap.name: count for mishap, count in connector.mishaps.items()})


def judge(
    queue: RequestQueue,
    books: Mapping[str, ModelQuickBooks],
    ids: Mapping[str, Sequence[str]],
    limits: Limits,
    wrong: ModelQuickBooks,
    *,
    in_order: bool = False,
) -> Tally:
    """Everything that is not as it must be once all came to rest, and how much there was of what.

    ``books`` and ``ids`` are, by connection, the company file and what :meth:`~soap.queue.RequestQueue.enqueue` gave;
    ``wrong`` is a file in which nothing may have been done. ``limits`` are those of the server. ``in_order``: the
    requests of a connection were put in one after the other, and it is looked whether they went out so.
    """
    tally = Tally()
    everything = {name: queue.find(name, limit=100_000) for name in ids}
    home = {result.id: name for name, results in everything.items() for result in results}
    for name, results in everything.items():
        done = Counter(one.request_id for one in books[name].executed)
        for id_ in done:
            if home.get(id_) != name:
                tally.violations.append(Violation(Kind.PLACE, f"{id_} was executed in {name}"))
        known = {result.id for result in results}
        handed: dict[str, float | None] = {}
        tally.violations += [
            Violation(Kind.LOST, f"{id_} is not in the queue any more") for id_ in ids[name] if id_ not in known
        ]
        for result in results:
            tally.requests += 1
            tally.writes += result.writes
            tally.executed += done[result.id]
            tally.states[f"{result.state.value}{' write' if result.writes else ''}"] += 1
            events = queue.history(result.id)
            story = [event.reason for event in events]
            tally.violations += [
                Violation(kind, f"{problem}: {result.id} {result.name} {result.state.value} {story}")
                for kind, problem in _problems(queue, limits, result, events, done[result.id], books[name])
            ]
            handed[result.id] = next((one.at for one in events if one.reason == Happening.HANDED_OUT.value), None)
        if in_order:
            tally.violations += _out_of_order(queue, name, handed)
    if wrong.executed:
        tally.violations.append(Violation(Kind.PLACE, "executed in a company file that is not the right one"))
    return tally


def _problems(
    queue: RequestQueue,
    limits: Limits,
    result: Result,
    events: Sequence[Event],
    done: int,
    books: ModelQuickBooks,
) -> Iterator[tuple[Kind, str]]:
    entry = queue.store.entry(result.id)
    assert entry is not None
    if done > 1:
        yield Kind.TWICE, f"executed {done} times"
    if events[-1].state is not result.state:
        yield Kind.UNTRUE, "the history says otherwise"
    if result.state is State.DONE:
        yield from _problems_of_done(result, done, books)
    elif result.state is State.FAILED:
        yield from _problems_of_failed(queue, limits, result, entry, done, books)
    elif result.state is State.UNKNOWN:
        asked = queue.store.members(entry.set_id)[0]
        settled = entry.on_lost == "ask" or asked.withdrawn or asked.asked >= limits.unknown_asked
        refused = result.id in books.refused
        now = queue.store.now()
        if not (settled or refused or (entry.expires_at or now) < now):
            yield Kind.STUCK, "unknown for no reason"
    elif not result.state.is_final:
        if not _waits_behind_unknown(queue, entry):
            yield Kind.STUCK, "still on its way"
    elif done:
        yield Kind.UNTRUE, "said never to have been handed out, and executed"
    if result.state.is_final and entry.record_pending:
        yield Kind.STUCK, "its record is read by nobody"
    if result.state.is_final and entry.handler is not None and entry.handler_due is None:
        yield Kind.LOST, "its handler is not called"


def _waits_behind_unknown(queue: RequestQueue, entry: Entry) -> bool:
    """Whether it was split from a set that stops at an error, behind one of which nobody knows the outcome."""
    unknown = queue.store.find(
        entry.connection, states=[State.UNKNOWN], names=None, after=0, newest_first=False, limit=1000
    )
    return entry.split_from is not None and any(
        other.split_from == entry.split_from and other.number < entry.number for other in unknown
    )


def _problems_of_failed(
    queue: RequestQueue, limits: Limits, result: Result, entry: Entry, done: int, books: ModelQuickBooks
) -> Iterator[tuple[Kind, str]]:
    said, kind = books.said.get(result.id, []), (result.error or {}).get("kind")
    if done:
        yield Kind.UNTRUE, "said to have failed, and executed"
    if kind == "status" and result.status_code not in said:
        yield Kind.UNTRUE, f"QuickBooks never said {result.status_code}, but {said}"
    if kind == "refused" and result.id not in books.refused:
        yield Kind.UNTRUE, "QuickBooks never refused it"
    if result.writes and kind not in ("status", "refused", "skipped"):
        yield Kind.LOST, f"failed for no reason ({kind})"
    alone = len(queue.store.members(entry.set_id)) == 1 and not entry.withdrawn
    if result.status_code == 3231 and not _rightly_left(queue, limits, entry):
        yield Kind.LOST, "not processed, and not tried again"
    if result.status_code == 3175 and alone and said.count(3175) <= limits.lock_retries:
        yield Kind.LOST, "given up too early"


def _rightly_left(queue: RequestQueue, limits: Limits, entry: Entry) -> bool:
    """Whether one that QuickBooks never came to is behind an error, was withdrawn, or was tried often enough."""
    head, *_ = members = queue.store.members(entry.set_id)
    refused = any(one.state is State.FAILED and one.place < entry.place for one in members)
    over = head.attempts >= limits.unprocessed_attempts or any(one.withdrawn for one in members)
    return over or (head.on_error == "stopOnError" and refused)


def _problems_of_done(result: Result, done: int, books: ModelQuickBooks) -> Iterator[tuple[Kind, str]]:
    said = books.said.get(result.id, [])
    if result.writes and not done:
        yield Kind.LOST, "said to be done, and never executed"
    if result.status_code not in said:
        yield Kind.UNTRUE, f"QuickBooks never said {result.status_code}, but {said}"
    if result.response is None:
        yield Kind.LOST, "its answer is not there"
    wanted = json.loads(result.content).get("CustomerAddRq", {}).get("CustomerAdd", {}).get("Name")
    if wanted is not None and any(record.get("Name") != wanted for record in result.records):
        yield Kind.PLACE, "its answer has the record of another"


def _out_of_order(queue: RequestQueue, name: str, handed: Mapping[str, float | None]) -> Iterator[Violation]:
    """Requests that were handed out for the first time before others that were there earlier and had to go before."""
    entries = queue.store.find(name, states=None, names=None, after=0, newest_first=False, limit=100_000)
    heads = [(handed[entry.id], entry) for entry in entries if entry.place == 0 and entry.split_from is None]
    for place, (first_at, first) in enumerate(heads):
        if first_at is None or first.not_before is not None:  # it may have had to wait for its time
            continue
        for second_at, second in heads[place + 1 :]:
            if second_at is not None and second_at < first_at and first.priority >= second.priority:
                yield Violation(Kind.ORDER, f"{second.id} was handed out before {first.id}")
