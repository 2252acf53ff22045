"""The whole way with the simulated QuickBooks and its Web Connector at the other end, which share no code with ours."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

import qbsimulator
import soap
from qbsimulator.connector import Update
from soap.queue.signals import work

from .helpers import Books, Caller, error_of


class Desk:
    """A computer with the simulated QuickBooks, connected by a link over HTTP as its user would do it."""

    def __init__(self, books: Books, folder: Path, *, hold: float = 0.0) -> None:
        app = books.application(options=soap.Options(hold=hold))
        self.books, self.call, anybody = books, Caller(app, books.keys.secret_text), Caller(app, "")
        given = {"companyName": "Big & Sons", "sourceId": "src-1", "email": "bob@bigco.example"}
        self.end_user = self.call("POST", "/v1/end-users", given).get_json()
        session = self.call(
            "POST",
            "/v1/auth-sessions",
            {"publishableKey": books.keys.publishable_text, "endUserId": self.end_user["id"]},
        ).get_json()
        self.link = session["authFlowUrl"].removeprefix("https://books.example.com")
        page, _, key = self.link.partition("?")
        self.secrets = anybody("POST", f"{page}/password?{key}").get_json()
        self.company = qbsimulator.Company.create(folder / "books.company")
        transport, time = qbsimulator.WSGITransport(app), qbsimulator.VirtualTime()
        self.connector = qbsimulator.WebConnector(transport=transport, clock=time)
        qwc = anybody("GET", f"{page}/file?{key}").data
        self.application = self.connector.add(qwc, self.company, self.secrets["password"])
        self.anybody = anybody

    def update(self) -> Update:
        return self.connector.update(self.application)

    @contextmanager
    def updating(self) -> Iterator[None]:
        """An update whose calls are held, for the length of the block: it ends once it was idle for long enough."""
        with ThreadPoolExecutor(1) as pool:
            update = pool.submit(self.update)
            try:
                yield
            finally:
                for _ in range(60):
                    # As often as it takes: the time in which it is idle may begin only now.
                    self.books.clock.advance(601.0)
                    if wait([update], timeout=1.0).done:
                        break
                else:
                    self.call("DELETE", f"/v1/end-users/{self.end_user['id']}")
            assert update.result(10.0).ok

    def ask(self, request: Any) -> TestResponse:
        """Send a request and wait, while the Web Connector makes one update."""
        path = f"/v1/end-users/{self.end_user['id']}/request/quickbooks_desktop"
        topic = work(self.secrets["userName"])
        with ThreadPoolExecutor(1) as pool, self.books.queue.store.signals.watch(topic) as watch:
            answer = pool.submit(self.call, "POST", path, request)
            assert watch.wait(10.0)
            assert self.update().ok
            return answer.result(20.0)


@pytest.fixture
def desk(books: Books, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(books, tmp_path)
    assert made.update().ok
    yield made
    made.company.close()


def test_the_link_is_done_when_quickbooks_has_answered(desk: Desk) -> None:
    state = desk.anybody("GET", desk.link).get_json()
    assert (state["step"], state["isValid"], state["status"]) == ("finished", False, "active")
    assert desk.application.name == "Swamp & Sons \u2013 Big & Sons"


def test_customers_are_added_changed_and_found(desk: Desk) -> None:
    add = {"CustomerAdd": {"Name": "Annie", "BillAddress": {"City": "Bern", "Addr1": "1 Reed Way"}, "Notes": "<&>"}}
    added = desk.ask({"CustomerAddRq": add}).get_json()["CustomerAddRs"]["CustomerRet"]
    assert (added["FullName"], added["IsActive"], added["Sublevel"]) == ("Annie", True, 0)
    assert added["BillAddress"] == {"Addr1": "1 Reed Way", "City": "Bern"}
    assert isinstance(added["Balance"], str)
    change = {"ListID": added["ListID"], "EditSequence": added["EditSequence"], "Name": "Anna"}
    changed = desk.ask({"CustomerModRq": {"CustomerMod": change}}).get_json()["CustomerModRs"]["CustomerRet"]
    assert changed["Name"] == "Anna"
    found = desk.ask({"CustomerQueryRq": {}}).get_json()["CustomerQueryRs"]["CustomerRet"]
    assert [one["Name"] for one in found] == ["Anna"]
    stale = desk.ask({"CustomerModRq": {"CustomerMod": {**change, "EditSequence": "1"}}})
    assert error_of(stale)[2] == "QBD_REQUEST_ERROR"
    assert stale.get_json()["error"]["integrationCode"] == "3200"
    gone = desk.ask({"ListDelRq": {"ListDelType": "Customer", "ListID": added["ListID"]}}).get_json()
    assert gone["ListDelRs"]["ListID"] == gone["ListID"] == added["ListID"]
    assert desk.ask({"CustomerQueryRq": {}}).get_json() == {"CustomerQueryRs": {"CustomerRet": []}}


def test_pages_are_fetched_one_after_the_other_while_the_session_lasts(books: Books, tmp_path: Path) -> None:
    """Its calls are held, so it lasts from one request to the next."""
    desk = Desk(books, tmp_path, hold=1.0)
    path = f"/v1/end-users/{desk.end_user['id']}/request/quickbooks_desktop"

    def ask(body: Any) -> TestResponse:
        return desk.call("POST", path, body, Conductor_Timeout_Seconds="20")

    with desk.updating():
        for _ in range(1000):
            if desk.anybody("GET", desk.link).get_json()["step"] == "finished":
                break
        for name in ("A", "B", "C"):
            assert ask({"CustomerAddRq": {"CustomerAdd": {"Name": name}}}).status_code == 200
        page = ask({"CustomerQueryRq": {"MaxReturned": 2}}).get_json()
        assert [one["Name"] for one in page["CustomerQueryRs"]["CustomerRet"]] == ["A", "B"]
        assert page["IteratorRemainingCount"] == page["CustomerQueryRs"]["IteratorRemainingCount"] == 1
        last = ask({"CustomerQueryRq": {"MaxReturned": 2}, "IteratorID": page["IteratorID"]}).get_json()
        assert [one["Name"] for one in last["CustomerQueryRs"]["CustomerRet"]] == ["C"]
        assert "IteratorID" not in last
        whole = ask({"CustomerQueryRq": {"MaxReturned": 3}}).get_json()
        assert "IteratorID" not in whole
        page = ask({"CustomerQueryRq": {"MaxReturned": 2}}).get_json()
    # With the session its iterators are lost, and QuickBooks says so.
    with desk.updating():
        late = ask({"CustomerQueryRq": {"MaxReturned": 2}, "IteratorID": page["IteratorID"]})
    assert error_of(late) == (502, "INTEGRATION_ERROR", "QBD_REQUEST_ERROR")
    desk.company.close()


def test_an_end_user_that_was_deleted_is_turned_away(desk: Desk) -> None:
    assert desk.call("DELETE", f"/v1/end-users/{desk.end_user['id']}").status_code == 200
    update = desk.update()
    assert not update.ok
    assert desk.books.queue.connection(desk.secrets["userName"]) is None
