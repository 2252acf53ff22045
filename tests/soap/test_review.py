"""What a sceptical reader found: answers in the wrong place, writes out of turn, calls and wake-ups that were lost."""

from __future__ import annotations

import multiprocessing
import select
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import sqlalchemy

from soap import MemoryQueue, State, company_file, transcript
from soap.errors import StoreUnusable
from soap.queue import Result
from soap.queue.handlers import HandlerRunner
from soap.queue.signals import work
from soap.queue.sql import SQLQueue
from soap.testing import Clock
from tests.soap.helpers import (
    CUSTOMER,
    LIMITS,
    READ,
    RECOVERY,
    USERNAME,
    WRITE,
    Server,
    answer_to_text,
    is_question,
    joined,
    lose,
    message_set_id,
    recovered,
    set_status_only,
    write,
)
from tests.soap.test_holding import REQUEST, Held


@pytest.fixture(params=["memory", "sqlite"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    clock = Clock()
    queue = (
        MemoryQueue(clock=clock, limits=LIMITS)
        if request.param == "memory"
        else SQLQueue(f"sqlite:///{tmp_path}/queue.db", clock=clock, limits=LIMITS)
    )
    made = Server(queue=queue)
    made.clock = clock
    yield made
    queue.close()


# --- whose answer it is, and what it says


def test_an_answer_to_a_set_of_another_connection_is_not_taken(server: Server) -> None:
    ids = server.queue.enqueue_many("other", [write("a"), write("b")], one_set=True)
    with server.queue.deliver("other") as delivery:
        theirs = delivery.hand_out("session", "16.0", "US")
    assert theirs is not None
    server.enqueue(READ)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, answer_to_text(theirs.text))
    assert server.states(ids) == ["sent", "sent"]


def test_a_read_that_was_recovered_with_its_set_says_that_its_records_are_not_there(server: Server) -> None:
    ids = joined(server, WRITE, READ)
    text = lose(server)
    ticket = server.sign_in()
    assert server.send(ticket) == text
    server.receive(ticket, recovered(text, [(ids[0], "CustomerAddRq"), (ids[1], "CustomerQueryRq")]))
    assert server.states(ids) == ["done", "done"]
    assert server.result(ids[1]).recovered


@pytest.mark.parametrize(("guess", "code", "state"), [(State.FAILED, 0, "done"), (State.DONE, 3100, "failed")])
def test_a_recovered_outcome_is_worth_more_than_the_callers_guess(
    server: Server, guess: State, code: int, state: str
) -> None:
    (entry,) = server.enqueue(WRITE, on_lost="ask")
    lose(server)
    ticket = server.sign_in()
    question = server.send(ticket)
    assert is_question(question)
    server.queue.resolve(entry, guess)
    server.receive(ticket, recovered(question, [(entry, "CustomerAddRq")], code))
    assert server.states([entry]) == [state]


def test_an_outcome_that_is_recovered_after_all_says_that_it_is_and_reads_its_record(server: Server) -> None:
    (entry,) = server.enqueue(WRITE, on_lost="ask")
    lose(server)
    ticket = server.sign_in()
    question = server.send(ticket)
    server.queue.resolve(entry, State.QUEUED)
    assert server.receive(ticket, recovered(question, [(entry, "CustomerAddRq")], content=RECOVERY)) < 100
    assert server.states([entry]) == ["done"]
    assert server.result(entry).recovered
    assert "CustomerQueryRq" in server.send(ticket)


def test_an_error_from_an_earlier_attempt_is_none_of_this_one_also_where_a_read_comes_first(server: Server) -> None:
    ids = joined(server, READ, WRITE)
    old = server.sign_in()
    first = server.send(old)
    ticket = server.sign_in()
    server.queue.resolve(ids[1], State.QUEUED)
    second = server.send(ticket)
    assert message_set_id(second) != message_set_id(first)
    server.receive(old, answer_to_text(first, 3100))
    assert server.states(ids) == ["sent", "sent"]


def test_a_session_is_known_while_quickbooks_works_however_short_results_are_kept(server: Server) -> None:
    server.queue._retention = 60.0
    (entry,) = server.enqueue(READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    server.clock.advance(120)
    server.queue.tend()
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert server.states([entry]) == ["done"]


# --- sets that were taken apart


def split(server: Server) -> tuple[list[str], str]:
    """A set that stops at an error and was refused as a whole, and the session that it was refused in."""
    ids = joined(server, write("a"), write("b"), write("c"))
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, "", "0x80040400", "no")
    return ids, ticket


def test_what_was_split_does_not_overtake_one_that_waits_for_a_record_in_use(server: Server) -> None:
    ids, ticket = split(server)
    (other,) = server.enqueue(write("other"))
    server.exchange(ticket, 3175)
    text = server.send(ticket)
    assert "<Name>other</Name>" in text
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert server.states([*ids, other]) == ["queued", "queued", "queued", "done"]
    server.clock.advance(10)
    ticket = server.sign_in()
    names = []
    for _ in ids:
        text = server.send(ticket)
        names.append(text.partition("<Name>")[2][:1])
        figure = server.receive(ticket, answer_to_text(text))
    assert names == ["a", "b", "c"]
    assert figure == 100


@pytest.mark.parametrize("outcome", [0, 3100, State.DONE, State.FAILED, State.QUEUED])
def test_what_was_split_waits_for_the_outcome_of_what_came_before(server: Server, outcome: int | State) -> None:
    ids, ticket = split(server)
    lost = server.send(ticket)
    server.receive(ticket, "", "0x80040402", "")
    ticket = server.sign_in()
    assert server.send(ticket) == lost
    server.receive(ticket, set_status_only(lost, 9002))
    assert "HostQueryRq" in server.send(ticket)
    assert server.states(ids) == ["unknown", "queued", "queued"]
    if isinstance(outcome, State):
        server.queue.resolve(ids[0], outcome)
    if outcome is State.FAILED:
        assert server.states(ids) == ["failed", "failed", "failed"]
        return
    ticket = server.sign_in()
    if outcome is not State.DONE:
        text = server.send(ticket)
        assert "<Name>a</Name>" in text
        server.receive(ticket, answer_to_text(text, outcome if isinstance(outcome, int) else 0))
    text = server.send(ticket)
    assert ("<Name>b</Name>" in text) is (outcome != 3100)
    assert server.states(ids)[1:] == (["failed", "failed"] if outcome == 3100 else ["sent", "queued"])


def test_what_comes_behind_a_failure_fails_with_it(server: Server) -> None:
    """Not only when its turn comes: by then the failure can be forgotten."""
    ids, ticket = split(server)
    assert server.exchange(ticket, 3100) == 100
    assert server.states(ids) == ["failed", "failed", "failed"]
    error = server.result(ids[2]).error
    assert error is not None
    assert error["kind"] == "skipped"


def test_what_was_split_expires_together(server: Server) -> None:
    ids = server.queue.enqueue_many(USERNAME, [write("a"), write("b")], one_set=True, expires_at=server.clock() + 60)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, "", "0x80040400", "no")
    server.clock.advance(61)
    server.queue.tend()
    assert server.states(ids) == ["expired", "expired"]


