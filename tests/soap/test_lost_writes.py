"""soap/queue/delivery.py: writes whose answer is lost, and what QuickBooks is let forget of them."""

from __future__ import annotations

from typing import Any

import pytest

from soap import Limits, State
from tests.soap.helpers import (
    CUSTOMER,
    LIMITS,
    PASSWORD,
    READ,
    RECOVERY,
    USERNAME,
    WRITE,
    Server,
    answer_to,
    answer_to_text,
    is_question,
    lose,
    message_set_id,
    old_message_set_id,
    recovered,
    requests_in,
    set_status_only,
    write,
)


@pytest.fixture
def server() -> Server:
    return Server(limits=LIMITS)


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
