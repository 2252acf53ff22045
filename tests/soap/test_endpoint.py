"""soap/endpoint.py: whole conversations without SOAP, and every way in which one can go wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

import qbxml
from qbxml.errors import NameInUse, UnknownVersion
from soap import Connection, Endpoint, EntryState, LostAnswer, MemoryQueue, RefusedSet, endpoint, single_user
from tests.soap.helpers import PASSWORD, USERNAME, answer_to_text, qbxml_fixture

READ = {"CustomerQueryRq": {"MaxReturned": 10}}
WRITE = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}
#: Not a request of any version.
UNBUILDABLE = {"CustomerQueryRq": {"NoSuchElement": "x"}}


class Server:
    """An endpoint with its queue, called as the Web Connector calls it."""

    def __init__(self, **options: Any) -> None:
        self.queue = MemoryQueue()
        self.endpoint = Endpoint(self.queue, single_user(USERNAME, PASSWORD), **options)

    def enqueue(self, *requests: Any) -> list[str]:
        return [self.queue.enqueue(USERNAME, request) for request in requests]

    def sign_in(self) -> str:
        ticket, company_file = self.endpoint.authenticate(USERNAME, PASSWORD)
        assert ticket
        assert company_file == ""
        return ticket

    def send(self, ticket: str, country: str = "US", major: int | None = 16, minor: int | None = 0) -> str:
        return self.endpoint.send_request_xml(ticket, country, major, minor)

    def receive(self, ticket: str, response: str = "", hresult: str = "", message: str = "") -> int:
        return self.endpoint.receive_response_xml(ticket, response, hresult, message)

    def states(self, entries: list[str]) -> list[str]:
        return [self.queue.result(entry).state.value for entry in entries]


def requests_in(text: str) -> list[str]:
    return [str(request.tag) for request in etree.fromstring(text.encode())[0]]


def message_set_id(text: str) -> str | None:
    return etree.fromstring(text.encode())[0].get("newMessageSetID")


@pytest.fixture
def server() -> Server:
    return Server()


# --- signing in


def test_with_work_waiting_a_session_gets_a_ticket_and_the_company_file() -> None:
    queue = MemoryQueue()
    connection = Connection("acme", r"C:\Books\Acme.qbw")
    signing_in = Endpoint(queue, single_user(USERNAME, PASSWORD, connection))
    queue.enqueue("acme", READ)
    ticket, company_file = signing_in.authenticate(USERNAME, PASSWORD)
    assert len(ticket) >= 32
    assert company_file == r"C:\Books\Acme.qbw"


def test_without_work_the_answer_is_none_and_there_is_no_session(server: Server) -> None:
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        (USERNAME, "wrong"),
        ("wrong", PASSWORD),
        ("", ""),
        (USERNAME, ""),
        ("änni", "ünn"),
        (USERNAME, PASSWORD + " "),
    ],
)
def test_a_wrong_name_or_password_is_nvu_whether_there_is_work_or_not(
    server: Server, username: str, password: str
) -> None:
    assert server.endpoint.authenticate(username, password) == ["", "nvu"]
    server.enqueue(READ)
    assert server.endpoint.authenticate(username, password) == ["", "nvu"]


def test_no_two_sessions_have_the_same_ticket(server: Server) -> None:
    server.enqueue(READ)
    assert len({server.sign_in() for _ in range(50)}) == 50


# --- a conversation that goes well


def test_a_session_hands_out_everything_in_order_and_ends_with_100(server: Server) -> None:
    entries = server.enqueue(READ, WRITE, {"InvoiceQueryRq": {"MaxReturned": 5}})
    ticket = server.sign_in()
    seen: list[str] = []
    progress: list[int] = []
    while not progress or progress[-1] < 100:
        text = server.send(ticket)
        seen += requests_in(text)
        progress.append(server.receive(ticket, answer_to_text(text)))
    assert seen == ["CustomerQueryRq", "CustomerAddRq", "InvoiceQueryRq"]
    assert progress == [33, 66, 100]
    assert server.endpoint.close_connection(ticket) == "OK"
    assert server.states(entries) == ["done"] * 3


def test_a_document_begins_with_its_declaration_and_is_stored_exactly_as_it_was_handed_out(
    server: Server,
) -> None:
    (entry,) = server.enqueue(WRITE)
    text = server.send(server.sign_in())
    assert text.startswith("<?xml")
    assert server.queue.result(entry).text == text
    assert server.queue.result(entry).state is EntryState.SENT


def test_what_writes_has_a_message_set_id_that_quickbooks_takes_and_what_reads_has_none(
    server: Server,
) -> None:
    entries = server.enqueue(READ, WRITE, WRITE)
    ticket = server.sign_in()
    ids = []
    for entry in entries:
        text = server.send(ticket)
        ids.append(message_set_id(text))
        assert server.queue.result(entry).message_set_id == ids[-1]
        server.receive(ticket, answer_to_text(text))
    assert ids[0] is None
    assert ids[1] != ids[2]
    assert all(set_id and re.fullmatch("[A-Z2-7]{20}", set_id) for set_id in ids[1:])


def test_several_requests_joined_go_out_in_one_document(server: Server) -> None:
    (entry,) = server.enqueue([READ, WRITE])
    ticket = server.sign_in()
    text = server.send(ticket)
    assert requests_in(text) == ["CustomerQueryRq", "CustomerAddRq"]
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert [answer.name for answer in server.queue.result(entry).responses] == [
        "CustomerQueryRs",
        "CustomerAddRs",
    ]


def test_work_that_arrives_during_a_session_is_done_in_it(server: Server) -> None:
    server.enqueue(READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    (late,) = server.enqueue(WRITE)
    assert server.receive(ticket, answer_to_text(text)) == 50
    text = server.send(ticket)
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert server.states([late]) == ["done"]


def test_a_refused_request_is_a_failed_entry_and_the_session_goes_on(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    assert server.receive(ticket, answer_to_text(server.send(ticket), 3100)) == 50
    assert server.receive(ticket, answer_to_text(server.send(ticket))) == 100
    assert server.states(entries) == ["failed", "done"]
    with pytest.raises(NameInUse):
        server.queue.result(entries[0]).response.raise_for_status()


# --- versions and editions


@pytest.mark.parametrize(
    ("configured", "major", "minor", "sent"),
    [
        ("13.0", 16, 0, "13.0"),
        ("13.0", 13, 0, "13.0"),
        ("13.0", 8, 0, "8.0"),
        ("13.0", 4, 1, "4.1"),
        ("16.0", 99, 0, "16.0"),
        ("16.0", 14, None, "14.0"),
    ],
)
def test_a_request_is_sent_in_the_newest_version_that_both_know_and_no_newer_than_configured(
    configured: str, major: int, minor: int | None, sent: str
) -> None:
    server = Server(version=configured)
    server.enqueue(READ)
    assert f'<?qbxml version="{sent}"?>' in server.send(server.sign_in(), "US", major, minor)


@pytest.mark.parametrize(("country", "major", "minor"), [("US", None, None), ("US", 0, 0), ("US", -1, 0), ("CA", 3, 0)])
def test_without_a_version_in_common_the_update_ends_with_a_text_and_nothing_is_lost(
    server: Server, country: str, major: int | None, minor: int | None
) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    assert server.send(ticket, country, major, minor) == ""
    assert "qbXML" in server.endpoint.get_last_error(ticket)
    assert server.states([entry]) == ["queued"]


@pytest.mark.parametrize(("country", "allowed"), [("UK", True), ("US", False), ("", False), ("Atlantis", False)])
def test_the_edition_is_that_of_the_country_and_us_where_the_country_is_unknown(
    server: Server, country: str, allowed: bool
) -> None:
    request = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie", "SalesTaxCountry": "UK"}}}
    (entry,) = server.enqueue(request)
    server.send(server.sign_in(), country)
    assert server.states([entry]) == ["sent" if allowed else "failed"]


def test_a_version_that_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(UnknownVersion):
        Server(version="13.1")


def test_what_cannot_be_built_fails_with_its_problems_and_the_next_goes_out(server: Server) -> None:
    entries = server.enqueue(UNBUILDABLE, READ)
    assert requests_in(server.send(server.sign_in())) == ["CustomerQueryRq"]
    assert server.states(entries) == ["failed", "sent"]
    error = server.queue.result(entries[0]).error
    assert isinstance(error, qbxml.InvalidRequest)
    assert error.problems


def test_a_mistake_in_building_does_not_keep_everything_behind_it_waiting(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build = qbxml.build

    def broken_for_writes(requests: Any, **options: Any) -> bytes:
        if options["new_message_set_id"]:
            raise ZeroDivisionError("a mistake in the codec")
        return build(requests, **options)

    monkeypatch.setattr(qbxml, "build", broken_for_writes)
    entries = server.enqueue(WRITE, READ)
    assert requests_in(server.send(server.sign_in())) == ["CustomerQueryRq"]
    assert server.states(entries) == ["failed", "sent"]
    assert "a mistake in the codec" in caplog.text


# --- nothing to send


def test_with_nothing_to_hand_out_a_harmless_question_ends_the_session_without_an_error(
    server: Server,
) -> None:
    server.enqueue(UNBUILDABLE)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert requests_in(text) == ["HostQueryRq"]
    assert message_set_id(text) is None
    assert server.receive(ticket, qbxml_fixture("HostQueryRs")) == 100


def test_work_that_arrives_during_the_harmless_question_is_handed_out_next(server: Server) -> None:
    server.enqueue(UNBUILDABLE)
    ticket = server.sign_in()
    server.send(ticket)
    server.enqueue(READ)
    assert 0 <= server.receive(ticket, qbxml_fixture("HostQueryRs")) < 100
    assert requests_in(server.send(ticket)) == ["CustomerQueryRq"]


# --- answers that are none


@pytest.mark.parametrize("hresult", ["0x80040400", " 0X80040400 ", "0x80040423"])
@pytest.mark.parametrize("request_", [READ, WRITE])
def test_a_refusal_that_proves_that_nothing_was_done_fails_the_entry_and_the_session_goes_on(
    server: Server, hresult: str, request_: dict[str, Any]
) -> None:
    entries = server.enqueue(request_, READ)
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, "", hresult, "found an error") == 50
    error = server.queue.result(entries[0]).error
    assert isinstance(error, RefusedSet)
    assert (error.hresult, error.message) == (hresult, "found an error")
    assert server.states(entries) == ["failed", "queued"]


UNUSABLE = {
    "an hresult that proves nothing": ("", "0x80040402", "unexpected"),
    "an hresult nobody knows": ("", "0xDEADBEEF", "?"),
    "nothing at all": ("", "", ""),
    "blanks": (" \n", "", ""),
    "no XML": ("half an ans", "", ""),
    "no qbXML": ("<html/>", "", ""),
    "an answer to nothing": (qbxml_fixture("CustomerQueryRs-nothing"), "", ""),
    "an answer without an id": (qbxml_fixture("HostQueryRs"), "", ""),
}


@pytest.mark.parametrize(("response", "hresult", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize(("request_", "state"), [(READ, "queued"), (WRITE, "unknown")])
def test_without_a_usable_answer_a_read_waits_again_a_write_is_unknown_and_the_update_ends_with_a_text(
    server: Server, request_: dict[str, Any], state: str, response: str, hresult: str, message: str
) -> None:
    (entry,) = server.enqueue(request_)
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, response, hresult, message) < 0
    assert hresult in server.endpoint.get_last_error(ticket)
    assert len(server.endpoint.get_last_error(ticket)) > 10
    assert server.endpoint.close_connection(ticket) == "OK"
    result = server.queue.result(entry)
    assert (result.state.value, result.raw) == (state, response)
    assert isinstance(result.error, LostAnswer)


def test_an_unknown_write_is_not_handed_out_again_and_a_lost_read_is(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    for _ in entries:
        ticket = server.sign_in()
        server.send(ticket)
        server.receive(ticket, "", "0x80040402", "unexpected")
    ticket = server.sign_in()
    assert requests_in(server.send(ticket)) == ["CustomerQueryRq"]
    assert server.states(entries) == ["unknown", "sent"]


# --- calls out of order


@pytest.mark.parametrize(("request_", "then"), [(READ, ["sent", "queued"]), (WRITE, ["unknown", "sent"])])
def test_asking_again_before_the_answer_repeats_a_read_and_never_a_write(
    server: Server, request_: dict[str, Any], then: list[str]
) -> None:
    entries = server.enqueue(request_, READ)
    ticket = server.sign_in()
    first, second = server.send(ticket), server.send(ticket)
    assert (first == second) == (request_ is READ)
    assert server.states(entries) == then


@pytest.mark.parametrize("how", ["closeConnection", "connectionError", "authenticate"])
@pytest.mark.parametrize(("request_", "state"), [(READ, "queued"), (WRITE, "unknown")])
def test_what_is_out_when_a_session_ends_is_accounted_for(
    server: Server, how: str, request_: dict[str, Any], state: str
) -> None:
    (entry,) = server.enqueue(request_)
    ticket = server.sign_in()
    server.send(ticket)
    if how == "closeConnection":
        assert server.endpoint.close_connection(ticket) == "OK"
    elif how == "connectionError":
        assert server.endpoint.connection_error(ticket, "0x80040408", "Could not start QuickBooks.") == "done"
    else:
        server.endpoint.authenticate(USERNAME, PASSWORD)
    assert server.states([entry]) == [state]


def test_an_answer_that_outlived_its_session_is_kept(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    old = server.sign_in()
    text = server.send(old)
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]
    assert server.states([entry]) == ["unknown"]
    assert server.receive(old, answer_to_text(text)) < 0
    assert server.states([entry]) == ["done"]


def test_a_session_that_was_taken_over_is_handed_nothing_more(server: Server) -> None:
    server.enqueue(READ, READ)
    old, new = server.sign_in(), server.sign_in()
    assert server.send(old) == ""
    assert "over" in server.endpoint.get_last_error(old)
    assert requests_in(server.send(new)) == ["CustomerQueryRq"]


def test_the_same_answer_twice_gets_the_same_figure_and_counts_once(server: Server) -> None:
    server.enqueue(READ, READ)
    ticket = server.sign_in()
    answer = answer_to_text(server.send(ticket))
    assert [server.receive(ticket, answer) for _ in range(3)] == [50, 50, 50]
    answer = answer_to_text(server.send(ticket))
    assert [server.receive(ticket, answer) for _ in range(3)] == [100, 100, 100]


def test_an_answer_before_any_question_is_no_reason_to_stop(server: Server) -> None:
    server.enqueue(READ)
    ticket = server.sign_in()
    assert server.receive(ticket, qbxml_fixture("CustomerQueryRs")) == 0
    assert requests_in(server.send(ticket)) == ["CustomerQueryRq"]


def test_after_100_and_after_the_end_nothing_more_is_handed_out(server: Server) -> None:
    server.enqueue(READ)
    ticket = server.sign_in()
    server.receive(ticket, answer_to_text(server.send(ticket)))
    (late,) = server.enqueue(WRITE)
    assert server.send(ticket) == ""
    assert server.endpoint.get_last_error(ticket)
    assert [server.endpoint.close_connection(ticket) for _ in range(2)] == ["OK", "OK"]
    assert server.send(ticket) == ""
    assert server.states([late]) == ["queued"]


@pytest.mark.parametrize("ticket", ["", "nobody's", "x" * 10_000, "\u00e4"])
def test_a_ticket_nobody_knows_gets_an_answer_to_every_call_and_changes_nothing(server: Server, ticket: str) -> None:
    (entry,) = server.enqueue(WRITE)
    text = server.send(server.sign_in())
    assert server.send(ticket) == ""
    assert server.receive(ticket, answer_to_text(text)) < 0
    assert "does not know" in server.endpoint.get_last_error(ticket)
    assert server.endpoint.connection_error(ticket, "0x80040408", "Could not start QuickBooks.") == "done"
    assert server.endpoint.close_connection(ticket) == "OK"
    assert server.states([entry]) == ["sent"]


def test_old_sessions_are_forgotten_before_they_fill_the_memory(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "MAX_SESSIONS", 2)
    server.enqueue(READ)
    first, second, third = server.sign_in(), server.sign_in(), server.sign_in()
    assert "does not know" in server.endpoint.get_last_error(first)
    assert "over" in server.endpoint.get_last_error(second)
    assert requests_in(server.send(third)) == ["CustomerQueryRq"]


def test_logs_name_neither_tickets_nor_what_quickbooks_said(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    server.enqueue(WRITE)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, "half an ans", "0x80040402", "Annie owes 35693.49")
    assert caplog.records
    assert ticket not in caplog.text
    assert "half an ans" not in caplog.text
    assert "35693.49" not in caplog.text


# --- the line cut at every step


@pytest.mark.parametrize("cut", range(14))
def test_wherever_the_line_is_cut_every_read_is_done_and_no_write_is_handed_out_twice(server: Server, cut: int) -> None:
    """Calls are made until ``cut`` of them were answered; then the Web Connector is gone, and a new one signs in."""
    entries = server.enqueue(READ, WRITE, READ, WRITE)
    handed_out: list[str] = []

    def update(calls: int) -> None:
        ticket, work = server.endpoint.authenticate(USERNAME, PASSWORD)
        calls -= 1
        progress = 0 if work == "" else 100
        while calls > 0 and progress < 100:
            handed_out.append(server.send(ticket))
            calls -= 1
            if calls > 0:
                progress = server.receive(ticket, answer_to_text(handed_out[-1]))
                calls -= 1
        if calls > 0:
            server.endpoint.close_connection(ticket)

    update(cut)
    update(1_000)
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]
    states = server.states(entries)
    assert [states[0], states[2]] == ["done", "done"]
    # Cut after the second or the fourth set was handed out and before its answer: nobody knows.
    assert states[1] == ("unknown" if cut == 4 else "done")
    assert states[3] == ("unknown" if cut == 8 else "done")
    writes = [text for text in handed_out if "CustomerAddRq" in text]
    assert len(writes) == len(set(writes)) == 2
