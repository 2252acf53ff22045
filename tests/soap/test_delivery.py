"""soap/queue/delivery.py: texts, answers, and what becomes of a request that is refused or late."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qbxml.errors import StatusError
from soap import RequestFailed, State
from tests.soap.helpers import (
    LIMITS,
    MOD,
    PAGE,
    PASSWORD,
    READ,
    USERNAME,
    WRITE,
    Server,
    answer_to_text,
    joined,
    lose,
    message_set_id,
    old_message_set_id,
    qbxml_fixture,
    recovered,
    write,
)


@pytest.fixture
def server() -> Server:
    return Server(limits=LIMITS)


# --- the text


def test_a_document_begins_with_its_declaration_and_is_stored_exactly_as_it_was_handed_out(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    text = server.send(server.sign_in())
    assert text.startswith("<?xml")
    result = server.result(entry)
    assert (result.text, result.state, result.attempts) == (text, State.SENT, 1)
    assert result.sent_at is not None


def test_what_writes_has_a_message_set_id_that_quickbooks_takes_and_what_reads_has_none(server: Server) -> None:
    entries = server.enqueue(READ, WRITE, WRITE)
    ticket = server.sign_in()
    ids = []
    for entry in entries:
        text = server.send(ticket)
        ids.append(message_set_id(text))
        assert server.result(entry).message_set_id == ids[-1]
        server.receive(ticket, answer_to_text(text))
    assert ids[0] is None
    assert ids[1] != ids[2]
    assert all(set_id and re.fullmatch("[A-Z2-7]{20}", set_id) for set_id in ids[1:])


def test_the_request_id_on_the_wire_is_the_queues_and_the_callers_is_given_back(server: Server) -> None:
    (entry,) = server.enqueue({"CustomerQueryRq": {"requestID": "mine", "MaxReturned": 1}})
    ticket = server.sign_in()
    text = server.send(ticket)
    assert f'requestID="{entry}"' in text
    server.receive(ticket, answer_to_text(text))
    response = server.result(entry).response
    assert response is not None
    assert response.request_id == "mine"
    assert server.result(entry).request["CustomerQueryRq"]["requestID"] == "mine"


# --- answers


@pytest.mark.parametrize(("code", "state"), [(0, "done"), (1, "done"), (500, "done"), (530, "done"), (3100, "failed")])
def test_only_an_error_status_makes_a_request_fail(server: Server, code: int, state: str) -> None:
    (entry,) = server.enqueue(READ)
    server.exchange(server.sign_in(), code)
    result = server.result(entry)
    assert (result.state.value, result.status_code) == (state, code)
    assert (result.error is None) == (state == "done")


def test_a_stale_edit_sequence_fails_with_the_current_record(server: Server) -> None:
    (entry,) = server.enqueue(MOD)
    ticket = server.sign_in()
    id_ = message_set_id(server.send(ticket))
    answer = qbxml_fixture("CustomerModRs-stale").replace('requestID="4"', f'requestID="{entry}"')
    server.receive(ticket, answer.replace("AAAABBBBCCCCDDDDEEEE", str(id_)))
    result = server.result(entry)
    assert result.state is State.FAILED
    assert result.error is not None
    assert (result.error["kind"], result.error["code"]) == ("status", 3200)
    assert result.error["record"]["CustomerRet"]["EditSequence"] == "1695054617"
    with pytest.raises(StatusError) as caught:
        result.raise_for_status()
    assert caught.value.record is not None


def test_an_answer_belongs_to_the_requests_that_it_names_whatever_is_out(server: Server) -> None:
    entries = server.enqueue(READ, READ)
    ticket = server.sign_in()
    first = server.send(ticket)
    server.receive(ticket, "")
    assert server.send(ticket) == first, "a lost read is asked again in its old place"
    assert server.receive(ticket, answer_to_text(first)) < 100
    late = answer_to_text(first, 1)
    server.send(ticket)
    assert server.receive(ticket, late) < 100
    assert server.states(entries) == ["done", "queued"]
    assert server.result(entries[0]).status_code == 0


def test_an_answer_of_another_connection_is_not_taken(server: Server) -> None:
    (entry,) = server.enqueue(READ)
    text = server.send(server.sign_in())
    other = server.queue.enqueue("swamp", READ)
    with server.queue.deliver("swamp") as delivery:
        assert delivery.hand_out("session", "13.0", "US") is not None
        settled = delivery.settle(*_settling(other, answer_to_text(text)))
    assert settled.name == "LOST"
    assert server.states([entry]) == ["sent"]


def _settling(set_id: str, raw: str) -> Any:
    import qbxml
    from soap.queue import Errand, Refusal

    return Errand.SET, set_id, qbxml.parse(raw), raw, Refusal()


def test_an_answer_to_some_of_the_requests_settles_nothing_and_is_kept(server: Server) -> None:
    ids = server.queue.enqueue_many(USERNAME, [WRITE, write("Bo")], one_set=True, on_error="continueOnError")
    ticket = server.sign_in()
    text = server.send(ticket)
    half = answer_to_text(text, most=1)
    assert 0 <= server.receive(ticket, half) < 100
    assert server.states(ids) == ["unknown", "unknown"]
    assert server.result(ids[0]).raw == half
    assert server.send(ticket) == text
    assert server.receive(ticket, answer_to_text(text)) == 100
    assert server.states(ids) == ["done", "done"]


def test_an_answer_after_the_session_is_kept(server: Server) -> None:
    for end in ("close", "taken over"):
        entries = server.enqueue(WRITE)
        ticket = server.sign_in()
        answer = answer_to_text(server.send(ticket))
        if end == "close":
            server.endpoint.close_connection(ticket)
        else:
            server.sign_in()
        assert server.states(entries) == ["unknown"]
        assert server.receive(ticket, answer) < 0
        assert server.states(entries) == ["done"]
        assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]


def test_a_read_that_was_lost_is_not_asked_again_when_its_answer_comes_after_all(server: Server) -> None:
    (entry,) = server.enqueue(READ)
    ticket = server.sign_in()
    answer = answer_to_text(server.send(ticket))
    server.endpoint.close_connection(ticket)
    assert server.states([entry]) == ["queued"]
    server.receive(ticket, answer)
    assert server.states([entry]) == ["done"]
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]


@pytest.mark.parametrize("code", [3100, 3175])
def test_an_answer_that_comes_twice_is_applied_once(server: Server, code: int) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    answer = answer_to_text(server.send(ticket), code)
    server.receive(ticket, answer)
    before = server.queue.history(entry)
    for _ in range(2):
        server.receive(ticket, answer)
    server.endpoint.close_connection(ticket)
    server.receive(ticket, answer)
    assert server.queue.history(entry) == before
    assert server.states([entry]) == ["queued" if code == 3175 else "failed"]


# --- answers that are none

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
@pytest.mark.parametrize(("request_", "state"), [(READ, "queued"), (WRITE, "unknown"), (PAGE, "failed")])
def test_without_a_usable_answer_a_read_waits_again_a_write_is_unknown_and_a_page_has_failed(
    server: Server, request_: dict[str, Any], state: str, response: str, hresult: str, message: str
) -> None:
    (entry,) = server.enqueue(request_)
    ticket = server.sign_in()
    server.send(ticket)
    figure = server.receive(ticket, response, hresult, message)
    # An HRESULT says that something is wrong over there; then the update ends, else it goes on.
    assert figure < 0 if hresult else figure >= 0
    if hresult:
        assert hresult in server.endpoint.get_last_error(ticket)
    result = server.result(entry)
    assert result.state.value == state
    assert (result.raw or "") == response
    if state != "queued":
        assert result.error is not None
        assert result.error["kind"] == "lost"
        with pytest.raises(RequestFailed):
            result.raise_for_status()


def test_an_update_ends_after_several_lost_answers_in_a_row(server: Server) -> None:
    server.enqueue(READ, READ, READ, READ)
    ticket = server.sign_in()
    assert server.exchange(ticket) == 25
    figures = []
    for _ in range(3):
        server.send(ticket)
        figures.append(server.receive(ticket, ""))
    assert all(25 <= figure < 100 for figure in figures[:2])
    assert figures[2] < 0
    assert "no answer" in server.endpoint.get_last_error(ticket)


def test_a_lost_read_is_given_up_after_some_attempts(server: Server) -> None:
    entries = server.enqueue(READ, READ)
    for _ in range(2):
        lose(server)
        assert server.states(entries) == ["queued", "queued"]
    lose(server)
    assert server.states(entries) == ["failed", "queued"]
    result = server.result(entries[0])
    assert result.attempts == 3
    assert result.error is not None
    assert result.error["kind"] == "lost"


def test_a_lost_page_of_an_iterator_is_not_asked_for_again_and_its_start_is(server: Server) -> None:
    start = {"CustomerQueryRq": {"iterator": "Start", "MaxReturned": 10}}
    entries = server.enqueue(start)
    lose(server)
    assert server.states(entries) == ["queued"]
    server.exchange(server.sign_in())
    entries += server.enqueue(PAGE)
    lose(server)
    assert server.states(entries) == ["done", "failed"]
    assert "started anew" in server.reasons(entries[1])[-1]
    assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]


@pytest.mark.parametrize("hresult", ["0x80040400", " 0X80040400 ", "0x80040423", "-2147220480"])
@pytest.mark.parametrize("request_", [READ, WRITE])
def test_a_refusal_that_proves_that_nothing_was_done_fails_the_request_and_the_session_goes_on(
    server: Server, hresult: str, request_: dict[str, Any]
) -> None:
    entries = server.enqueue(request_, READ)
    ticket = server.sign_in()
    server.send(ticket)
    assert 0 <= server.receive(ticket, "", hresult, "found an error") < 100
    error = server.result(entries[0]).error
    assert error is not None
    assert error["kind"] == "refused"
    assert error["hresult"] in ("0x80040400", "0x80040423")
    assert "found an error" in error["message"]
    assert server.states(entries) == ["failed", "queued"]
    assert server.exchange(ticket) == 100


def test_a_refused_write_is_nothing_that_quickbooks_would_have_to_forget(server: Server) -> None:
    server.enqueue(WRITE, WRITE)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, "", "0x80040400", "")
    assert old_message_set_id(server.send(ticket)) is None


# --- sets that are refused as a whole


def refuse_when(server: Server, ticket: str, bad: str) -> list[list[str]]:
    """Answer until the end; a document with ``bad`` in it is refused. What was handed out, by names."""
    seen = []
    while True:
        text = server.send(ticket)
        seen.append(re.findall("<Name>(.*?)</Name>", text))
        figure = (
            server.receive(ticket, "", "0x80040400", "no")
            if bad in text
            else server.receive(ticket, answer_to_text(text))
        )
        if figure == 100:
            return seen


def test_a_refused_set_is_split_and_the_bad_one_is_named(server: Server) -> None:
    ids = joined(server, write("a"), write("bad"), write("c"), on_error="continueOnError")
    seen = refuse_when(server, server.sign_in(), "bad")
    assert seen == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]
    assert server.states(ids) == ["done", "failed", "done"]
    error = server.result(ids[1]).error
    assert error is not None
    assert error["kind"] == "refused"


def test_after_an_error_that_stops_its_set_those_behind_it_are_not_sent_when_it_is_split(server: Server) -> None:
    ids = joined(server, write("a"), write("bad"), write("c"), write("d"))
    other = server.enqueue(write("e"))
    seen = refuse_when(server, server.sign_in(), "bad")
    assert seen == [["a", "bad", "c", "d"], ["a"], ["bad"], ["e"]]
    assert server.states(ids + other) == ["done", "failed", "failed", "failed", "done"]
    error = server.result(ids[3]).error
    assert error is not None
    assert (error["kind"], error["set"]) == ("skipped", ids[0])


def test_what_was_split_goes_on_before_what_came_later_and_after_what_came_earlier(server: Server) -> None:
    joined(server, write("a"), write("bad"))
    server.enqueue(write("later"))
    server.enqueue(write("urgent"), priority=1)
    seen = refuse_when(server, server.sign_in(), "bad")
    assert seen == [["urgent"], ["a", "bad"], ["a"], ["bad"], ["later"]]


def test_a_refused_set_with_macros_fails_as_a_whole_for_its_requests_need_each_other(server: Server) -> None:
    add = {"InvoiceAddRq": {"InvoiceAdd": {"defMacro": "TxnID:1", "CustomerRef": {"FullName": "A"}}}}
    ids = joined(server, add, write("b"))
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, "", "0x80040400", "no") == 100
    assert server.states(ids) == ["failed", "failed"]


def test_a_set_that_is_refused_for_its_version_is_not_split(server: Server) -> None:
    ids = joined(server, write("a"), write("b"))
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, "", "0x80040423", "no") == 100
    assert server.states(ids) == ["failed", "failed"]


# --- records in use


def test_a_record_that_was_in_use_when_the_answer_was_lost_is_tried_again_as_well(server: Server) -> None:
    for on_lost in ("resend", "ask"):
        (entry,) = server.enqueue(WRITE, on_lost=on_lost)
        first = lose(server)
        ticket = server.sign_in()
        memory = recovered(server.send(ticket), [(entry, "CustomerAddRq")], 3175)
        assert server.receive(ticket, memory) == 100
        assert server.states([entry]) == ["queued"]
        assert server.receive(ticket, memory) == 100
        server.clock.advance(10)
        ticket = server.sign_in()
        second = server.send(ticket)
        assert message_set_id(second) not in (None, message_set_id(first))
        server.receive(ticket, answer_to_text(second))
        assert server.states([entry]) == ["done"]


@pytest.mark.parametrize("code", [3175, 3176])
def test_a_record_in_use_is_tried_again_later_under_a_new_id_that_releases_the_old_one(
    server: Server, code: int
) -> None:
    entries = server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    first = server.send(ticket)
    server.receive(ticket, answer_to_text(first, code))
    assert server.states(entries) == ["queued", "queued"]
    assert server.exchange(ticket) == 100, "what comes behind does not wait for it"
    server.clock.advance(10)
    ticket = server.sign_in()
    second = server.send(ticket)
    assert message_set_id(second) not in (None, message_set_id(first))
    assert old_message_set_id(second) == message_set_id(first)
    server.receive(ticket, answer_to_text(second))
    assert server.states(entries) == ["done", "done"]


def test_a_record_that_stays_in_use_fails_the_request_after_some_attempts(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    for delay in (10.0, 20.0):
        server.exchange(server.sign_in(), 3175)
        assert server.states([entry]) == ["queued"]
        server.clock.advance(delay - 1)
        assert server.endpoint.authenticate(USERNAME, PASSWORD) == ["", "none"]
        server.clock.advance(1)
    server.exchange(server.sign_in(), 3175)
    result = server.result(entry)
    assert (result.state, result.status_code, result.attempts) == (State.FAILED, 3175, 3)


def test_a_request_that_was_withdrawn_while_it_was_out_is_not_tried_again(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert server.queue.cancel(entry) is State.SENT
    server.receive(ticket, answer_to_text(text, 3175))
    assert server.states([entry]) == ["failed"]


def test_an_answer_to_an_earlier_attempt_is_none_to_the_one_that_is_out(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    old = server.sign_in()
    locked = answer_to_text(server.send(old), 3175)
    server.receive(old, locked)
    server.clock.advance(10)
    ticket = server.sign_in()
    second = server.send(ticket)
    server.receive(old, locked)
    assert server.states([entry]) == ["sent"]
    server.receive(ticket, answer_to_text(second))
    assert server.states([entry]) == ["done"]
