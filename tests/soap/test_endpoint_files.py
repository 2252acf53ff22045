"""soap/endpoint.py: which company file is open, and what is done where none can be opened."""

from __future__ import annotations

import pytest

from qbxml.codes import hresults
from soap import Account
from tests.soap.helpers import (
    OWNER,
    POS,
    READ,
    RIGHT_FILE,
    STAMPED,
    USERNAME,
    WRITE,
    WRONG_FILE,
    Server,
    qbxml_fixture,
    requests_in,
)


@pytest.fixture
def server() -> Server:
    return Server()


# --- which company file


def test_the_right_company_file_gets_its_requests() -> None:
    server = Server(account=STAMPED)
    server.enqueue(WRITE)
    ticket = server.sign_in()
    assert requests_in(server.send(ticket, hcp=RIGHT_FILE)) == ["CustomerAddRq"]


def test_a_wrong_company_file_gets_no_request_and_the_work_stays_queued() -> None:
    server = Server(account=STAMPED)
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    assert server.send(ticket, hcp=WRONG_FILE) == ""
    told = server.endpoint.get_last_error(ticket)
    assert "Swamp & Sons Landscaping" in told
    assert "Nothing was sent to it" in told
    assert server.send(ticket, hcp=RIGHT_FILE) == ""
    assert server.endpoint.close_connection(ticket) == "OK"
    assert server.reasons(entry) == ["queued"]
    assert requests_in(server.send(server.sign_in(), hcp=RIGHT_FILE)) == ["CustomerAddRq"]


@pytest.mark.parametrize("hcp", ["", POS, "<QBXML>", qbxml_fixture("HostQueryRs")])
def test_where_nothing_readable_is_said_of_the_file_it_is_asked_for_before_anything_else(hcp: str) -> None:
    server = Server(account=STAMPED)
    entries = server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    text = server.send(ticket, hcp=hcp)
    assert requests_in(text) == ["CompanyQueryRq"]
    assert OWNER in text
    assert server.states(entries) == ["queued", "queued"]
    assert 0 <= server.receive(ticket, RIGHT_FILE) < 100
    assert requests_in(server.send(ticket)) == ["CustomerAddRq"]


def test_an_unknown_write_is_not_sent_again_before_the_file_is_confirmed() -> None:
    server = Server(account=STAMPED)
    server.enqueue(WRITE)
    first = server.send(server.sign_in(), hcp=RIGHT_FILE)
    ticket = server.sign_in()
    assert requests_in(server.send(ticket, hcp=POS)) == ["CompanyQueryRq"]
    server.receive(ticket, RIGHT_FILE)
    assert server.send(ticket) == first


@pytest.mark.parametrize(
    ("response", "hresult", "told"),
    [
        (WRONG_FILE, "", "not the one of this application"),
        ("", "", "could not be found out"),
        ("half an ans", "", "could not be found out"),
        (qbxml_fixture("HostQueryRs"), "", "could not be found out"),
        ("", "0x80040402", "could not be found out"),
        ("", "0x80040400", "could not be found out"),
    ],
)
def test_a_file_that_is_not_confirmed_when_asked_for_gets_no_request(response: str, hresult: str, told: str) -> None:
    server = Server(account=STAMPED)
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    server.send(ticket, hcp=POS)
    assert server.receive(ticket, response, hresult) < 0
    assert told in server.endpoint.get_last_error(ticket)
    assert server.send(ticket) == ""
    assert server.reasons(entry) == ["queued"]


def test_the_answer_of_the_question_is_not_taken_for_one_to_a_request() -> None:
    server = Server(account=STAMPED)
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    server.send(ticket, hcp=POS)
    assert 0 <= server.receive(ticket, RIGHT_FILE) < 100
    assert server.states([entry]) == ["queued"]


def test_without_a_known_stamp_any_file_is_right(server: Server) -> None:
    server.enqueue(WRITE)
    assert requests_in(server.send(server.sign_in(), hcp=WRONG_FILE)) == ["CustomerAddRq"]


# --- connectionError

OTHER_PATH = ["0x8004040A", "0x80040416", "0x80040417", " 0X8004040a "]
ALL = [row.code for row in hresults()] + ["0xDEADBEEF", "", "  ", "what?"]


@pytest.mark.parametrize("hresult", OTHER_PATH)
def test_whatever_file_is_open_is_tried_once_where_its_stamp_is_known(hresult: str) -> None:
    server = Server(account=STAMPED)
    server.enqueue(WRITE)
    ticket = server.sign_in()
    assert server.endpoint.connection_error(ticket, hresult, "another file is open") == ""
    assert requests_in(server.send(ticket, hcp=RIGHT_FILE)) == ["CustomerAddRq"]


@pytest.mark.parametrize("hresult", OTHER_PATH)
def test_a_second_failure_ends_it(hresult: str) -> None:
    server = Server(account=STAMPED)
    server.enqueue(WRITE)
    ticket = server.sign_in()
    assert server.endpoint.connection_error(ticket, hresult, "") == ""
    assert server.endpoint.connection_error(ticket, hresult, "") == "done"
    assert server.endpoint.connection_error(ticket, hresult, "") == "done"
    assert server.send(ticket, hcp=RIGHT_FILE) == ""


@pytest.mark.parametrize("hresult", ALL)
def test_no_other_path_is_tried_for_what_it_cannot_help_nor_where_the_stamp_is_not_known(hresult: str) -> None:
    for account in (STAMPED, Account(connection=USERNAME, company_file=r"C:\Books\Acme.qbw")):
        server = Server(account=account)
        (entry,) = server.enqueue(WRITE)
        ticket = server.sign_in()
        may_try = account is STAMPED and hresult in OTHER_PATH
        assert server.endpoint.connection_error(ticket, hresult, "QuickBooks said no") == ("" if may_try else "done")
        if not may_try:
            assert "QuickBooks said no" in server.endpoint.get_last_error(ticket)
            assert server.send(ticket) == ""
        assert server.endpoint.close_connection(ticket) == "OK"
        assert server.states([entry]) == ["queued"]