def test_what_was_withdrawn_is_not_split_to_be_done_after_all(server: Server) -> None:
    ids = joined(server, write("a"), write("b"))
    ticket = server.sign_in()
    server.send(ticket)
    assert server.queue.cancel(ids[0]) is State.SENT
    server.receive(ticket, "", "0x80040400", "no")
    assert server.states(ids) == ["failed", "failed"]


def test_a_read_that_was_withdrawn_is_not_asked_again(server: Server) -> None:
    (entry,) = server.enqueue(READ)
    server.send(server.sign_in())
    server.queue.cancel(entry)
    server.enqueue(WRITE)
    server.sign_in()
    assert server.states([entry]) == ["failed"]


def test_who_cancels_while_a_set_changes_cancels_what_he_means(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = joined(server, write("a"), write("b"))
    ticket = server.sign_in()
    server.send(ticket)
    look = server.queue.store.entry

    def slow(id: str) -> Any:
        found = look(id)
        monkeypatch.setattr(server.queue.store, "entry", look)
        server.receive(ticket, "", "0x80040400", "no")
        return found

    monkeypatch.setattr(server.queue.store, "entry", slow)
    assert server.queue.cancel(ids[1]) is State.CANCELLED
    assert server.states(ids) == ["queued", "cancelled"]


# --- who is told


def test_a_handler_is_called_again_with_what_came_while_it_was_called(server: Server) -> None:
    (entry,) = server.enqueue(WRITE, handler="h")
    old = server.sign_in()
    text = server.send(old)
    server.sign_in()
    server.queue.resolve(entry, State.FAILED)
    seen = []

    def handler(result: Result) -> None:
        seen.append(result.state)
        if len(seen) == 1:
            server.receive(old, answer_to_text(text, content=CUSTOMER))

    runner = HandlerRunner(server.queue, {"h": handler})
    while runner.run_once():
        pass
    assert seen == [State.FAILED, State.DONE]


def test_observers_are_told_of_every_end(server: Server) -> None:
    told: list[tuple[str, State]] = []
    server.queue.observers.append(told.extend)
    read, lost = server.enqueue(READ, WRITE)
    server.queue.cancel(read)
    lose(server)
    server.queue.resolve(lost, State.DONE)
    assert told == [(read, State.CANCELLED), (lost, State.UNKNOWN), (lost, State.DONE)]


def test_an_observer_that_raises_does_not_cost_the_answer(server: Server) -> None:
    def observer(changes: list[tuple[str, State]]) -> None:
        raise ValueError(changes)

    server.queue.observers.append(observer)
    server.enqueue(WRITE)
    assert server.exchange(server.sign_in()) == 100


# --- calls that wait


def idle_session() -> tuple[Server, str]:
    server = Server(hold=20.0, max_idle=60.0)
    ticket = server.sign_in()
    server.exchange(ticket)
    return server, ticket


def test_a_session_that_is_never_held_ends_as_well() -> None:
    server, ticket = idle_session()
    server.clock.advance(61)
    text = server.endpoint.send_request_xml(ticket, "", "", "US", 16, 0, not_held=True)
    assert server.receive(ticket, answer_to_text(text)) == 100


def test_a_call_is_held_though_there_is_something_to_ask_while_the_connection_is_paused() -> None:
    server = Server(hold=20.0)
    server.enqueue(WRITE)
    lose(server)
    server.queue.pause(USERNAME)
    ticket = server.sign_in()
    server.exchange(ticket)
    assert server.endpoint.may_hold(ticket) is not None
    server.queue.resume(USERNAME)
    assert server.endpoint.may_hold(ticket) is None


def test_a_call_that_begins_to_wait_too_late_loses_nothing_of_a_newer_one() -> None:
    server, ticket = idle_session()
    place = server.endpoint.may_hold(ticket)
    assert place is not None
    (entry,) = server.enqueue(WRITE)
    text = server.send(ticket)
    number = server.endpoint.begin_hold(place)
    assert server.endpoint.send_request_xml(ticket, "", "", "US", 16, 0, call_number=number) == ""
    assert server.reasons(entry) == ["queued", "handed to the Web Connector"]
    server.receive(ticket, answer_to_text(text))
    assert server.states([entry]) == ["done"]


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="only Linux tells that a peer went away")
def test_a_caller_that_went_away_just_now_takes_no_work() -> None:
    held = Held()
    held.idle()
    mine, theirs = socket.socketpair()
    with mine, held.asking(**{"openqbd.socket": mine}) as answers:
        theirs.close()
        entry = held.queue.enqueue("c", REQUEST)
    assert answers == [""]
    assert held.queue.result(entry).state is State.QUEUED


