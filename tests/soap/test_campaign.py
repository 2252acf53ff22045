"""Whatever goes wrong, no write is lost or done twice: runs at random, and a state machine that looks for the worst.

``make campaign`` makes ten thousand such runs.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import URL

from soap.queue import Delivery, MemoryStore, State
from soap.testing import Clock, Mishap, ModelQuickBooks
from soap.testing.__main__ import main
from soap.testing.campaign import run, stores, table
from soap.testing.connector import Calm
from soap.testing.judging import Kind, Tally, Violation
from soap.testing.world import World

#: How many runs each test makes.
SHARE = 20


def judged(kind: str, where: str, seeds: range) -> Tally:
    tally = Tally()
    with stores(kind, where) as opener:
        for seed in seeds:
            tally.add(run(seed, opener))
    return tally


@pytest.mark.parametrize("start", range(0, 4 * SHARE, SHARE))
def test_in_memory_nothing_is_lost_or_done_twice(start: int) -> None:
    tally = judged("memory", "", range(start, start + SHARE))
    assert tally.violations == []
    assert tally.executed > SHARE
    assert tally.crashes > 0
    assert tally.mishaps.total() > SHARE


def test_on_sqlite_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    tally = judged("sqlite", str(tmp_path), range(1000, 1008))
    assert tally.violations == []
    assert tally.crashes > 0


@pytest.mark.xdist_group("postgresql")
def test_on_postgresql_nothing_is_lost_or_done_twice(postgresql: Callable[[], URL]) -> None:
    tally = judged("postgresql", postgresql().render_as_string(hide_password=False), range(2000, 2006))
    assert tally.violations == []
    assert tally.executed > 0


def test_a_run_is_the_same_each_time() -> None:
    first, second = judged("memory", "", range(3)), judged("memory", "", range(3))
    assert (first.mishaps, first.states, first.executed) == (second.mishaps, second.states, second.executed)


def crashing_at(number: int, moment: str) -> Callable[[], str]:
    """Dies at that commit, before it or after."""
    commits = itertools.count(1)
    return lambda: moment if next(commits) == number else ""


def add(*names: str) -> list[dict[str, Any]]:
    return [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in names]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_at_whichever_commit_the_server_dies_everything_is_done(moment: str) -> None:
    for number in itertools.count(1):
        clock = Clock()
        store = MemoryStore(clock)
        crash = crashing_at(number, moment)
        world = World(lambda store=store: store, clock, Random(1), Calm(), connectors=1, crash=crash)  # type: ignore[misc]
        world.books["acme"].locked["b"] = 1
        world.enqueue("acme", [{"CustomerQueryRq": {"FullName": ["a"]}}])
        world.enqueue("acme", add("a", "b"))
        world.enqueue("acme", add("c", "d"), one_set=True, on_error="continueOnError")
        world.settle(crashing=True)
        tally = world.judge()
        assert tally.violations == [], number
        # A recovered outcome brings one more read, for its record.
        assert set(tally.states) == {"done", "done write"}, number
        assert tally.states["done write"] == 4, number
        if not tally.crashes:
            break
    assert number >= 15, "commits there are"


# --- the judge condemns


def _forgetful(self: ModelQuickBooks, text: str, **more: Any) -> str:
    self._remembered.clear()
    return _process(self, text, **more)


_process = ModelQuickBooks._process


def _requeue(self: Delivery, reason: str, raw: str = "", *, ask_only: bool = False) -> int:
    count = _lose(self, reason, raw, ask_only=ask_only)
    for head in self.transaction.unknown():
        for member in self.transaction.members(head.set_id):
            self.transaction.change(member, state=State.QUEUED, text=None, message_set_id=None, reason="a mistake")
    return count


_lose = Delivery.lose


def _never(*given: Any) -> bool:
    return False


def _last(self: Any) -> Any:
    waiting = [entry for entry in self._line.queued.values() if entry.not_before is None]
    return max(waiting, key=lambda entry: entry.number, default=None)


SABOTAGE: dict[str, tuple[Any, str, Any, Kind]] = {
    "a QuickBooks without memory": (ModelQuickBooks, "_process", _forgetful, Kind.TWICE),
    "a lost write is simply sent again": (Delivery, "lose", _requeue, Kind.TWICE),
    "what QuickBooks never came to has failed": (Delivery, "_may_queue_again", _never, Kind.LOST),
    "what may still be held is forgotten": (Delivery, "_may_be_held", _never, Kind.TWICE),
    "the last goes first": (MemoryStore, "transaction", None, Kind.ORDER),
}


@pytest.mark.parametrize(("where", "name", "mistake", "kind"), SABOTAGE.values(), ids=SABOTAGE.keys())
def test_a_mistake_is_found_out(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, mistake: Any, kind: Kind
) -> None:
    if mistake is None:
        where, name, mistake = sys.modules[MemoryStore.__module__]._MemoryTransaction, "next_waiting", _last
    monkeypatch.setattr(where, name, mistake)
    for seed in range(1000, 1200):
        if any(one.kind is kind for one in judged("memory", "", range(seed, seed + 1)).violations):
            return
    pytest.fail(f"200 runs, and nothing is {kind.value}")


def test_an_exception_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any, **more: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Delivery, "hand_out", broken)
    (violation,) = judged("memory", "", range(1)).violations
    assert violation.kind is Kind.ERROR
    assert "run 0: ZeroDivisionError" in violation.text


def test_the_command_prints_a_table_and_fails_where_something_was_violated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def campaign(shares: list[tuple[str, range, str]], *, workers: int) -> Any:
        assert workers == 1
        for kind, seeds, _ in shares:
            violations = [Violation(Kind.TWICE, "told", seeds[0])] * (kind == bad)
            yield kind, Tally(runs=len(seeds), violations=violations)

    monkeypatch.setattr("soap.testing.__main__.campaign", campaign)
    counts = ["--runs", "10", "--kill-runs", "4", "--seed", "7"]
    monkeypatch.setattr(sys, "argv", ["x", *counts, "--workers", "1", "--stores", "memory,sqlite"])
    for said, code in (("", 0), ("sqlite", 1), ("sqlite, kills", 1)):
        bad = said
        assert main() == code
        printed = capsys.readouterr().out
        assert "memory: 7 to 13, sqlite: 14 to 16, sqlite, kills: 7 to 10" in printed
        assert (f"{said}: done twice: told" in printed) == bool(code)
        again = (
            "--stores sqlite --runs 0 --kill-runs 1 --seed 7" if "kills" in said else "--runs 1 --kill-runs 0 --seed 14"
        )
        assert (again in printed) == bool(code)
    monkeypatch.setattr(sys, "argv", ["x", "--stores", "paper"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2


def test_the_table_has_a_column_for_each_store_and_one_for_all() -> None:
    tally = Tally(runs=2, requests=3, kills=1, violations=[Violation(Kind.LOST, "x")])
    tally.states.update({"done": 2, "done write": 1})
    lines = table({"memory": tally, "sqlite, kills": tally}).splitlines()
    assert lines[0].split() == ["memory", "sqlite,", "kills", "all"]
    rows = {" ".join(line.split()[:-3]): line.split()[-3:] for line in lines[1:] if line[0] != "-"}
    assert rows["runs"] == ["2", "2", "4"]
    assert rows["requests"] == rows["done"] == ["3", "3", "6"]
    assert rows["SIGKILL"] == rows["lost"] == ["1", "1", "2"]
    assert len({len(line) for line in lines}) == 1


# --- looking for the worst


class _Scripted:
    """Does what is asked of it once, as soon as it can."""

    def __init__(self) -> None:
        self.upcoming = Mishap.NONE

    def next(self, possible: tuple[Mishap, ...]) -> Mishap:
        if self.upcoming not in possible:
            return Mishap.NONE
        upcoming, self.upcoming = self.upcoming, Mishap.NONE
        return upcoming


class Mishaps(RuleBasedStateMachine):
    """Two connections with two connectors each, and everything that can happen to them, chosen by hypothesis."""

    @initialize(seed=st.integers(0, 1000))
    def begin(self, seed: int) -> None:
        self.clock, self.plan, self.crash = Clock(), _Scripted(), ""
        self.random = Random(seed)
        store = MemoryStore(self.clock)
        self.world = World(
            lambda: store, self.clock, self.random, self.plan, names=("acme", "swamp"), crash=self._crash
        )
        self.count = 0

    def _crash(self) -> str:
        crash, self.crash = self.crash, ""
        return crash

    @rule(connection=st.sampled_from(("acme", "swamp")), seed=st.integers(0, 1000))
    def enqueue(self, connection: str, seed: int) -> None:
        self.count += 1
        self.random.seed(seed)
        requests, more = self.world.any_request(self.count)
        self.world.enqueue(connection, requests, **more)

    @rule(
        number=st.integers(0, 3), mishap=st.sampled_from(Mishap), crash=st.sampled_from(("", "", "", "before", "after"))
    )
    def step(self, number: int, mishap: Mishap, crash: str) -> None:
        self.plan.upcoming, self.crash = mishap, crash
        self.world.step(self.world.connectors[number])
        self.plan.upcoming, self.crash = Mishap.NONE, ""

    @rule(number=st.integers(0, 3), steps=st.integers(2, 8))
    def go_on(self, number: int, steps: int) -> None:
        for _ in range(steps):
            self.world.step(self.world.connectors[number])

    @precondition(lambda self: self.world.post)
    @rule(number=st.integers(0, 100))
    def deliver(self, number: int) -> None:
        self.world.deliver(number)

    @precondition(lambda self: any(self.world.ids.values()))
    @rule(number=st.integers(0, 100))
    def cancel(self, number: int) -> None:
        ids = [id_ for own in self.world.ids.values() for id_ in own]
        self.world.cancel(ids[number % len(ids)])

    @rule(seconds=st.sampled_from((0.5, 3.0, 30.0, 601.0)))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(connection=st.sampled_from(("acme", "swamp")), resume=st.booleans())
    def pause(self, connection: str, resume: bool) -> None:
        self.world.pause(connection, resume=resume)

    @rule()
    def tend(self) -> None:
        self.world.tend()

    @rule(number=st.integers(0, 3))
    def vanish(self, number: int) -> None:
        self.world.connectors[number].vanish()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            assert self.world.judge().violations == []


TestMishaps = Mishaps.TestCase
TestMishaps.settings = settings(stateful_step_count=40)
