"""soap/endpoint.py: whole conversations without SOAP, and what can be wrong with a session or a version.

Company files are in test_endpoint_files.py; what becomes of the requests whose answers are lost in test_lost_writes.py.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest

import qbxml
import soap
from qbxml.errors import NameInUse, UnknownVersion
from soap import Account, ClientVersions, Limits
from tests.soap.helpers import (
    PASSWORD,
    POS,
    READ,
    RIGHT_FILE,
    STAMPED,
    UK_ONLY,
    USERNAME,
    WRITE,
    WRONG_FILE,
    Server,
    answer_to_text,
    message_set_id,
    qbxml_fixture,
    requests_in,
)


@pytest.fixture
def server() -> Server:
    return Server()


# --- signing in


def test_with_work_waiting_a_session_gets_a_ticket_and_the_company_file() -> None:
    server = Server(account=STAMPED)
    server.enqueue(READ)
    ticket, company_file = server.endpoint.authenticate(USERNAME, PASSWORD)
    assert len(ticket) >= 32
    assert company_file == r"C:\Books\Acme.qbw"


def test_without_work_the_answer_is_none_and_there_is_no_session(server: Server) -> None:
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]


@pytest.mark.parametrize("why", ["later", "paused", "overdue"])
def test_work_that_cannot_be_handed_out_now_is_no_work(server: Server, why: str) -> None:
    if why == "paused":
        server.queue.pause(server.connection)
        server.enqueue(READ)
    elif why == "later":
        server.enqueue(READ, not_before=server.clock() + 60)
    else:
        server.enqueue(READ, expires_at=server.clock() + 60)
        server.clock.advance(61)
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]
    assert server.queue.find(USERNAME)[0].state.value == ("expired" if why == "overdue" else "queued")


def test_a_session_is_begun_for_the_question_what_became_of_a_write_but_not_without_end(server: Server) -> None:
    (entry,) = server.enqueue(WRITE, on_lost="ask")
    server.send(server.sign_in())
    for _ in range(Limits().unknown_asked):
        ticket = server.sign_in()
        server.receive(ticket, answer_to_text(server.send(ticket), set_status=9002))
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]
    assert server.states([entry]) == ["unknown"]


@pytest.mark.parametrize(
    ("username", "password"),
    [(USERNAME, "wrong"), ("wrong", PASSWORD), ("", ""), (USERNAME, ""), ("änni", "ünn"), (USERNAME, PASSWORD + " ")],
)
def test_a_wrong_name_or_password_is_nvu_whether_there_is_work_or_not(
    server: Server, username: str, password: str
) -> None:
    assert server.endpoint.authenticate(username, password) == ["", "nvu"]
    server.enqueue(READ)
    assert server.endpoint.authenticate(username, password) == ["", "nvu"]


def test_no_two_sessions_have_the_same_ticket_and_no_ticket_is_kept_as_it_is(server: Server) -> None:
    server.enqueue(READ)
    tickets = {server.sign_in() for _ in range(50)}
    assert len(tickets) == 50
    row = server.queue.connection(USERNAME)
    assert row is not None
    assert row.session not in tickets


@pytest.mark.parametrize("work", [True, False])
def test_the_shortest_interval_goes_in_the_fourth_place_whatever_the_second_is(work: bool) -> None:
    server = Server(account=Account(connection=USERNAME, minimum_run_every=90))
    if work:
        server.enqueue(READ)
    answer = server.endpoint.authenticate(USERNAME, PASSWORD)
    assert answer[1:] == ["" if work else "none", "", "90"]


def test_the_policy_on_client_versions_is_asked(server: Server) -> None:
    assert server.endpoint.client_version("2.0.0.1") == ""
    strict = Server(client_versions=ClientVersions(minimum="2.3", recommended="34")).endpoint
    assert strict.client_version("2.2") == "O:2.3"
    assert strict.client_version("2.3").startswith("W:")
    assert strict.client_version("34.0") == ""


def test_the_server_has_a_version_to_show(server: Server) -> None:
    assert qbxml.__version__ in server.endpoint.server_version()


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


def test_a_session_goes_on_in_another_process_that_works_on_the_same_queue(server: Server) -> None:
    server.enqueue(READ, WRITE)
    ticket = server.sign_in()
    for expected in (50, 100):
        text = server.send(ticket)
        elsewhere = Server(queue=server.queue)
        assert elsewhere.receive(ticket, answer_to_text(text)) == expected


def test_work_that_arrives_during_a_session_is_done_in_it(server: Server) -> None:
    server.enqueue(READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    (late,) = server.enqueue(WRITE)
    assert server.receive(ticket, answer_to_text(text)) == 50
    assert server.exchange(ticket) == 100
    assert server.states([late]) == ["done"]


def test_a_refused_request_has_failed_and_the_session_goes_on(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    assert [server.exchange(ticket, 3100), server.exchange(ticket)] == [50, 100]
    assert server.states(entries) == ["failed", "done"]
    with pytest.raises(NameInUse):
        server.result(entries[0]).raise_for_status()


def test_a_pause_in_the_middle_hands_out_nothing_more_and_takes_what_comes(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    server.queue.pause(USERNAME)
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert server.states(entries) == ["done", "queued"]
    server.queue.resume(USERNAME)
    assert server.exchange(server.sign_in()) == 100


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
    row = server.queue.connection(USERNAME)
    assert row is not None
    assert row.version == sent


def test_where_the_call_names_no_version_what_quickbooks_says_of_itself_decides(server: Server) -> None:
    server.enqueue(READ)
    text = server.send(server.sign_in(), "", None, None, hcp=RIGHT_FILE)
    assert '<?qbxml version="13.0"?>' in text


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
    (entry,) = server.enqueue(UK_ONLY)
    server.send(server.sign_in(), country)
    assert server.states([entry]) == ["sent" if allowed else "failed"]


def test_a_version_that_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(UnknownVersion):
        Server(version="13.1")


def test_what_this_version_cannot_express_fails_alone_with_its_problems_and_the_next_goes_out(server: Server) -> None:
    entries = server.enqueue(UK_ONLY, READ)
    assert requests_in(server.send(server.sign_in())) == ["CustomerQueryRq"]
    assert server.states(entries) == ["failed", "sent"]
    error = server.result(entries[0]).error
    assert error is not None
    assert (error["kind"], error["version"], error["edition"]) == ("invalid", "13.0", "US")
    assert any("SalesTaxCountry" in problem for problem in error["problems"])


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
    assert server.result(entries[0]).error == {
        "kind": "internal",
        "message": "a mistake in this software: ZeroDivisionError",
    }
    assert "a mistake in the codec" in caplog.text


# --- nothing to send


def test_with_nothing_to_hand_out_a_harmless_question_ends_the_session_without_an_error(server: Server) -> None:
    server.enqueue(UK_ONLY)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert requests_in(text) == ["HostQueryRq"]
    assert message_set_id(text) is None
    assert server.receive(ticket, qbxml_fixture("HostQueryRs")) == 100


def test_work_that_arrives_during_the_harmless_question_is_handed_out_next(server: Server) -> None:
    server.enqueue(UK_ONLY)
    ticket = server.sign_in()
    server.send(ticket)
    server.enqueue(READ)
    assert 0 <= server.receive(ticket, qbxml_fixture("HostQueryRs")) < 100
    assert requests_in(server.send(ticket)) == ["CustomerQueryRq"]


def test_a_harmless_question_without_an_answer_goes_on_and_one_that_fails_ends_the_update(server: Server) -> None:
    server.enqueue(UK_ONLY)
    ticket = server.sign_in()
    server.send(ticket)
    server.enqueue(READ)
    assert 0 <= server.receive(ticket, "") < 100
    server.exchange(ticket)
    server.enqueue(UK_ONLY)
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, "", "0x80040402", "unexpected") < 0
    assert "unexpected" in server.endpoint.get_last_error(ticket)


def test_a_session_that_is_held_begins_without_work_and_waits_for_it(server: Server) -> None:
    held = Server(hold=25.0, max_idle=600.0)
    ticket = held.sign_in()
    for _ in range(3):
        assert requests_in(held.send(ticket)) == ["HostQueryRq"]
        assert 0 <= held.receive(ticket, qbxml_fixture("HostQueryRs")) < 100
        held.clock.advance(20)
    (entry,) = held.enqueue(WRITE)
    assert 0 <= held.exchange(ticket) < 100
    assert held.states([entry]) == ["done"]


def test_a_held_session_ends_after_a_long_time_without_work_counted_from_the_last_work() -> None:
    held = Server(hold=25.0, max_idle=600.0)
    ticket = held.sign_in()
    held.send(ticket)
    held.clock.advance(599)
    assert held.receive(ticket, qbxml_fixture("HostQueryRs")) < 100
    held.enqueue(READ)
    assert held.exchange(ticket) < 100
    held.send(ticket)
    held.clock.advance(599)
    assert held.receive(ticket, qbxml_fixture("HostQueryRs")) < 100
    held.send(ticket)
    held.clock.advance(1)
    assert held.receive(ticket, qbxml_fixture("HostQueryRs")) == 100


def test_a_session_that_is_held_with_noop_is_told_to_wait_and_ends_well() -> None:
    held = Server(hold=25.0, max_idle=600.0, idle="noop")
    ticket = held.sign_in()
    for _ in range(3):
        assert held.send(ticket) == ""
        assert held.endpoint.get_last_error(ticket) == "NoOp"
        held.clock.advance(5)
    (entry,) = held.enqueue(WRITE)
    assert held.exchange(ticket) < 100
    assert held.states([entry]) == ["done"]
    assert held.send(ticket) == ""
    held.clock.advance(601)
    assert requests_in(held.send(ticket)) == ["HostQueryRq"]
    assert held.receive(ticket, qbxml_fixture("HostQueryRs")) == 100


# --- sessions


def test_a_second_session_takes_over_at_once_unless_told_to_wait(server: Server) -> None:
    for busy_for, second in ((0.0, ""), (30.0, "busy")):
        one = Server(busy_for=busy_for)
        one.enqueue(READ)
        one.send(one.sign_in())
        one.clock.advance(10)
        assert one.endpoint.authenticate(USERNAME, PASSWORD)[1] == second
        one.clock.advance(30)
        assert one.endpoint.authenticate(USERNAME, PASSWORD)[1] == ""


def test_being_busy_ends_with_the_answer() -> None:
    server = Server(busy_for=30.0)
    server.enqueue(READ, READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "busy"]
    server.receive(ticket, answer_to_text(text))
    assert server.sign_in()


def test_a_session_that_was_taken_over_is_handed_nothing_more_and_is_told_so(server: Server) -> None:
    server.enqueue(READ, WRITE)
    old, new = server.sign_in(), server.sign_in()
    assert server.send(old) == ""
    assert "over" in server.endpoint.get_last_error(old)
    assert server.endpoint.close_connection(old) == "OK"
    assert requests_in(server.send(new)) == ["CustomerQueryRq"]


@pytest.mark.parametrize("end", ["close", "error"])
def test_the_end_of_a_session_that_was_taken_over_loses_nothing_of_the_newer_one(server: Server, end: str) -> None:
    (entry,) = server.enqueue(WRITE)
    old, new = server.sign_in(), server.sign_in()
    server.send(new)
    if end == "close":
        server.endpoint.close_connection(old)
    else:
        assert server.endpoint.connection_error(old, "0x80040408", "") == "done"
    assert server.states([entry]) == ["sent"]


def test_the_same_answer_twice_gets_the_same_figure_and_counts_once(server: Server) -> None:
    entries = server.enqueue(WRITE, READ, READ)
    ticket = server.sign_in()
    answer = answer_to_text(server.send(ticket))
    assert server.receive(ticket, answer) == server.receive(ticket, answer) == 33
    assert [reason for reason in server.reasons(entries[0]) if reason.startswith("answered")] == [
        "answered: 0 said by the test"
    ]
    assert server.exchange(ticket) == 66


def test_an_answer_before_any_question_is_no_reason_to_stop(server: Server) -> None:
    (entry,) = server.enqueue(READ)
    ticket = server.sign_in()
    assert 0 <= server.receive(ticket, qbxml_fixture("CustomerQueryRs")) < 100
    assert server.states([entry]) == ["queued"]
    assert server.exchange(ticket) == 100


def test_after_100_and_after_the_end_nothing_more_is_handed_out(server: Server) -> None:
    server.enqueue(READ)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert server.receive(ticket, answer_to_text(text)) == 100
    server.enqueue(WRITE)
    assert server.send(ticket) == ""
    assert server.receive(ticket, answer_to_text(text)) == 100
    for _ in range(2):
        assert server.endpoint.close_connection(ticket) == "OK"
        assert server.send(ticket) == ""
        assert server.receive(ticket, "") < 0
        assert server.endpoint.get_last_error(ticket)


@pytest.mark.parametrize("ticket", ["", "x", "{00000000-0000-0000-0000-000000000000}", "\x00", "ü" * 1000])
def test_a_ticket_nobody_knows_gets_an_answer_to_every_call_and_changes_nothing(server: Server, ticket: str) -> None:
    (entry,) = server.enqueue(WRITE)
    live = server.sign_in()
    text = server.send(live)
    assert server.send(ticket) == ""
    assert server.receive(ticket, answer_to_text(text)) < 0
    assert server.receive(ticket, "", "0x80040400") < 0
    assert server.endpoint.connection_error(ticket, "0x8004040A", "") == "done"
    assert "does not know" in server.endpoint.get_last_error(ticket)
    assert server.endpoint.close_connection(ticket) == "OK"
    assert server.reasons(entry) == ["queued", "handed to the Web Connector"]


def test_no_call_raises_in_any_state() -> None:
    """Every sequence of three calls, at each point of a session, of a file that is confirmed and one that is not."""
    calls = {
        "send": lambda server, ticket: server.send(ticket, hcp=RIGHT_FILE),
        "send pos": lambda server, ticket: server.send(ticket, hcp=POS),
        "send wrong": lambda server, ticket: server.send(ticket, hcp=WRONG_FILE),
        "send old": lambda server, ticket: server.send(ticket, major=0),
        "answer": lambda server, ticket: server.receive(ticket, answer_to_text(server.last)),
        "file": lambda server, ticket: server.receive(ticket, RIGHT_FILE),
        "garbage": lambda server, ticket: server.receive(ticket, "half an ans"),
        "refused": lambda server, ticket: server.receive(ticket, "", "0x80040400", "no"),
        "lost": lambda server, ticket: server.receive(ticket, "", "0x80040402", "no"),
        "path": lambda server, ticket: server.endpoint.connection_error(ticket, "0x8004040A", "no"),
        "text": lambda server, ticket: server.endpoint.get_last_error(ticket),
        "close": lambda server, ticket: server.endpoint.close_connection(ticket),
    }
    kinds = {"send": str, "text": str, "close": str, "path": str}

    class Remembering(Server):
        last = "<QBXML><QBXMLMsgsRq/></QBXML>"

        def send(self, *given: Any, **more: Any) -> str:
            text = super().send(*given, **more)
            self.last = text or self.last
            return text

    count = 0
    for first in calls:
        for second in calls:
            for third in calls:
                server = Remembering(account=STAMPED)
                server.enqueue(WRITE, READ)
                ticket = server.sign_in()
                for name in (first, second, third):
                    result = calls[name](server, ticket)
                    assert isinstance(result, kinds.get(name.split()[0], int)), (first, second, third)
                    count += 1
                    if isinstance(result, int):
                        assert -1 <= result <= 100
                        if result < 0:
                            assert server.endpoint.get_last_error(ticket) not in ("", "NoOp")
    assert count == 3 * len(calls) ** 3


def test_the_interactive_mode_is_refused_in_words(server: Server) -> None:
    assert server.endpoint.get_interactive_url("x", "y") == ""
    assert server.endpoint.interactive_done("x") == "Done"
    assert server.endpoint.interactive_rejected("x", "no").strip()


def test_logs_name_neither_tickets_nor_what_quickbooks_said(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.enqueue(WRITE, WRITE)
    tickets = []
    for response, hresult in (("the secret", ""), ("", "0x80040402"), ("", "")):
        tickets.append(server.sign_in())
        server.send(tickets[-1])
        server.receive(tickets[-1], response, hresult, "Annie owes 12.00")
        server.send(tickets[-1])
        server.endpoint.close_connection(tickets[-1])
        server.endpoint.connection_error(tickets[-1], "0x80040402", "Annie owes 12.00")
    assert caplog.text
    for secret in (*tickets, "the secret", "12.00", "Alligators"):
        assert secret not in caplog.text


@pytest.mark.parametrize(("pace", "answer"), [(None, ["", "busy", "300"]), (60, ["", "busy", "300", "60"])])
def test_an_update_that_is_put_off_is_told_when_to_come_again(pace: int | None, answer: list[str]) -> None:
    queue = soap.MemoryQueue()
    queue.enqueue("c", {"CustomerQueryRq": {}})
    account = soap.Account("c", minimum_run_every=pace)
    options = soap.Options(postpone=lambda connection: 300 if connection == "c" else None)
    endpoint = soap.Endpoint(queue, soap.single_user("u", "p", account), options)
    assert endpoint.authenticate("u", "p") == answer
    other = soap.Endpoint(queue, soap.single_user("u", "p", soap.Account("d")), options)
    assert other.authenticate("u", "p") == ["", "none"]
