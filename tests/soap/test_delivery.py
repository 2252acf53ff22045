"""soap/queue/delivery.py: what becomes of a request whose answer is lost, late, doubled, refused or unusable."""

from __future__ import annotations

import re
from typing import Any

import pytest

from qbxml.errors import StatusError
from soap import Limits, RequestFailed, State
from tests.soap.helpers import (
    PASSWORD,
    READ,
    USERNAME,
    WRITE,
    Server,
    answer_to,
    answer_to_text,
    is_question,
    message_set_id,
    old_message_set_id,
    qbxml_fixture,
    recovered,
    requests_in,
    set_status_only,
)

PAGE: dict[str, Any] = {"CustomerQueryRq": {"iterator": "Continue", "iteratorID": "{A}", "MaxReturned": 10}}
MOD: dict[str, Any] = {"CustomerModRq": {"CustomerMod": {"ListID": "80000001-1693947446", "EditSequence": "1"}}}
RECOVERY = "<ErrorRecovery><ListID>80000001-1</ListID><EditSequence>1</EditSequence></ErrorRecovery>"
CUSTOMER = "<CustomerRet><ListID>80000001-1</ListID><Name>Annie&apos;s Alligators</Name></CustomerRet>"


@pytest.fixture
def server() -> Server:
    return Server(limits=Limits(read_attempts=3, lock_retries=2, lock_delay=10.0))


def write(name: str) -> dict[str, Any]:
    return {"CustomerAddRq": {"CustomerAdd": {"Name": name}}}


def lose(server: Server, hresult: str = "0x80040402") -> str:
    """Take what is next, and lose the answer; what it was."""
    ticket = server.sign_in()
    text = server.send(ticket)
    assert server.receive(ticket, "", hresult, "unexpected") < 0
    return text


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


def joined(server: Server, *requests: Any, on_error: Any = "stopOnError") -> list[str]:
    return server.queue.enqueue_many(USERNAME, list(requests), one_set=True, on_error=on_error)


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


# --- writes whose answer is lost