@pytest.mark.parametrize("when", ["session", "connection"])
def test_a_call_that_cannot_be_held_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    held = Held()
    held.idle()
    look = getattr(held.queue.store, when)

    def fails(name: str) -> None:
        monkeypatch.setattr(held.queue.store, when, look)
        raise StoreUnusable("the database failed", "")

    monkeypatch.setattr(held.queue.store, when, fails)
    assert "HostQueryRq" in held.ask()


def test_what_a_stranger_says_of_a_company_file_is_not_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company_file, "read", lambda text: pytest.fail("it was read"))
    assert server.send("nobody's", hcp="<QBXML/>") == ""


# --- transcripts


@pytest.mark.parametrize(
    "document",
    [
        "<A>secret > x</A>",
        "<A><![CDATA[secret]]></A>",
        "<A><!-- secret --></A>",
        "secret",
        "<A>secret",
        "secret<A/>",
        '<A b="a>secret">x</A>',
        '<A b="secret>a">x</A>',
        '<A b="secret',
        "<A <secret",
        "<!DOCTYPE a [<!ENTITY b 'secret'>]><a/>",
        "<![CDATA[secret",
        "<!-- secret",
    ],
)
def test_nothing_of_a_document_shows_whatever_it_is_made_of(document: str) -> None:
    assert "secret" not in transcript.masked(document)


