"""soap/queue.py: the contract, on the store in memory."""

from __future__ import annotations

import threading

import pytest

import qbxml
from qbxml import requests as rq
from soap import (
    EntryState,
    LostAnswer,
    MemoryQueue,
    NotARequest,
    RefusedSet,
    RequestQueue,
    Result,
    UnknownEntry,
)
from tests.soap.helpers import answer_to

READ = {"CustomerQueryRq": {"MaxReturned": 10}}
WRITE = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}


@pytest.fixture
def queue() -> RequestQueue:
    return MemoryQueue()


def hand_out(queue: RequestQueue, connection: str = "acme", text: str = "<text/>") -> str:
    """Claim and hand out the next entry of a connection; its id."""
    claim = queue.claim(connection)
    assert claim is not None
    queue.handed_out(claim.entry_id, text, "SET" if claim.writes else None)
    return claim.entry_id


def answer(queue: RequestQueue, requests: tuple[dict[str, dict[str, object]], ...], code: int = 0) -> frozenset[str]:
    text = answer_to(requests, code)
    return queue.answered("acme", qbxml.parse(text), text)


# --- order and claims


def test_entries_are_claimed_in_the_order_in_which_they_came(queue: RequestQueue) -> None:
    entries = [queue.enqueue("acme", READ) for _ in range(12)]
    claimed = []
    while claim := queue.claim("acme"):
        claimed.append(claim.entry_id)
        queue.failed(claim.entry_id, RefusedSet("0x80040400", ""))
    assert claimed == entries


def test_a_connection_has_one_entry_out_at_a_time_and_others_are_not_held_up(queue: RequestQueue) -> None:
    for connection in ("acme", "acme", "swamp"):
        queue.enqueue(connection, READ)
    assert queue.claim("acme") is not None
    assert queue.claim("acme") is None
    assert queue.claim("swamp") is not None
    assert queue.left("acme") == 1
    assert queue.left("swamp") == 0


def test_a_claim_between_many_threads_is_given_to_one(queue: RequestQueue) -> None:
    queue.enqueue("acme", READ)
    start = threading.Barrier(8)
    claims = []

    def claim() -> None:
        start.wait()
        claims.append(queue.claim("acme"))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 8
    assert sum(claim is not None for claim in claims) == 1


def test_nothing_is_claimed_from_a_connection_nobody_has_used(queue: RequestQueue) -> None:
    assert queue.claim("nobody") is None
    assert queue.left("nobody") == 0
    queue.take_over("nobody")


def test_every_request_gets_an_id_of_its_own_and_the_given_one_is_left_alone(queue: RequestQueue) -> None:
    request = {"CustomerQueryRq": {"MaxReturned": 10, "requestID": "mine"}}
    queue.enqueue("acme", [request, request])
    queue.enqueue("swamp", request)
    claims = [queue.claim("acme"), queue.claim("swamp")]
    ids = [
        content["requestID"]
        for claim in claims
        if claim is not None
        for message in claim.requests
        for content in message.values()
    ]
    assert len(ids) == len(set(ids)) == 3
    assert "mine" not in ids
    assert all(len(request_id) <= 50 for request_id in ids)
    assert request == {"CustomerQueryRq": {"MaxReturned": 10, "requestID": "mine"}}


def test_an_entry_writes_if_one_of_its_requests_does(queue: RequestQueue) -> None:
    for requests in (READ, [READ, WRITE], WRITE):
        queue.enqueue("acme", requests)
    writes = []
    while claim := queue.claim("acme"):
        writes.append(claim.writes)
        queue.failed(claim.entry_id, RefusedSet("0x80040400", ""))
    assert writes == [False, True, True]


def test_typed_requests_and_plain_dicts_are_queued_alike(queue: RequestQueue) -> None:
    typed = rq.CustomerAddRq(CustomerAdd=rq.CustomerAdd(Name="Annie's Alligators"))
    queue.enqueue("acme", [typed, WRITE])
    claim = queue.claim("acme")
    assert claim is not None
    contents = [{**message["CustomerAddRq"], "requestID": ""} for message in claim.requests]
    assert contents[0] == contents[1]
    assert claim.writes


def test_a_document_that_was_read_is_queued_as_one_message_set(queue: RequestQueue) -> None:
    document = b"""<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">
        <CustomerQueryRq><MaxReturned>10</MaxReturned></CustomerQueryRq><HostQueryRq/></QBXMLMsgsRq></QBXML>"""
    queue.enqueue("acme", qbxml.parse_request(document))
    claim = queue.claim("acme")
    assert claim is not None
    names = [name for message in claim.requests for name in message]
    assert names == ["CustomerQueryRq", "HostQueryRq"]
    assert claim.requests[0]["CustomerQueryRq"]["MaxReturned"] == 10


