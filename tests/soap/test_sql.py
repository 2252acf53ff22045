"""The queue in a database, beyond what every store has to do: the caller's transaction, wake-ups, plans, failures."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy

import qbxml
import soap
from qbxml import requests as rq
from soap.queue import Errand, Refusal
from soap.queue.sql import SQLQueue, SQLStore
from soap.queue.statements import WRITTEN

REQUEST = {"CustomerQueryRq": {"MaxReturned": 1}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/queue.db"
    database: sqlalchemy.URL = request.getfixturevalue("postgresql")()
    return database.render_as_string(hide_password=False)


@pytest.fixture
def queue(url: str) -> Iterator[SQLQueue]:
    made = SQLQueue(url)
    yield made
    made.close()


def engine_of(queue: SQLQueue) -> sqlalchemy.Engine:
    assert isinstance(queue.store, SQLStore)
    return queue.store.database.engine


# --- the caller's transaction


def test_a_request_and_a_row_of_the_callers_are_committed_together(queue: SQLQueue) -> None:
    own = sqlalchemy.create_engine(engine_of(queue).url)
    with own.begin() as transaction:
        transaction.execute(sqlalchemy.text("CREATE TABLE orders (id TEXT)"))
    with own.begin() as transaction:
        transaction.execute(sqlalchemy.text("INSERT INTO orders VALUES ('o1')"))
        id_ = queue.enqueue("c", REQUEST, transaction=transaction)
        assert queue.find("c") == []
    assert queue.result(id_).state is soap.State.QUEUED
    with own.connect() as connection:
        undone = connection.begin()
        queue.enqueue("c", REQUEST, idempotency_key="k", transaction=connection)
        connection.execute(sqlalchemy.text("INSERT INTO orders VALUES ('o2')"))
        undone.rollback()
    with own.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT id FROM orders")).scalars().all() == ["o1"]
    assert [one.id for one in queue.find("c")] == [id_]
    own.dispose()


def test_a_key_that_is_taken_leaves_the_callers_transaction_as_it_was(queue: SQLQueue) -> None:
    own = sqlalchemy.create_engine(engine_of(queue).url)
    first = queue.enqueue("c", REQUEST, idempotency_key="k")
    with own.begin() as transaction:
        transaction.execute(sqlalchemy.text("CREATE TABLE notes (id TEXT)"))
        assert queue.enqueue("c", REQUEST, idempotency_key="k", transaction=transaction) == first
        with pytest.raises(soap.IdempotencyConflict):
            queue.enqueue("c", {"VendorQueryRq": {}}, idempotency_key="k", transaction=transaction)
        transaction.execute(sqlalchemy.text("INSERT INTO notes VALUES ('n')"))
    assert len(queue.find("c")) == 1
    own.dispose()


def test_whoever_waits_hears_of_a_request_in_the_callers_transaction(queue: SQLQueue) -> None:
    own = sqlalchemy.create_engine(engine_of(queue).url)
    with queue.store.signals.watch("w:c") as watch:
        watch.wait(1.0)  # what is told at the beginning, when listening begins
        with own.begin() as transaction:
            queue.enqueue("c", REQUEST, transaction=transaction)
            assert not watch.wait(0.3)
        assert watch.wait(10.0)
    own.dispose()


# --- other processes


def enqueue_elsewhere(url: str) -> None:
    queue = SQLQueue(url)
    queue.enqueue("c", rq.CustomerQueryRq(MaxReturned=1))
    queue.close()


def test_work_from_another_process_wakes_who_waits_here(queue: SQLQueue, url: str) -> None:
    with queue.store.signals.watch("w:c") as watch:
        watch.wait(0.5)
        process = multiprocessing.get_context("spawn").Process(target=enqueue_elsewhere, args=(url,))
        process.start()
        begun = monotonic()
        while not queue.waiting("c") and monotonic() - begun < 60:
            watch.wait(60)
        process.join()
    assert process.exitcode == 0
    assert queue.waiting("c") == 1


def claim_all(url: str, connections: list[str], results: Any) -> None:
    """Hand out and answer until nothing is left, as a process of a server does."""
    queue = SQLQueue(url)
    done: list[tuple[str, str]] = []
    session = multiprocessing.current_process().name
    idle = 0
    while idle < 3:
        worked = False
        for name in connections:
            with queue.deliver(name) as delivery:
                handed = delivery.hand_out(session, "13.0", "US")
            if handed is None:
                continue
            worked = True
            done.append((name, handed.set_id))
            answer = (
                '<?xml version="1.0" ?><QBXML><QBXMLMsgsRs><CustomerQueryRs requestID="'
                f'{handed.set_id}" statusCode="1" statusSeverity="Info" statusMessage="none" /></QBXMLMsgsRs></QBXML>'
            )
            with queue.deliver(name) as delivery:
                delivery.settle(Errand.SET, handed.set_id, qbxml.parse(answer), answer, Refusal())
        idle = 0 if worked else idle + 1
    results.put(done)
    queue.close()


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_64_connections_are_worked_on_at_once_without_a_double_claim_and_in_order(
    queue: SQLQueue, url: str, kind: str
) -> None:
    names = [f"c{number}" for number in range(64)]
    each = 3
    ids = {name: queue.enqueue_many(name, [REQUEST] * each) for name in names}
    if kind == "threads":
        import queue as queues

        results: Any = queues.Queue()
        workers: list[Any] = [threading.Thread(target=claim_all, args=(url, names, results)) for _ in range(8)]
    else:
        context = multiprocessing.get_context("spawn")
        results = context.Queue()
        workers = [context.Process(target=claim_all, args=(url, names, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    done = [one for _ in workers for one in results.get(timeout=120)]
    for worker in workers:
        worker.join(60)
    assert len(done) == len(set(done)) == 64 * each
    for name in names:
        finished = {one.id: one.finished_at for one in queue.find(name)}
        order = [finished[id_] for id_ in ids[name]]
        assert None not in order
        assert order == sorted(order, key=str)
        assert {one.state for one in queue.find(name)} == {soap.State.DONE}


# --- plans

#: Which index answers which statement.
INDEXES = {
    "next": "openqbd_request_waiting",
    "waiting": "openqbd_request_waiting",
    "overdue": "openqbd_request_overdue",
    "unknown": "openqbd_request_unknown",
    "to_release": "openqbd_request_unreleased",
    "entry": "openqbd_request_id",
    "members": "openqbd_request_set",
    "by_key": "openqbd_request_key",
    "next_due": "openqbd_request_delayed",
}


@pytest.mark.parametrize("name", sorted(INDEXES))
def test_what_is_asked_all_the_time_is_answered_by_its_index(queue: SQLQueue, name: str) -> None:
    queue.enqueue_many("c", [REQUEST] * 300)
    engine = engine_of(queue)
    compiled = str(WRITTEN[name].compile(engine, compile_kwargs={"render_postcompile": True}))
    values = {"connection": "c", "now": 0.0, "most": 9, "id": "x", "set_id": "x", "key": "k"}
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            order = WRITTEN[name].compile(engine)
            row = [values.get(one, order.params[one]) for one in order.positiontup or ()]
            rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {compiled}", row).fetchall()
        else:
            cursor = connection.connection.cursor()
            cursor.execute("ANALYZE openqbd_requests")
            cursor.execute("SET enable_seqscan = off")
            constants = WRITTEN[name].compile(engine).params
            given = {key: values.get(key, value) for key, value in constants.items()}
            rows = cursor.execute(f"EXPLAIN {compiled}", given).fetchall()
            connection.rollback()
    plan = "\n".join(str(row) for row in rows)
    assert INDEXES[name] in plan
    assert "SCAN openqbd_requests\n" not in plan + "\n"


# --- failures


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("mysql://localhost/x", "can't"),
        ("sqlite://", "needs a file"),
        ("sqlite:////no/such/folder/q.db", "unable to open"),
        ("postgresql://nobody@127.0.0.1:1/none", "failed"),
        ("no url at all", "can't be used"),
    ],
)
def test_a_database_that_cannot_hold_a_queue_is_an_error_of_ours(where: str, said: str) -> None:
    with pytest.raises(soap.StoreUnusable, match=said):
        SQLQueue(where)


def test_tables_of_another_release_are_refused(queue: SQLQueue, url: str) -> None:
    with engine_of(queue).begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE openqbd_layout SET layout = 99"))
    with pytest.raises(soap.StoreUnusable, match="layout 99"):
        SQLQueue(url)


def test_a_database_that_fails_is_an_error_of_ours_and_works_again_afterwards(queue: SQLQueue) -> None:
    engine = engine_of(queue)
    id_ = queue.enqueue("c", REQUEST)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("ALTER TABLE openqbd_requests RENAME TO hidden"))
    with pytest.raises(soap.StoreUnusable, match="failed"):
        queue.result(id_)
    with pytest.raises(soap.StoreUnusable, match="failed"):
        queue.enqueue("c", REQUEST)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("ALTER TABLE hidden RENAME TO openqbd_requests"))
    assert queue.result(id_).state is soap.State.QUEUED


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.xdist_group("postgresql")
def test_lost_connections_to_the_database_are_made_again(queue: SQLQueue) -> None:
    engine = engine_of(queue)
    with queue.store.signals.watch("w:c") as watch:
        watch.wait(2.0)
        id_ = queue.enqueue("c", REQUEST)
        other = sqlalchemy.create_engine(engine.url, isolation_level="AUTOCOMMIT")
        with other.connect() as connection:
            connection.execute(
                sqlalchemy.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        other.dispose()
        for _ in range(10):
            try:
                queue.result(id_)
            except soap.StoreUnusable:
                continue
            break
        assert queue.result(id_).state is soap.State.QUEUED
        # The connection that listens is made again as well.
        while watch.wait(3.0):
            pass
        own = SQLQueue(engine.url)
        own.enqueue("c", REQUEST)
        own.close()
        assert watch.wait(10.0)
