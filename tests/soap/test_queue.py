"""soap/queue: what a queue takes, what it gives back, and that every store keeps the same contract.

The contract itself is ``soap.testing.QueueConformance``; what becomes of lost answers is in test_delivery.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import URL, delete

import qbxml
from qbxml import requests as typed
from qbxml.errors import InvalidRequest
from soap import MemoryQueue, NotARequest, OutOfOrder, State
from soap.queue import Happening, RequestQueue, intake
from soap.queue.sql import SQLQueue, SQLStore
from soap.queue.states import FINAL, TRANSITIONS, after
from soap.queue.tables import layouts, metadata
from soap.testing import QueueConformance
from tests.soap.helpers import READ, UK_ONLY, WRITE, Server, answer_to_text, requests_in


@pytest.fixture
def queue() -> Iterator[MemoryQueue]:
    made = MemoryQueue()
    yield made
    made.close()


# --- the contract


class TestMemoryQueue(QueueConformance):
    def make_queue(self, clock: Callable[[], float]) -> RequestQueue:
        return MemoryQueue(clock=clock)


class SQLConformance(QueueConformance):
    durable = True
    url: URL

    def make_queue(self, clock: Callable[[], float]) -> RequestQueue:
        queue = SQLQueue(self.url, clock=clock)
        store = queue.store
        assert isinstance(store, SQLStore)
        with store.database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                if table is not layouts:
                    connection.execute(delete(table))
        return queue

    def reopen(self, queue: RequestQueue, clock: Callable[[], float]) -> RequestQueue:
        return SQLQueue(self.url, clock=clock)


@pytest.fixture(scope="class")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> URL:
    return URL.create("sqlite", database=str(tmp_path_factory.mktemp("queue") / "queue.db"))


@pytest.fixture(scope="class")
def postgresql_url(postgresql: Callable[[], URL]) -> URL:
    return postgresql()


class TestSQLite(SQLConformance):
    @pytest.fixture(autouse=True)
    def _database(self, sqlite_url: URL) -> None:
        self.url = sqlite_url


@pytest.mark.xdist_group("postgresql")
class TestPostgreSQL(SQLConformance):
    @pytest.fixture(autouse=True)
    def _database(self, postgresql_url: URL) -> None:
        self.url = postgresql_url


# --- the table


@pytest.mark.parametrize(("state", "happening"), list(itertools.product(State, Happening)))
def test_what_is_not_in_the_table_cannot_happen(state: State, happening: Happening) -> None:
    if happening in TRANSITIONS[state]:
        assert after(state, happening) is TRANSITIONS[state][happening]
    else:
        with pytest.raises(OutOfOrder, match=happening.name):
            after(state, happening)


def test_a_write_that_was_handed_out_waits_again_only_where_it_was_certainly_not_done() -> None:
    back = {
        happening
        for state in (State.SENT, State.UNKNOWN)
        for happening, to in TRANSITIONS[state].items()
        if to is State.QUEUED
    }
    not_done = {Happening.LOCKED, Happening.NOT_PROCESSED, Happening.SPLIT, Happening.RESOLVED_QUEUED}
    assert back == {*not_done, Happening.READ_LOST}


def test_what_is_final_changes_only_by_an_answer_that_came_after_all() -> None:
    assert State.UNKNOWN not in FINAL
    for state in FINAL:
        assert set(TRANSITIONS[state]) <= {Happening.SUCCEEDED, Happening.REFUSED}
        assert state.is_final


# --- what is taken


def test_typed_requests_and_plain_dicts_are_queued_alike(queue: MemoryQueue) -> None:
    ids = [queue.enqueue("acme", READ), queue.enqueue("acme", typed.CustomerQueryRq(MaxReturned=10))]
    assert [queue.result(id_).request for id_ in ids] == [READ, READ]
    assert [queue.result(id_).name for id_ in ids] == ["CustomerQueryRq", "CustomerQueryRq"]


def test_a_document_that_was_read_is_queued_request_by_request(queue: MemoryQueue) -> None:
    document = qbxml.build([READ, WRITE], version="13.0")
    ids = queue.enqueue_many("acme", list(qbxml.parse_request(document)), one_set=True)
    assert [queue.result(id_).name for id_ in ids] == ["CustomerQueryRq", "CustomerAddRq"]


def test_what_the_caller_changes_after_enqueueing_is_not_sent(queue: MemoryQueue) -> None:
    request: dict[str, Any] = {"CustomerQueryRq": {"FullName": ["Annie"]}}
    id_ = queue.enqueue("acme", request)
    request["CustomerQueryRq"]["FullName"].append("Bo")
    assert queue.result(id_).request == {"CustomerQueryRq": {"FullName": ["Annie"]}}


@pytest.mark.parametrize(
    "request_", [None, "CustomerQueryRq", 7, {}, {"a": {}, "b": {}}, {"CustomerQueryRq": 7}, {7: {}}, [], [None]]
)
def test_what_is_no_request_is_refused_when_it_is_queued(queue: MemoryQueue, request_: Any) -> None:
    with pytest.raises(NotARequest):
        queue.enqueue("acme", request_)
    assert queue.find() == []


@pytest.mark.parametrize("request_", [{"CustomerQueryRq": {"NoSuchElement": "x"}}, {"NoSuchRq": {}}])
def test_what_no_quickbooks_can_be_told_is_refused_when_it_is_queued(queue: MemoryQueue, request_: Any) -> None:
    with pytest.raises(InvalidRequest):
        queue.enqueue("acme", request_)


def test_what_the_quickbooks_last_seen_cannot_be_told_is_refused_when_it_is_queued() -> None:
    server = Server()
    server.enqueue(READ)
    server.exchange(server.sign_in())
    fresh = Server(queue=server.queue)
    fresh.queue._versions.clear()
    with pytest.raises(InvalidRequest, match="SalesTaxCountry"):
        fresh.enqueue(UK_ONLY)


def test_all_of_several_requests_are_queued_or_none(queue: MemoryQueue) -> None:
    wrong: Any
    for wrong in ({"NoSuchRq": {}}, None):
        with pytest.raises((InvalidRequest, NotARequest)):
            queue.enqueue_many("acme", [READ, wrong])
    with pytest.raises(ValueError, match="at least one"):
        queue.enqueue_many("acme", [])
    with pytest.raises(ValueError, match="a connection needs a name"):
        queue.enqueue("", READ)
    assert queue.find() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"on_lost": "forget"},
        {"on_error": "rollbackOnError"},
        {"not_before": datetime(2026, 1, 1)},
        {"expires_at": datetime(2026, 1, 1)},
    ],
)
def test_a_choice_that_there_is_not_and_a_time_without_a_zone_are_refused(
    queue: MemoryQueue, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        queue.enqueue_many("acme", [READ], **wrong)
    assert queue.find() == []


def test_a_time_is_the_same_in_every_zone() -> None:
    moments = [datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=-5)))]
    assert {intake.seconds(moment, "x") for moment in moments} == {1767268800.0}


@pytest.mark.parametrize(
    ("name", "writes"),
    [
        ("CustomerQueryRq", False),
        ("CustomerAddRq", True),
        ("TxnDelRq", True),
        ("GeneralSummaryReportQueryRq", False),
        ("TxnDeletedQueryRq", False),
        ("NoSuchRq", True),
    ],
)
def test_what_may_change_the_company_file_writes(name: str, writes: bool) -> None:
    assert intake.writes(name) is writes


def test_a_request_by_the_name_iterator_in_a_value_is_no_page(queue: MemoryQueue) -> None:
    id_ = queue.enqueue("acme", {"CustomerQueryRq": {"FullName": ['"iterator"', "Continue"]}})
    assert queue.store.entry(id_) is not None
    entry = queue.store.entry(id_)
    assert entry is not None
    assert not entry.continues


def test_no_two_requests_have_the_same_id_and_none_can_be_guessed() -> None:
    ids = {intake.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(id_) == 26 and id_.isascii() for id_ in ids)
    assert all(len(intake.new_message_set_id()) == 20 for _ in range(100))


def test_a_queue_in_memory_has_no_transactions_to_join(queue: MemoryQueue) -> None:
    with pytest.raises(ValueError, match="can't join a transaction"):
        queue.enqueue("acme", READ, transaction=object())


# --- what is given back


def test_a_result_is_ready_for_json_whatever_its_state() -> None:
    server = Server()
    ids = server.enqueue({"CustomerQueryRq": {"requestID": "mine", "MaxReturned": 1}}, WRITE, metadata={"a": [1]})
    before = server.result(ids[0]).to_dict()
    assert (before["state"], before["answer"], before["metadata"]) == ("queued", None, {"a": [1]})
    ticket = server.sign_in()
    server.receive(ticket, answer_to_text(server.send(ticket)))
    done = server.result(ids[0]).to_dict()
    assert done["state"] == "done"
    assert done["answer"]["CustomerQueryRs"]["requestID"] == "mine"
    assert datetime.fromisoformat(done["finished_at"]).tzinfo is not None


def test_the_requests_of_one_set_have_its_text_and_answer_in_common() -> None:
    server = Server()
    ids = server.queue.enqueue_many(server.connection, [READ, WRITE], one_set=True)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert requests_in(text) == ["CustomerQueryRq", "CustomerAddRq"]
    assert server.receive(ticket, answer_to_text(text)) == 100
    results = [server.result(id_) for id_ in ids]
    assert [result.text for result in results] == [text, text]
    names = [result.response.name for result in results if result.response is not None]
    assert names == ["CustomerQueryRs", "CustomerAddRs"]
    assert [result.message_set_id is None for result in results] == [False, False]
