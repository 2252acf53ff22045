"""The conversation's tables alone: no queue, no codec, no SOAP."""

from __future__ import annotations

import itertools

import pytest

from soap.conversation import (
    ASKS,
    LAST_ERRORS,
    TRANSITIONS,
    Ask,
    Call,
    Conversation,
    Event,
    State,
    next_progress,
)
from soap.errors import OutOfOrder

#: The events that can follow from what was asked. After NOTHING and KEEP nothing is noted.
FOLLOWS: dict[Ask, set[Event]] = {
    Ask.NOTHING: set(),
    Ask.KEEP: set(),
    Ask.CLAIM: {Event.HANDED_OUT, Event.NOTHING_QUEUED, Event.NO_COMMON_VERSION},
    Ask.LOSE_AND_CLAIM: {Event.HANDED_OUT, Event.NOTHING_QUEUED, Event.NO_COMMON_VERSION},
    Ask.SETTLE: {Event.WORK_LEFT, Event.QUEUE_EMPTY, Event.ANSWER_LOST},
    Ask.COUNT: {Event.WORK_LEFT, Event.QUEUE_EMPTY},
    Ask.LOSE: {Event.ENDED},
    Ask.CLOSE: {Event.ENDED},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("call", Call)
def test_there_is_something_to_do_for_every_call_in_every_state(state: State, call: Call) -> None:
    assert isinstance(Conversation(state).ask(call), Ask)


@pytest.mark.parametrize("state", State)
def test_every_outcome_of_every_question_has_a_next_state_and_no_other_event_has_one(state: State) -> None:
    possible = {event for ask in ASKS[state].values() for event in FOLLOWS[ask]}
    if state is not State.UNKNOWN:
        possible.add(Event.ENDED)  # a newer session can take over in any state
    assert set(TRANSITIONS[state]) == possible


IMPOSSIBLE = [(state, event) for state in State for event in Event if event not in TRANSITIONS[state]]


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE)
def test_an_event_that_cannot_happen_is_a_named_error(state: State, event: Event) -> None:
    with pytest.raises(OutOfOrder, match=f"{event.name} .* {state.name}"):
        Conversation(state).after(event)


def test_a_ticket_nobody_knows_cannot_reach_the_queue() -> None:
    assert set(ASKS[State.UNKNOWN].values()) == {Ask.NOTHING}


@pytest.mark.parametrize("state", State)
def test_a_claim_is_only_made_where_nothing_is_out_or_what_is_out_is_lost_first(state: State) -> None:
    claims = Ask.LOSE_AND_CLAIM if state is State.AWAITING else Ask.CLAIM
    assert set(ASKS[state].values()) & {Ask.CLAIM, Ask.LOSE_AND_CLAIM} <= {claims}


@pytest.mark.parametrize("call", [Call.CLOSE_CONNECTION, Call.CONNECTION_ERROR])
def test_what_is_out_when_a_session_ends_is_lost_and_not_forgotten(call: Call) -> None:
    assert ASKS[State.AWAITING][call] is Ask.LOSE


@pytest.mark.parametrize("state", State)
def test_get_last_error_always_has_a_text(state: State) -> None:
    assert Conversation(state).last_error().strip()
    assert set(LAST_ERRORS) == set(State)


def test_what_went_wrong_is_told_until_the_end_of_the_session() -> None:
    failed = Conversation(State.AWAITING).after(Event.ANSWER_LOST, error="The reeds are in the way.")
    assert failed.last_error() == "The reeds are in the way."
    assert failed.after(Event.ENDED).last_error() == "The reeds are in the way."


@pytest.mark.parametrize("state", State)
def test_no_text_is_one_of_the_words_that_the_web_connector_takes_as_a_command(state: State) -> None:
    assert Conversation(state).last_error() not in ("NoOp", "Interactive mode")


def test_a_session_is_finished_when_and_only_when_nothing_is_left() -> None:
    for left in range(200):
        answered = Conversation(State.AWAITING).counted(left)
        result = answered.receive_response_result()
        assert (result == 100) == (left == 0)
        assert left == 0 or 0 <= result <= 99


@pytest.mark.parametrize("state", [State.FAILED, State.CLOSED, State.UNKNOWN])
def test_a_session_that_cannot_go_on_answers_a_negative_integer(state: State) -> None:
    assert Conversation(state).receive_response_result() < 0


def test_an_answer_that_comes_twice_is_answered_as_before() -> None:
    first = Conversation(State.AWAITING, answered=0).counted(3)
    assert first.ask(Call.RECEIVE_RESPONSE) is Ask.KEEP
    assert first.receive_response_result() == 25
    last = Conversation(State.AWAITING).counted(0)
    assert last.ask(Call.RECEIVE_RESPONSE) is Ask.KEEP
    assert last.receive_response_result() == 100


def test_progress_never_goes_back_when_work_arrives() -> None:
    conversation = Conversation()
    told = []
    for left in (3, 2, 40, 39, 500, 1):
        conversation = conversation.after(Event.HANDED_OUT).counted(left)
        told.append(conversation.receive_response_result())
    assert told == sorted(told)
    assert told[:2] == [25, 50]


def test_progress_is_a_whole_number_below_100_while_work_is_left() -> None:
    for before, answered, left in itertools.product((0, 40, 99), (0, 1, 7, 100_000), (1, 2, 999)):
        progress = next_progress(before, answered, left)
        assert type(progress) is int
        assert before <= progress <= 99


def test_a_question_of_our_own_is_no_progress() -> None:
    idling = Conversation(State.READY, answered=1, progress=50).after(Event.NOTHING_QUEUED)
    assert idling.state is State.IDLING
    assert idling.counted(1).answered == 1
    assert idling.counted(0).receive_response_result() == 100


def test_a_whole_conversation_walks_through_the_states() -> None:
    conversation = Conversation()
    walked = [conversation.state]
    for event, left in [
        (Event.HANDED_OUT, 0),
        (Event.WORK_LEFT, 1),
        (Event.HANDED_OUT, 0),
        (Event.QUEUE_EMPTY, 0),
        (Event.ENDED, 0),
    ]:
        conversation = conversation.after(event, left=left)
        walked.append(conversation.state)
    assert walked == [
        State.READY,
        State.AWAITING,
        State.READY,
        State.AWAITING,
        State.DRAINED,
        State.CLOSED,
    ]
