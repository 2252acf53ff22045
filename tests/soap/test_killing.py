"""A server is killed and started again, and no write is lost or done twice. ``make campaign`` makes hundreds of runs.

The servers are processes of their own, over SQLite and PostgreSQL, and are called over HTTP.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import URL

from soap.queue import Limits, MemoryStore
from soap.testing import Clock, ModelConnector, ModelQuickBooks
from soap.testing.connector import Calm, Down
from soap.testing.judging import Kind, Tally, judge
from soap.testing.killing import Site, run, run_chunk, site
from soap.testing.processes import Failed, Nursery
from soap.testing.wire import Misanswered, WireEndpoint
from soap.testing.world import World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="servers are forked")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def place(nursery: Nursery, tmp_path: Path) -> Iterator[Site]:
    with site(f"sqlite:///{tmp_path}/queue.db", nursery) as made:
        yield made


def judged(place: Site, seeds: range) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(run(seed, place))
    return tally


def test_on_sqlite_nothing_is_lost_or_done_twice(place: Site) -> None:
    tally = judged(place, range(2))
    assert tally.violations == []
    assert tally.executed > 0
    assert tally.kills + tally.stops >= 2


@pytest.mark.slow
def test_on_sqlite_nothing_is_lost_or_done_twice_in_more_runs(place: Site) -> None:
    tally = judged(place, range(100, 106))
    assert tally.violations == []
    assert tally.kills > 0
    assert tally.stops > 0
    assert tally.mishaps.total() > 0


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
def test_on_postgresql_nothing_is_lost_or_done_twice(postgresql: Callable[[], URL]) -> None:
    tally = run_chunk(postgresql().render_as_string(hide_password=False), range(200, 204))
    assert tally.violations == []
    assert tally.executed > 0


@pytest.mark.slow
def test_a_quickbooks_without_memory_is_found_out(monkeypatch: pytest.MonkeyPatch, place: Site) -> None:
    def forgetful(self: ModelQuickBooks, text: str, *, stop_halfway: bool = False) -> str:
        self._remembered.clear()
        return process(self, text, stop_halfway=stop_halfway)

    process = ModelQuickBooks._process
    monkeypatch.setattr(ModelQuickBooks, "_process", forgetful)
    for seed in range(40):
        violations = judged(place, range(seed, seed + 1)).violations
        if any(one.kind is Kind.TWICE and one.seed == seed for one in violations):
            return
    pytest.fail("nothing is done twice")


def test_what_should_not_happen_is_a_violation(monkeypatch: pytest.MonkeyPatch, place: Site) -> None:
    def broken(*given: Any, **more: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(WireEndpoint, "_call", broken)
    violations = judged(place, range(1)).violations
    assert {one.kind for one in violations} >= {Kind.ERROR}
    assert "run 0 with kills: ZeroDivisionError" in violations[0].text


def test_requests_out_of_order_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def last(self: Any) -> Any:
        return max(self._line.queued.values(), key=lambda entry: entry.number, default=None)

    def violations() -> list[Kind]:
        clock = Clock()
        store = MemoryStore(clock)
        world = World(lambda: store, clock, Random(1), Calm(), connectors=1)
        for name in ("a", "b"):
            world.enqueue("acme", [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}}])
        world.connectors[0].on_document = lambda text: clock.advance(1.0)
        world.settle()
        tally = judge(world.queue, world.books, world.ids, Limits(), world.wrong, in_order=True)
        return [one.kind for one in tally.violations]

    assert violations() == []
    monkeypatch.setattr(sys.modules[MemoryStore.__module__]._MemoryTransaction, "next_waiting", last)
    assert violations() == [Kind.ORDER]


# --- the servers, and who calls them


def test_a_server_starts_where_the_one_before_was_and_the_session_goes_on(place: Site) -> None:
    account, password = place.accounts.add("books", "annie")
    assert password is not None
    server = place.start()
    wire = WireEndpoint(lambda: server)
    books = ModelQuickBooks(account.owner_id, account.file_id)
    connector = ModelConnector(lambda: wire, books, "annie", password)
    place.queue.enqueue_many("books", [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in ("a", "b")])
    for _ in range(3):  # authenticate, sendRequestXML, and the document is with QuickBooks
        connector.step()
    port = server.port
    assert place.end(server, stop=False) == ""
    with pytest.raises(Down):
        wire.get_last_error("x")
    server = place.start(anew=True)
    assert server.port == port
    assert connector.session(most=10) is False, "it is the same session"
    assert [result.state.value for result in place.queue.find("books")] == ["done", "done"]
    assert len(books.executed) == 2
    wire.close()


def test_sigterm_ends_a_server_well(place: Site) -> None:
    server = place.start(hold=5)
    assert place.end(server, stop=True) == ""


def test_nobody_there_and_a_wrong_answer_are_different_things(place: Site) -> None:
    with pytest.raises(Down):
        WireEndpoint(lambda: None).get_last_error("x")
    gone = SimpleNamespace(port=place.start().port, ending=False)
    wire = WireEndpoint(lambda: gone)
    assert wire.close_connection("x") == "OK"
    assert wire.connection_error("x", "0x80040408", "no") == "done"
    place.clear()
    with pytest.raises(Misanswered, match="getLastError"):
        wire.get_last_error("x")


def test_a_server_that_complains_is_found_out(place: Site, tmp_path: Path) -> None:
    server = place.start()
    with sqlite3.connect(tmp_path / "queue.db") as sql:
        sql.execute("DROP TABLE openqbd_accounts")
    sql.close()
    wire = WireEndpoint(lambda: server)
    with pytest.raises(Misanswered, match="authenticate: 500"):
        wire.authenticate("annie", "reeds")
    wire.close()
    assert "no such table" in place.end(server, stop=True)


def test_a_server_that_does_not_start_says_why(nursery: Nursery, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="did not start: exit code 3\nsoap: "):
        nursery.start(["serve", "--database", f"sqlite:///{tmp_path}/nowhere/queue.db", "--port", "0"])


def test_servers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    with Nursery() as nursery:
        server = nursery.start(["serve", "--database", f"sqlite:///{tmp_path}/queue.db", "--port", "0"])
        os.kill(server.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)