def test_what_the_caller_changes_after_enqueueing_is_not_sent(queue: RequestQueue) -> None:
    request = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}
    queue.enqueue("acme", request)
    request["CustomerAddRq"]["CustomerAdd"]["Name"] = "Somebody else"
    claim = queue.claim("acme")
    assert claim is not None
    assert claim.requests[0]["CustomerAddRq"]["CustomerAdd"]["Name"] == "Annie's Alligators"


@pytest.mark.parametrize("requests", [[], {}, {"A": {}, "B": {}}, {"CustomerQueryRq": "text"}, "CustomerQueryRq", 7])
def test_what_is_no_request_is_refused_when_it_is_queued(queue: RequestQueue, requests: object) -> None:
    with pytest.raises(NotARequest):
        queue.enqueue("acme", requests)
    assert queue.left("acme") == 0


# --- answers


def test_an_answer_is_given_to_whoever_waits_for_it(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", READ)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    results: list[Result] = []
    waiter = threading.Thread(target=lambda: results.append(queue.result(entry, timeout=30)))
    waiter.start()
    assert answer(queue, claim.requests) == {entry}
    waiter.join(30)
    assert [result.state for result in results] == [EntryState.DONE]
    assert results[0].response.name == "CustomerQueryRs"
    assert results[0].text == "<text/>"
    assert "CustomerQueryRs" in results[0].raw


def test_an_answer_carries_the_request_id_that_the_caller_gave(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", [{"CustomerQueryRq": {"requestID": "mine"}}, READ])
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    answer(queue, claim.requests)
    assert [response.request_id for response in queue.result(entry).responses] == ["mine", None]


def test_a_result_that_is_not_there_in_time_is_told_as_it_stands(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", READ)
    result = queue.result(entry, timeout=0.01)
    assert (result.state, result.responses, result.error) == (EntryState.QUEUED, (), None)
    with pytest.raises(LookupError, match="queued"):
        _ = result.response


def test_an_id_of_another_queue_is_a_named_error(queue: RequestQueue) -> None:
    foreign = MemoryQueue().enqueue("acme", READ)
    with pytest.raises(UnknownEntry) as caught:
        queue.result(foreign)
    assert caught.value.entry_id == foreign


@pytest.mark.parametrize(
    ("code", "state"),
    [(0, EntryState.DONE), (1, EntryState.DONE), (500, EntryState.DONE), (3200, EntryState.FAILED)],
)
def test_only_an_error_status_makes_an_entry_fail(queue: RequestQueue, code: int, state: EntryState) -> None:
    entry = queue.enqueue("acme", READ)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    answer(queue, claim.requests, code)
    result = queue.result(entry)
    assert result.state is state
    assert result.response.status_code == code


def test_the_same_answer_again_changes_nothing(queue: RequestQueue) -> None:
    calls: list[Result] = []
    entry = queue.enqueue("acme", WRITE, handler=calls.append)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", "SET")
    assert answer(queue, claim.requests) == {entry}
    assert answer(queue, claim.requests, 3100) == {entry}
    assert queue.result(entry).state is EntryState.DONE
    assert len(calls) == 1


def test_an_answer_to_some_of_the_requests_settles_nothing(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", [READ, READ])
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    assert answer(queue, claim.requests[:1]) == frozenset()
    assert queue.result(entry).state is EntryState.SENT
    assert answer(queue, claim.requests) == {entry}
    assert len(queue.result(entry).responses) == 2


def test_an_answer_of_another_connection_is_not_taken(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", READ)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    text = answer_to(claim.requests)
    assert queue.answered("swamp", qbxml.parse(text), text) == frozenset()
    assert queue.result(entry).state is EntryState.SENT


def test_an_answer_to_a_process_that_is_gone_is_not_taken_for_one_to_this() -> None:
    old, new = MemoryQueue(), MemoryQueue()
    entries = []
    for queue in (old, new):
        entries.append(queue.enqueue("acme", READ))
    claim = old.claim("acme")
    assert claim is not None
    hand_out(new)
    assert answer(new, claim.requests) == frozenset()
    assert new.result(entries[1]).state is EntryState.SENT


# --- losses


def test_a_lost_read_waits_again_in_its_old_place(queue: RequestQueue) -> None:
    first, second = queue.enqueue("acme", READ), queue.enqueue("acme", READ)
    assert hand_out(queue) == first
    queue.lost(first, LostAnswer("the line was cut"))
    assert queue.left("acme") == 2
    assert hand_out(queue) == first
    assert queue.result(second).state is EntryState.QUEUED


def test_a_lost_write_is_unknown_and_never_handed_out_again(queue: RequestQueue) -> None:
    calls: list[Result] = []
    entry = queue.enqueue("acme", WRITE, handler=calls.append)
    assert hand_out(queue) == entry
    queue.lost(entry, LostAnswer("the line was cut"), "half an ans")
    result = queue.result(entry, timeout=30)
    assert result.state is EntryState.UNKNOWN
    assert isinstance(result.error, LostAnswer)
    assert (result.text, result.message_set_id, result.raw) == ("<text/>", "SET", "half an ans")
    assert queue.claim("acme") is None
    assert queue.left("acme") == 0
    assert [call.state for call in calls] == [EntryState.UNKNOWN]


def test_a_lost_page_of_an_iterator_has_failed_for_asking_again_would_skip_it(queue: RequestQueue) -> None:
    start = {"CustomerQueryRq": {"iterator": "Start", "MaxReturned": 10}}
    page = {"CustomerQueryRq": {"iterator": "Continue", "iteratorID": "{A}", "MaxReturned": 10}}
    states = []
    for request in (start, page):
        entry = queue.enqueue("acme", request)
        assert hand_out(queue) == entry
        queue.lost(entry, LostAnswer("the line was cut"))
        states.append(queue.result(entry).state)
        while claim := queue.claim("acme"):
            queue.failed(claim.entry_id, RefusedSet("0x80040400", ""))
    assert states == [EntryState.QUEUED, EntryState.FAILED]


def test_a_write_that_was_claimed_but_never_handed_out_waits_again(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", WRITE)
    assert queue.claim("acme") is not None
    queue.take_over("acme")
    assert queue.result(entry).state is EntryState.QUEUED
    assert hand_out(queue) == entry


def test_a_new_session_loses_what_the_earlier_one_has_out(queue: RequestQueue) -> None:
    write, read = queue.enqueue("acme", WRITE), queue.enqueue("acme", READ)
    assert hand_out(queue) == write
    queue.take_over("acme")
    assert queue.result(write).state is EntryState.UNKNOWN
    assert hand_out(queue) == read
    queue.take_over("acme")
    assert queue.result(read).state is EntryState.QUEUED


def test_an_answer_that_comes_after_all_settles_what_was_unknown(queue: RequestQueue) -> None:
    calls: list[Result] = []
    entry = queue.enqueue("acme", WRITE, handler=calls.append)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", "SET")
    queue.lost(entry, LostAnswer("the line was cut"))
    answer(queue, claim.requests)
    result = queue.result(entry)
    assert (result.state, result.error) == (EntryState.DONE, None)
    assert [call.state for call in calls] == [EntryState.UNKNOWN, EntryState.DONE]


def test_a_read_that_was_lost_is_not_asked_again_when_its_answer_comes_after_all(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", READ)
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(entry, "<text/>", None)
    queue.lost(entry, LostAnswer("the line was cut"))
    answer(queue, claim.requests)
    assert queue.result(entry).state is EntryState.DONE
    assert queue.left("acme") == 0
    assert queue.claim("acme") is None


def test_what_was_answered_while_it_was_built_again_is_not_handed_out(queue: RequestQueue) -> None:
    entry = queue.enqueue("acme", READ)
    claim = queue.claim("acme")
    assert claim is not None
    assert queue.handed_out(entry, "<text/>", None)
    queue.lost(entry, LostAnswer("the line was cut"))
    assert queue.claim("acme") == claim
    answer(queue, claim.requests)
    assert not queue.handed_out(entry, "<text/>", None)
    assert queue.result(entry).state is EntryState.DONE


@pytest.mark.parametrize("request_", [READ, WRITE])
def test_what_is_not_out_cannot_be_lost(queue: RequestQueue, request_: dict[str, dict[str, object]]) -> None:
    entry = queue.enqueue("acme", request_)
    queue.lost(entry, LostAnswer("no"))
    assert queue.result(entry) == Result(entry, EntryState.QUEUED)
    hand_out(queue)
    queue.failed(entry, RefusedSet("0x80040400", "no"))
    queue.lost(entry, LostAnswer("no"))
    assert queue.result(entry).state is EntryState.FAILED


# --- handlers


def test_a_handler_may_enqueue_what_follows_and_it_counts_at_once(queue: RequestQueue) -> None:
    queue.enqueue("acme", READ, handler=lambda result: queue.enqueue("acme", WRITE))
    claim = queue.claim("acme")
    assert claim is not None
    queue.handed_out(claim.entry_id, "<text/>", None)
    assert queue.left("acme") == 0
    answer(queue, claim.requests)
    assert queue.left("acme") == 1


def test_a_handler_that_fails_changes_nothing_and_is_logged(
    queue: RequestQueue, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(result: Result) -> None:
        raise RuntimeError("a mistake in the handler")

    entry = queue.enqueue("acme", READ, handler=broken)
    hand_out(queue)
    queue.failed(entry, RefusedSet("0x80040400", "no"))
    result = queue.result(entry)
    assert result.state is EntryState.FAILED
    assert isinstance(result.error, RefusedSet)
    assert result.error.hresult == "0x80040400"
    assert "a mistake in the handler" in caplog.text
