"""Adding an application: the rules for its file, the stamp in the company file, the pages that must be there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from qbsimulator import QuickBooksError
from qbsimulator.connector import ConnectorError, HTTPAnswer, Outcome, TransportError, VirtualTime, WebConnector
from qbsimulator.connector.transport import UntrustedCertificate
from tests.qbsimulator.connector.helpers import FILE, OWNER, Machine, Server, StandIn, qwc

OTHER = "{00000000-33D9-4815-AC85-BC87A7E7D1EB}"


class Pages:
    """A transport for which each page is answered so."""

    def __init__(self, answer: HTTPAnswer | TransportError) -> None:
        self.answer = answer
        self.seen: list[str] = []

    def post(self, url: str, action: str, body: bytes) -> HTTPAnswer:
        raise AssertionError

    def get(self, url: str) -> HTTPAnswer:
        self.seen.append(url)
        if isinstance(self.answer, TransportError):
            raise self.answer
        return self.answer


def refused(
    values: Mapping[str, str | None] | None = None,
    *,
    company: StandIn | None = None,
    answer: HTTPAnswer | TransportError | None = None,
) -> str:
    connector = WebConnector(transport=Pages(answer or HTTPAnswer(200, "OK")), clock=VirtualTime())
    with pytest.raises(ConnectorError) as caught:
        connector.add(qwc(**(values or {})), company or StandIn(), "reeds")
    assert connector.applications == []
    assert str(caught.value) in connector.log
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    ["AppName", "AppID", "AppURL", "AppDescription", "AppSupport", "UserName", "OwnerID", "FileID", "QBType"],
)
def test_each_element_that_must_be_there(name: str) -> None:
    assert refused({name: None}) == "QBWC1039"
    if name != "AppID":
        assert refused({name: ""}) == "QBWC1039"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("QBWC1039", {"OwnerID": OWNER.strip("{}")}),
        ("QBWC1039", {"FileID": "{1234}"}),
        ("QBWC1039", {"QBType": "US"}),
        ("QBWC1039", {"Style": "document"}),
        ("QBWC1039", {"UnattendedModePref": "required"}),
        ("QBWC1039", {"IsReadOnly": "true"}),
        ("QBWC1039", {"AuthFlags": "all"}),
        ("QBWC1039", {"scheduler": "<Scheduler><RunEveryNMinutes>0</RunEveryNMinutes></Scheduler>"}),
        ("QBWC1039", {"scheduler": "<Scheduler><RunEveryNSeconds>often</RunEveryNSeconds></Scheduler>"}),
        ("QBWC1039", {"AppURL": "qbwc"}),
        ("QBWC1039", {"AppURL": "http://localhost:99999/"}),
        ("QBWC1039", {"AppURL": "http://[::1/"}),
        ("QBWC1039", {"AppURL": "http://localhost/a b"}),
        ("QBWC1039", {"AppURL": "http://localhost/\u00e9"}),
        ("QBWC1010", {"AppURL": "http://books.example.com/", "AppSupport": "http://books.example.com/"}),
        ("QBWC1001", {"AppURL": "https://192.0.2.1/", "AppSupport": "https://192.0.2.1/"}),
        ("QBWC1001", {"AppURL": "http://127.0.0.1:8080/"}),
        ("QBWC1001", {"AppURL": "http://[::1]:8080/"}),
        ("QBWC1002", {"AppSupport": "http://127.0.0.1/"}),
        ("QBWC1000", {"AppSupport": "https://www.example.com/"}),
        ("", {"QBType": "QBPOS"}),
        ("", {"Style": "RPC"}),
    ],
)
def test_values_that_are_refused(code: str, values: dict[str, str | None]) -> None:
    assert refused(values) == code


@pytest.mark.parametrize("text", ["<QBWCXML>", "<qbwc/>", b"<QBWCXML>\xff</QBWCXML>", "<!DOCTYPE x><x/>"])
def test_files_that_are_none(text: str | bytes) -> None:
    with pytest.raises(ConnectorError):
        WebConnector(transport=Pages(HTTPAnswer(200, "OK"))).add(text, StandIn(), "reeds")


def test_a_file_is_a_path_or_its_text(tmp_path: Path) -> None:
    path = tmp_path / "books.qwc"
    path.write_text(f"\ufeff{qwc()}", "utf-8")
    for source in (path, str(path), path.read_bytes(), qwc()):
        connector = WebConnector(transport=Pages(HTTPAnswer(200, "OK")), clock=VirtualTime())
        assert connector.add(source, StandIn(), "reeds").qwc.user_name == "annie"


def test_the_order_of_elements_is_free_and_of_two_intervals_the_first_counts() -> None:
    scheduler = "<Scheduler><RunEveryNSeconds>90</RunEveryNSeconds><RunEveryNMinutes>5</RunEveryNMinutes></Scheduler>"
    text = qwc().replace("<QBWCXML>", f"<QBWCXML>{scheduler}")
    connector = WebConnector(transport=Pages(HTTPAnswer(200, "OK")), clock=VirtualTime())
    application = connector.add(text, StandIn(), "reeds")
    assert (application.every, application.auto_run) == (90, True)


def test_minutes_between_updates() -> None:
    assert Machine(scheduler="<Scheduler><RunEveryNMinutes>5</RunEveryNMinutes></Scheduler>").application.every == 300


# -- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "good"), [(200, True), (202, True), (204, False), (302, False), (405, False)])
def test_the_page_of_support_must_be_there(status: int, good: bool) -> None:
    pages = Pages(HTTPAnswer(status, "so"))
    connector = WebConnector(transport=pages, clock=VirtualTime())
    if good:
        connector.add(qwc(), StandIn(), "reeds")
    else:
        assert refused(answer=HTTPAnswer(status, "so")) == "QBWC1003"
    assert pages.seen == (["http://localhost/qbwc?support"] if good else [])


def test_a_page_that_is_not_reached() -> None:
    assert refused(answer=TransportError("nobody")) == "QBWC1004"


def test_a_certificate_that_is_not_trusted() -> None:
    urls: dict[str, str | None] = {"AppURL": "https://b.example.com/", "AppSupport": "https://b.example.com/"}
    assert refused(answer=UntrustedCertificate("self-signed"), values=urls) == "QBWC1048"
    assert (
        refused(answer=UntrustedCertificate("self-signed"), values={"CertURL": "https://c.example.com/"}) == "QBWC1048"
    )


# -- the stamp -----------------------------------------------------------------------------------------------------


def test_the_company_file_is_stamped() -> None:
    assert Machine().company.fields == {"FileID": FILE}


def test_the_stamp_goes_to_the_server() -> None:
    one = Machine()
    one.update()
    told = one.server.of("sendRequestXML")[0]["strHCPResponse"]
    assert f"<DataExtName>FileID</DataExtName><DataExtType>STR255TYPE</DataExtType><DataExtValue>{FILE}<" in told


def test_another_stamp_of_the_owner_is_in_the_way() -> None:
    company = StandIn()
    company.fields["FileID"] = OTHER
    assert refused(company=company) == "QBWC1039"
    company.fields["FileID"] = FILE.lower()
    assert Machine(company=company).update().ok


def test_a_second_application_with_the_same_pair() -> None:
    one = Machine()
    with pytest.raises(ConnectorError, match="Unique OwnerID/FileID") as caught:
        one.connector.add(qwc(AppName="Others"), StandIn(), "reeds")
    assert caught.value.code == "QBWC1039"


def test_the_same_application_again_takes_its_place_and_keeps_its_password() -> None:
    one = Machine()
    again = one.connector.add(qwc(UserName="bob"), one.company)
    assert [one.qwc.user_name for one in one.connector.applications] == ["bob"]
    assert again.password == "reeds"


@pytest.mark.parametrize(("status", "code"), [(3263, "QBWC1039"), (3260, "QBWC1039"), (3180, "QBWC1027")])
def test_a_stamp_that_is_refused(status: int, code: str) -> None:
    company = StandIn()
    company.status = status
    assert refused(company=company) == code


def test_a_company_without_such_fields_is_noted() -> None:
    company = StandIn()
    company.status = 1030
    one = Machine(company=company)
    assert "QBWC1027" in one.connector.log
    assert one.update().ok
    assert "AppLock could not be written, status 1030" in one.connector.log


def test_a_company_that_can_not_be_asked() -> None:
    company = StandIn()
    company.fails["CompanyQueryRq"] = QuickBooksError("0x80040414", "A dialog.")
    assert refused(company=company) == "QBWC1025"


def test_a_company_file_that_is_not_there(tmp_path: Path) -> None:
    connector = WebConnector(transport=Pages(HTTPAnswer(200, "OK")), clock=VirtualTime())
    with pytest.raises(ConnectorError) as caught:
        connector.add(qwc(), tmp_path / "none.company", "reeds")
    assert caught.value.code == "QBWC1025"


def test_removing_takes_the_stamp_away() -> None:
    one = Machine()
    one.connector.remove("Books")
    assert (one.company.fields, one.connector.applications) == ({}, [])
    with pytest.raises(ConnectorError) as caught:
        one.connector.update("Books")
    assert caught.value.code == "QBWC1011"


# -- the lock ------------------------------------------------------------------------------------------------------


def test_the_lock_is_taken_and_given_back() -> None:
    held: list[str] = []
    company = StandIn()

    def hold(call: object) -> int:
        held.append(company.fields["AppLock"])
        return 100

    one = Machine(Server(receiveResponseXML=hold), company=company)
    one.update()
    assert held == ["LOCKED:SIMULATED:638355968000000000"]
    assert company.fields["AppLock"] == "UNLOCKED"


def test_the_lock_of_another_machine_is_in_the_way_for_an_hour() -> None:
    one = Machine()
    one.company.fields["AppLock"] = "LOCKED:ELSEWHERE:638355968000000000"
    assert one.update().outcome is Outcome.NOT_CONNECTED
    assert one.server.of("connectionError")[0]["hresult"] == "0x8004041B"
    one.time.sleep(3600)
    assert one.update().ok
    assert "left behind by ELSEWHERE" in one.connector.log


def test_a_lock_of_ones_own_was_left_behind() -> None:
    one = Machine()
    one.company.fields["AppLock"] = "LOCKED:SIMULATED:638355968000000000"
    assert one.update().ok


def test_a_lock_that_can_not_be_given_back_has_a_number() -> None:
    company = StandIn()

    def broken(call: object) -> int:
        company.fails["DataExtMod"] = QuickBooksError("0x80040401", "gone")
        return 100

    update = Machine(Server(receiveResponseXML=broken), company=company).update()
    assert (update.outcome, update.codes) == (Outcome.COMPLETED, ["QBWC1015"])
