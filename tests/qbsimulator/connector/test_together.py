"""The Web Connector against the endpoint of ``soap``: two readings of one protocol."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator import Company, Settings
from qbsimulator.connector import HTTPTransport, Outcome, VirtualTime, WebConnector
from qbsimulator.faults import Faults
from soap.serving import serving
from tests.qbsimulator.connector.together import Together, add


def test_a_request_goes_there_and_its_answer_comes_back(tmp_path: Path) -> None:
    one = Together(tmp_path)
    (entry,) = one.enqueue(add("Annie"))
    update = one.update()
    assert (update.ok, update.codes, update.progress) == (True, [], [100])
    result = one.queue.result(entry)
    assert (result.state.value, result.status_code) == ("done", 0)
    assert result.records[0]["Name"] == "Annie"
    assert one.transport.failures == []


def test_with_nothing_to_do_there_is_no_data_exchange(tmp_path: Path) -> None:
    assert Together(tmp_path).update().outcome is Outcome.NO_DATA


def test_a_wrong_password(tmp_path: Path) -> None:
    one = Together(tmp_path)
    one.application.password = "weeds"
    update = one.update()
    assert (update.outcome, update.code) == (Outcome.NOT_VALID, "QBWC1040")


def test_all_customers_by_iterator(tmp_path: Path) -> None:
    one = Together(tmp_path)
    one.enqueue(*(add(f"Customer {number:03}") for number in range(25)))
    one.update()
    (entry,) = one.enqueue({"CustomerQueryRq": {"MaxReturned": 10, "iterator": "Start"}})
    update = one.update()
    assert update.ok
    assert one.queue.result(entry).status_code == 0
    assert any("iteratorRemainingCount" in document.response for document in update.documents)


def test_another_company_file_gets_no_request(tmp_path: Path) -> None:
    one = Together(tmp_path, company_file=uuid.uuid4())
    (entry,) = one.enqueue(add("Annie"))
    one.update()
    assert one.customers() == []
    assert one.queue.result(entry).state.value == "queued"


def test_the_company_file_that_is_open_is_another(tmp_path: Path) -> None:
    one = Together(tmp_path)
    other = Company.create(tmp_path / "other.company", clock=one.time)
    one.connector.desk.put("C:\\other.qbw", other)
    one.connector.desk.open_file = "C:\\other.qbw"
    one.enqueue(add("Annie"))
    one.update()
    assert one.customers() == []
    one.connector.desk.open_file = None
    one.until_done()
    assert one.customers() == ["Annie"]


def test_a_quickbooks_of_another_country(tmp_path: Path) -> None:
    one = Together(tmp_path, settings=Settings(country="UK", qbxml_version="13.0"))
    (entry,) = one.enqueue({"CustomerAddRq": {"CustomerAdd": {"Name": "Annie", "SalesTaxCountry": "UK"}}})
    update = one.update()
    arguments = update.steps[3].arguments
    assert [arguments[name] for name in ("qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers")] == ["UK", 13, 0]
    assert one.queue.result(entry).status_code == 0


def test_a_day_of_schedules_with_work_coming_in(tmp_path: Path) -> None:
    one = Together(tmp_path)
    start = one.time()
    for hour in range(24):
        one.enqueue(add(f"Customer {hour:02}"))
        one.connector.run(until=start + 3600 * (hour + 1) - 1)
    assert len(one.customers()) == 24


def test_the_same_over_http(tmp_path: Path) -> None:
    one = Together(tmp_path)
    (entry,) = one.enqueue(add("Annie"), add("Bob"))[1:]
    with serving(lambda url: one.endpoint, host="localhost") as url:
        text = one.application.qwc.text.replace("http://localhost/", url)
        transport = HTTPTransport(continue_patience=0.01)
        connector = WebConnector(transport=transport, clock=one.time)
        update = connector.update(connector.add(text, one.company, "reeds"))
    assert (update.ok, update.codes) == (True, [])
    assert one.queue.result(entry).state.value == "done"
    assert one.customers() == ["Annie", "Bob"]


def test_a_company_file_is_opened_for_an_update_and_closed_after_it(tmp_path: Path) -> None:
    one = Together(tmp_path)
    one.company.close()
    path = tmp_path / "books.company"
    connector = WebConnector(transport=one.transport, clock=one.time, home=tmp_path / "home")
    connector.add(one.application.qwc.text, path, "reeds")
    one.enqueue(add("Annie"))
    again = WebConnector(transport=one.transport, clock=one.time, home=tmp_path / "home")
    update = again.update("Books")
    assert update.ok
    assert update.steps[3].arguments["strCompanyFileName"] == str(path)
    one.company = Company.open(path, clock=VirtualTime())
    assert one.customers() == ["Annie"]


@pytest.mark.parametrize(("preference", "seen"), [("pdpNotNeeded", False), ("pdpOptional", True)])
def test_personal_data_only_for_who_wants_it(tmp_path: Path, preference: str, seen: bool) -> None:
    one = Together(tmp_path, settings=Settings(personal_data=True))
    employee = {"FirstName": "Annie", "SSN": "123-45-6789"}
    one.company.process(qbxml.build({"EmployeeAddRq": {"EmployeeAdd": employee}}))
    text = one.application.qwc.text.replace(
        "</QBWCXML>", f"<PersonalDataPref>{preference}</PersonalDataPref></QBWCXML>"
    )
    one.connector.add(text, one.company, "reeds")
    (entry,) = one.enqueue({"EmployeeQueryRq": {}})
    one.update()
    assert ("SSN" in one.queue.result(entry).records[0]) is seen


@pytest.mark.parametrize("who", ["quickbooks", "connector"])
@pytest.mark.parametrize("on_error", ["stopOnError", "continueOnError"])
def test_what_quickbooks_never_came_to_is_done_after_it_went_down_in_the_middle(
    tmp_path: Path, who: str, on_error: Any
) -> None:
    """In another message set; what it had done is not done again, and nothing overtakes."""
    one = Together(tmp_path, faults=Faults([f"{who}-dies=during"]))
    names = [f"Customer {number}" for number in range(5)]
    entries = one.queue.enqueue_many("annie", [add(name) for name in names], one_set=True, on_error=on_error)
    (last,) = one.enqueue(add("Zoe"))
    one.until_done()
    assert one.customers() == [*names, "Zoe"]
    results = [one.queue.result(entry) for entry in [*entries, last]]
    assert [result.state.value for result in results] == ["done"] * 6
    assert [result.records[0]["Name"] for result in results] == [*names, "Zoe"]
    again = [entry for entry in entries if "never came to it" in str(one.queue.history(entry))]
    assert 0 < len(again) < 5
    assert again == entries[-len(again) :]
    assert len({result.message_set_id for result in results}) == 3


def test_a_company_that_is_open_tells_its_path(tmp_path: Path) -> None:
    one = Together(tmp_path)
    one.enqueue(add("Annie"))
    assert one.update().steps[3].arguments["strCompanyFileName"] == str(tmp_path / "books.company")