# --- databases


class Look:
    """The poller's connection to SQLite, in which something comes between."""

    def __init__(self, inner: sqlite3.Connection, before: Callable[[str], object]) -> None:
        self._inner, self._before = inner, before

    def execute(self, text: str, *values: Any) -> Any:
        self._before(text)
        return self._inner.execute(text, *values)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[tuple[SQLQueue, SQLQueue]]:
    """One that waits, and one that stands for another process."""
    url = f"sqlite:///{tmp_path}/queue.db"
    here, there = SQLQueue(url), SQLQueue(url)
    yield here, there
    here.close()
    there.close()


def come_between(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], object]) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: Look(connect(*given, **more), before))


def test_what_comes_before_the_first_look_is_news(
    queues: tuple[SQLQueue, SQLQueue], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = queues
    come_between(monkeypatch, lambda text: sleep(0.2))
    with here.store.signals.watch(work("c")) as watch:
        there.enqueue("c", READ)
        assert watch.wait(5)


def test_what_comes_during_a_look_is_news_to_who_began_to_watch_then(
    queues: tuple[SQLQueue, SQLQueue], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = queues
    looking, go_on = threading.Event(), threading.Event()

    def before(text: str) -> None:
        if "max(line)" in text and armed.is_set():
            looking.set()
            go_on.wait(5)

    armed = threading.Event()
    come_between(monkeypatch, before)
    with here.store.signals.watch("nothing"):
        sleep(0.3)
    armed.set()
    there.enqueue("d", READ)
    assert looking.wait(5)
    with here.store.signals.watch(work("c")) as watch:
        there.enqueue("c", READ)
        go_on.set()
        assert watch.wait(5)


def test_the_poller_goes_on_after_a_failure(queues: tuple[SQLQueue, SQLQueue], monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = queues
    failing = threading.Event()

    def before(text: str) -> None:
        if failing.is_set():
            failing.clear()
            raise sqlite3.OperationalError("disk I/O error")

    come_between(monkeypatch, before)
    with here.store.signals.watch(work("c")) as watch:
        failing.set()
        there.enqueue("c", READ)
        assert watch.wait(10)
        assert not failing.is_set()


def test_that_another_process_resumes_a_connection_is_news(queues: tuple[SQLQueue, SQLQueue]) -> None:
    here, there = queues
    there.pause("c")
    with here.store.signals.watch(work("c")) as watch:
        assert not watch.wait(0.3)
        there.resume("c")
        assert watch.wait(5)


def begin(url: str, barrier: Any, said: Any) -> None:
    barrier.wait()
    try:
        SQLQueue(url).close()
        said.put("")
    except Exception as error:
        said.put(repr(error))


def test_processes_that_begin_at_once_all_begin(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(4):
        barrier, said = context.Barrier(4), context.Queue()
        given = (f"sqlite:///{tmp_path}/queue{number}.db", barrier, said)
        processes = [context.Process(target=begin, args=given) for _ in range(4)]
        for process in processes:
            process.start()
        answers = [said.get(timeout=60) for _ in processes]
        for process in processes:
            process.join()
        assert answers == [""] * 4


@pytest.mark.xdist_group("postgresql")
@pytest.mark.parametrize("level", ["AUTOCOMMIT", "REPEATABLE READ"])
def test_whatever_the_engines_isolation_a_connection_is_worked_on_by_one_at_a_time(
    postgresql: Callable[[], sqlalchemy.URL], level: Any
) -> None:
    engine = sqlalchemy.create_engine(postgresql(), isolation_level=level)
    queue = SQLQueue(engine)
    inside: list[int] = []
    wrong: list[object] = []

    def change() -> None:
        try:
            for _ in range(10):
                with queue.store.transaction("c") as transaction:
                    inside.append(1)
                    wrong.extend(inside[1:])
                    transaction.change_connection(seen_at=1.0)
                    sleep(0.005)
                    inside.pop()
        except Exception as error:
            wrong.append(error)

    queue.pause("c")
    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.close()
    engine.dispose()
    assert wrong == []


def test_a_status_larger_than_a_database_keeps_is_kept_as_the_largest(server: Server) -> None:
    (id_,) = server.enqueue(READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    server.receive(ticket, answer_to_text(text).replace('statusCode="0"', f'statusCode="{10**30}"'))
    assert server.result(id_).status_code == 2**31 - 1