def test_after_a_lost_answer_the_identical_text_is_handed_out_before_anything_new(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    text = lose(server)
    assert server.states(entries) == ["unknown", "queued"]
    ticket = server.sign_in()
    assert server.send(ticket) == text
    assert server.states(entries) == ["sent", "queued"]
    assert server.receive(ticket, answer_to_text(text, content=CUSTOMER)) == 50
    assert server.exchange(ticket) == 100
    result = server.result(entries[0])
    assert (result.state, result.recovered, result.attempts) == (State.DONE, False, 2)


def test_a_write_is_not_final_while_it_is_unknown(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    lose(server)
    assert server.queue.result(entry, timeout=0.05).state is State.UNKNOWN


def test_a_recovered_outcome_reads_the_record_before_it_is_told(server: Server) -> None:
    (entry,) = server.enqueue(WRITE, handler="tell")
    server.enqueue(write("later"))
    text = lose(server)
    ticket = server.sign_in()
    assert server.send(ticket) == text
    server.receive(ticket, recovered(text, [(entry, "CustomerAddRq")], content=RECOVERY))
    assert server.states([entry]) == ["done"]
    assert server.queue.store.handlers_due({"tell"}) is None
    assert server.queue.result(entry, timeout=0.05).records == []
    read = server.send(ticket)
    assert requests_in(read) == ["CustomerQueryRq"]
    assert "<ListID>80000001-1</ListID>" in read
    server.receive(ticket, answer_to_text(read, content=CUSTOMER))
    result = server.queue.result(entry, timeout=5)
    assert result.recovered
    assert [record["Name"] for record in result.records] == ["Annie's Alligators"]
    assert server.queue.store.handlers_due({"tell"}) == server.clock()


@pytest.mark.parametrize("how", ["gone", "refused", "given up", "cancelled"])
def test_a_recovered_outcome_is_told_without_its_record_where_that_cannot_be_read(server: Server, how: str) -> None:
    (entry,) = server.enqueue(WRITE, handler="tell")
    text = lose(server)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, recovered(text, [(entry, "CustomerAddRq")], content=RECOVERY))
    if how == "cancelled":
        server.queue.cancel(server.queue.find(USERNAME, states={State.QUEUED})[0].id)
    elif how == "given up":
        for _ in range(3):
            lose(server)
    elif how == "gone":
        server.exchange(ticket, 1)
    else:
        server.send(ticket)
        server.receive(ticket, "", "0x80040400")
    result = server.queue.result(entry, timeout=5)
    assert (result.state, result.recovered, list(result.records)) == (State.DONE, True, [])
    assert server.queue.store.handlers_due({"tell"}) == server.clock()


def test_a_recovered_outcome_without_an_id_says_that_there_is_no_record(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    text = lose(server)
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, recovered(text, [(entry, "CustomerAddRq")])) == 100
    result = server.queue.result(entry, timeout=5)
    assert (result.state, result.recovered, list(result.records)) == (State.DONE, True, [])


def test_a_recovered_refusal_is_a_failure(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    text = lose(server)
    ticket = server.sign_in()
    server.send(ticket)
    assert server.receive(ticket, recovered(text, [(entry, "CustomerAddRq")], 3100)) == 100
    result = server.result(entry)
    assert (result.state, result.recovered, result.status_code) == (State.FAILED, True, 3100)


def test_a_full_answer_that_comes_later_replaces_a_recovered_one_and_not_the_other_way_round(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    old = server.sign_in()
    text = server.send(old)
    ticket = server.sign_in()
    assert server.send(ticket) == text
    memory = recovered(text, [(entry, "CustomerAddRq")])
    server.receive(ticket, memory)
    assert server.result(entry).recovered
    server.receive(old, answer_to_text(text, content=CUSTOMER))
    server.receive(ticket, memory)
    result = server.result(entry)
    assert (result.state, result.recovered, len(result.records)) == (State.DONE, False, 1)


def test_asking_again_before_the_answer_repeats_the_text_of_a_write_and_asks_for_a_read_again(server: Server) -> None:
    request: dict[str, Any]
    for request in (WRITE, READ):
        (entry,) = server.enqueue(request)
        ticket = server.sign_in()
        first = server.send(ticket)
        assert server.send(ticket) == first
        assert server.states([entry]) == ["sent"]
        assert server.receive(ticket, answer_to_text(first)) == 100


@pytest.mark.parametrize("why", ["ask", "withdrawn", "expired"])
def test_what_must_not_be_done_any_more_is_only_asked_about(server: Server, why: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "ask": {"on_lost": "ask"},
        "expired": {"expires_at": server.clock() + 60},
        "withdrawn": {},
    }
    (entry,) = server.enqueue(WRITE, **options[why])
    text = lose(server)
    if why == "withdrawn":
        assert server.queue.cancel(entry) is State.UNKNOWN
    server.clock.advance(61)
    for _ in range(2):
        ticket = server.sign_in()
        question = server.send(ticket)
        assert is_question(question)
        assert message_set_id(question) == message_set_id(text)
        assert server.states([entry]) == ["unknown"]
        assert server.receive(ticket, set_status_only(question, 9002)) == 100
        assert server.states([entry]) == ["unknown"]
    ticket = server.sign_in()
    question = server.send(ticket)
    assert server.receive(ticket, recovered(question, [(entry, "CustomerAddRq")])) == 100
    assert server.states([entry]) == ["done"]


@pytest.mark.parametrize("code", [600, 9002])
def test_that_quickbooks_does_not_know_the_outcome_is_said_and_kept(server: Server, code: int) -> None:
    (entry,) = server.enqueue(WRITE, on_lost="ask")
    lose(server)
    ticket = server.sign_in()
    answer = set_status_only(server.send(ticket), code)
    server.receive(ticket, answer)
    result = server.result(entry)
    assert (result.state, result.raw) == (State.UNKNOWN, answer)
    assert result.error is not None
    assert (result.error["kind"], result.error["message_set_status"]) == ("unknown", code)
    assert "does not know the outcome" in server.reasons(entry)[-1]


@pytest.mark.parametrize("code", [0, 600, 9001, 9002, 9004, 9005])
def test_whatever_quickbooks_says_of_the_set_a_full_answer_in_it_counts(server: Server, code: int) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    assert server.receive(ticket, answer_to_text(server.send(ticket), set_status=code)) == 100
    assert server.states([entry]) == ["done"]


@pytest.mark.parametrize(("code", "again"), [(600, True), (9001, False), (9002, True), (9004, False), (9005, False)])
def test_without_answers_the_status_of_the_set_decides_whether_the_text_is_handed_out_again(
    server: Server, code: int, again: bool
) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    text = server.send(ticket)
    assert 0 <= server.receive(ticket, set_status_only(text, code)) < 100
    assert server.states([entry]) == ["unknown"]
    second = server.send(ticket)
    assert (second == text) is again
    assert is_question(second) is not again
    # Once in a session; after that it goes on without.
    assert server.receive(ticket, set_status_only(text, code)) == 100
    assert server.states([entry]) == ["unknown"]


def test_an_unknown_write_is_asked_about_once_in_a_session_and_does_not_hold_up_the_others(server: Server) -> None:
    entries = server.enqueue(WRITE, READ, write("b"))
    text = lose(server)
    ticket = server.sign_in()
    assert server.send(ticket) == text
    assert 0 <= server.receive(ticket, set_status_only(text, 9002)) < 100
    seen = [server.exchange(ticket), server.exchange(ticket)]
    assert seen[-1] == 100
    assert server.states(entries) == ["unknown", "done", "done"]


def test_a_write_that_brings_quickbooks_down_each_time_does_not_hold_up_the_others_for_ever(server: Server) -> None:
    entries = server.enqueue(WRITE, READ)
    for _ in range(10):
        answer = server.endpoint.authenticate(USERNAME, PASSWORD)
        if not answer[0]:
            break
        while True:
            text = server.send(answer[0])
            poisoned = "CustomerAddRq" in text
            figure = server.receive(answer[0], "" if poisoned else answer_to_text(text), "0x80040402" * poisoned)
            if figure < 0 or figure == 100:
                break
    assert server.states(entries) == ["unknown", "done"]


def test_a_session_that_went_silent_is_given_up_in_time(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    server.send(server.sign_in())
    server.clock.advance(3599)
    assert server.queue.tend().lost == 0
    server.clock.advance(1)
    assert server.queue.tend().lost == 1
    assert server.states([entry]) == ["unknown"]


def test_resolving_an_unknown_write_as_queued_sends_it_under_a_new_id(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    first = lose(server)
    assert server.queue.resolve(entry, State.QUEUED, "not in the books").state is State.QUEUED
    ticket = server.sign_in()
    second = server.send(ticket)
    assert message_set_id(second) not in (None, message_set_id(first))
    server.receive(ticket, answer_to_text(second))
    assert server.states([entry]) == ["done"]


@pytest.mark.parametrize("outcome", [State.DONE, State.FAILED])
def test_an_answer_that_comes_after_the_callers_guess_replaces_it(server: Server, outcome: State) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    text = server.send(ticket)
    server.endpoint.close_connection(ticket)
    assert server.queue.resolve(entry, outcome).state is outcome
    server.receive(ticket, answer_to_text(text, 3100 if outcome is State.DONE else 0))
    assert server.states([entry]) == ["failed" if outcome is State.DONE else "done"]


# --- what QuickBooks is let forget


def test_a_write_lets_quickbooks_forget_the_oldest_outcome_that_is_settled_and_each_once(server: Server) -> None:
    for name in "abc":
        server.enqueue(write(name))
    ticket = server.sign_in()
    texts = []
    for _ in range(3):
        texts.append(server.send(ticket))
        server.receive(ticket, answer_to_text(texts[-1]))
    assert [old_message_set_id(text) for text in texts] == [None, *map(message_set_id, texts[:2])]


def test_an_outcome_that_is_unknown_is_never_forgotten(server: Server) -> None:
    server.enqueue(WRITE, on_lost="ask")
    lose(server)
    server.enqueue(write("b"), write("c"))
    ticket = server.sign_in()
    server.receive(ticket, set_status_only(server.send(ticket), 9002))
    second = server.send(ticket)
    server.receive(ticket, answer_to_text(second))
    third = server.send(ticket)
    assert old_message_set_id(second) is None
    assert old_message_set_id(third) == message_set_id(second)


def test_an_outcome_is_only_taken_as_forgotten_when_the_set_that_releases_it_was_answered(server: Server) -> None:
    server.enqueue(WRITE, write("b"), write("c"))
    ticket = server.sign_in()
    first = server.send(ticket)
    server.receive(ticket, answer_to_text(first))
    second = server.send(ticket)
    assert old_message_set_id(second) == message_set_id(first)
    server.receive(ticket, "", "0x80040400")  # refused, so it forgot nothing either
    assert old_message_set_id(server.send(ticket)) == message_set_id(first)


def test_what_another_connector_may_still_hold_is_not_forgotten_before_that_is_surely_over(server: Server) -> None:
    server.enqueue(WRITE)
    server.send(server.sign_in())  # asleep, with the text in its hands
    ticket = server.sign_in()
    first = server.send(ticket)
    server.receive(ticket, answer_to_text(first))
    server.enqueue(write("b"))
    ticket = server.sign_in()
    assert old_message_set_id(server.send(ticket)) is None
    server.endpoint.close_connection(ticket)
    server.clock.advance(Limits().session_timeout)
    server.enqueue(write("c"))
    ticket = server.sign_in()
    server.exchange(ticket)
    assert old_message_set_id(server.send(ticket)) == message_set_id(first)


def test_a_locked_attempt_that_another_connector_may_still_hold_is_not_forgotten(server: Server) -> None:
    server.enqueue(WRITE)
    server.send(server.sign_in())
    server.exchange(server.sign_in(), 3175)
    server.clock.advance(10)
    assert old_message_set_id(server.send(server.sign_in())) is None


def test_nothing_is_forgotten_by_a_read(server: Server) -> None:
    server.enqueue(WRITE, READ)
    ticket = server.sign_in()
    server.exchange(ticket)
    assert old_message_set_id(server.send(ticket)) is None


# --- cutting the line


@pytest.mark.parametrize("cut", range(12))
def test_wherever_the_line_is_cut_every_request_is_done_and_no_write_twice(server: Server, cut: int) -> None:
    """QuickBooks does each message set id once; the line is cut before the call of that number."""
    entries = server.enqueue(READ, WRITE, READ, write("b"))
    done: dict[str, str] = {}
    calls = 0

    def is_cut() -> bool:
        nonlocal calls
        calls += 1
        return calls == cut + 1

    for _ in range(4):
        ticket = server.endpoint.authenticate(USERNAME, PASSWORD)[0]
        while ticket and not is_cut():
            text = server.send(ticket)
            key = message_set_id(text) or text
            answer = done.setdefault(key, answer_to_text(text))
            if is_cut() or server.receive(ticket, answer) == 100:
                break
    assert server.states(entries) == ["done"] * 4
    assert len({text for text in done if "<" not in text}) == 2


def test_an_answer_that_names_what_the_queue_does_not_know_is_passed_over(server: Server) -> None:
    (entry,) = server.enqueue(WRITE)
    ticket = server.sign_in()
    server.send(ticket)
    server.receive(ticket, answer_to([{"CustomerAddRq": {"requestID": "of another server"}}]))
    assert server.states([entry]) == ["unknown"]
