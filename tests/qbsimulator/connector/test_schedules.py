"""When updates run, and what is kept of applications between two lives of a Web Connector."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from qbsimulator.connector import ConnectorError, Outcome, VirtualTime, WebConnector, WSGITransport
from tests.qbsimulator.connector.helpers import QUERY, Machine, Server, StandIn, machine, qwc

HOURLY = "<Scheduler><RunEveryNMinutes>60</RunEveryNMinutes></Scheduler>"
DAY = 86_400


def scheduled(**answers: object) -> Machine:
    return Machine(Server(**answers), scheduler=HOURLY)


def began(one: Machine, seconds: float) -> list[float]:
    start = one.time()
    return [update.began - start for update in one.connector.run(until=start + seconds)]


def test_a_day_of_an_hourly_schedule() -> None:
    one = scheduled()
    start = one.time()
    updates = one.connector.run(until=start + DAY)
    assert [update.began - start for update in updates] == [3600.0 * hour for hour in range(25)]
    assert all(update.ok and update.scheduled for update in updates)
    assert one.time() == start + DAY


def test_without_a_schedule_nothing_runs_by_itself() -> None:
    one = machine()
    assert began(one, DAY) == []


def test_auto_run_can_be_switched_off() -> None:
    one = scheduled()
    one.application.auto_run = False
    assert began(one, DAY) == []


def test_two_applications_take_turns() -> None:
    one = scheduled()
    other = qwc(
        AppName="Others",
        FileID="{11111111-33D9-4815-AC85-BC87A7E7D1EB}",
        OwnerID="{11111111-33D9-4815-AC85-BC87A7E7D1EB}",
        scheduler="<Scheduler><RunEveryNSeconds>1800</RunEveryNSeconds></Scheduler>",
    )
    one.connector.add(other, StandIn(), "reeds")
    updates = one.connector.run(until=one.time() + 3600)
    assert [update.application for update in updates] == ["Books", "Others", "Others", "Books", "Others"]


def test_an_update_that_takes_longer_than_the_interval_is_followed_at_once() -> None:
    one = scheduled()

    def slow(call: object) -> int:
        one.time.sleep(5000)
        return 100

    one.transport.patience = 10_000
    one.server.answers["receiveResponseXML"] = [slow]
    assert began(one, 10_000) == [0, 5000, 10_000]


def test_the_server_may_postpone() -> None:
    one = scheduled(authenticate=(["T1", "", "120"], ["T1", ""]))
    start = one.time()
    first, second = one.connector.run(until=start + 200)
    assert (first.outcome, first.status) == (Outcome.POSTPONED, "Update postponed by application")
    assert first.calls[-1] == "authenticate"
    assert (second.began - start, second.ok) == (120, True)


def test_postponing_comes_before_any_word() -> None:
    one = scheduled(authenticate=["T1", "nvu", "120", ""])
    assert one.update().outcome is Outcome.POSTPONED


def test_postponing_means_nothing_without_auto_run() -> None:
    one = machine(authenticate=["T1", "", "120", "7200"])
    update = one.update()
    assert (update.ok, update.postponed, update.run_every) == (True, None, None)


@pytest.mark.parametrize("seconds", ["0", "-5"])
def test_postponing_by_nothing_moves_on_all_the_same(seconds: str) -> None:
    one = scheduled(authenticate=["T1", "", seconds])
    assert began(one, 3) == [0, 1, 2, 3]


@pytest.mark.parametrize(("least", "every"), [("7200", 7200), ("60", 3600)])
@pytest.mark.parametrize("word", ["", "none", "busy"])
def test_the_server_may_raise_the_interval(least: str, every: int, word: str) -> None:
    one = scheduled(authenticate=["T1", word, "", least])
    assert began(one, 7200) == list(range(0, 7201, every))
    assert ("the interval is raised" in one.connector.log) is (every > 3600)


def test_one_update_runs_at_a_time() -> None:
    inner: list[Outcome] = []
    one = machine()

    def again(call: object) -> int:
        inner.append(one.update().outcome)
        return 100

    one.server.answers["receiveResponseXML"] = [again]
    assert one.update().ok
    assert inner == [Outcome.NOT_STARTED]
    assert one.update().ok


# -- home ----------------------------------------------------------------------------------------------------------


def at(home: Path, server: Server | None = None) -> WebConnector:
    return WebConnector(transport=WSGITransport(server or Server()), clock=VirtualTime(), home=home)


def test_what_was_added_is_there_in_another_life(tmp_path: Path) -> None:
    first = at(tmp_path / "home")
    first.add(qwc(scheduler=HOURLY), StandIn(), "reeds", company_file="C:\\larry.qbw")
    first.update("Books")
    second = at(tmp_path / "home")
    (kept,) = second.applications
    assert kept == first.application("Books")
    assert (kept.password, kept.status, kept.next_run) == ("reeds", "Bye", 1_700_003_600)
    second.desk.put("C:\\larry.qbw", StandIn())
    assert second.update("Books").ok


def test_only_the_owner_may_read_the_passwords(tmp_path: Path) -> None:
    at(tmp_path).add(qwc(), StandIn(), "reeds")
    assert stat.S_IMODE((tmp_path / "applications.json").stat().st_mode) == 0o600


def test_two_processes_do_not_update_at_the_same_time(tmp_path: Path) -> None:
    company = StandIn()
    other = at(tmp_path)
    other.add(qwc(), company, "reeds", company_file="C:\\larry.qbw")

    inner: list[Outcome] = []

    def again(call: object) -> int:
        inner.append(other.update("Books").outcome)
        return 100

    one = at(tmp_path, Server(receiveResponseXML=again))
    one.desk.put("C:\\larry.qbw", company)
    assert one.update("Books").ok
    assert inner == [Outcome.NOT_STARTED]
    assert other.update("Books").ok


def test_the_log_has_each_step_and_neither_password_nor_ticket_nor_document(tmp_path: Path) -> None:
    one = at(tmp_path, Server(authenticate=["TICKET-77", ""]))
    one.add(qwc(), StandIn(), "reeds")
    one.update("Books")
    lines = (tmp_path / "QWCLog.txt").read_text("utf-8").splitlines()
    assert lines == list(one.log.lines)
    assert "20231114.22:13:20 UTC\t: Books : receiveResponseXML() : 100" in lines
    text = "\n".join(lines)
    assert all(secret not in text for secret in ("reeds", "TICKET-77", QUERY))


@pytest.mark.parametrize("text", ["", "{}", '{"applications": [{}]}', '{"applications": [{"qwc": "<x/>"}]}'])
def test_a_file_of_applications_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "applications.json").write_text(text)
    with pytest.raises(ConnectorError):
        at(tmp_path)
