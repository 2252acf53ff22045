"""The conversation's tables alone: no queue, no codec, no SOAP."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soap.conversation import (
    ASKS,
    LAST_ERRORS,
    STRANGER,
    TRANSITIONS,
    Ask,
    Call,
    Conversation,
    Event,
    State,
    next_progress,
)
from soap.errors import OutOfOrder
from soap.queue import Errand

#: What handing out can lead to, for a session whose company file is confirmed or not.
NEXT = {Event.HANDED_OUT, Event.NOTHING, Event.REFUSED}
#: The events that can follow from what was asked. After NOTHING and KEEP nothing is noted.
FOLLOWS: dict[Ask, set[Event]] = {
    Ask.NOTHING: set(),
    Ask.KEEP: set(),
    Ask.NEXT: NEXT,
    Ask.LOSE_AND_NEXT: NEXT,
    Ask.SETTLE: {Event.WORK_LEFT, Event.QUEUE_EMPTY, Event.ANSWER_LOST, Event.REFUSED},
    Ask.LOSE: {Event.ENDED},
    Ask.CLOSE: {Event.ENDED},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("call", Call)
def test_there_is_something_to_do_for_every_call_in_every_state(state: State, call: Call) -> None:
    assert Conversation(state).ask(call) in FOLLOWS


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("call", Call)
def test_every_outcome_of_every_question_has_a_next_state(state: State, call: Call) -> None:
    for event in FOLLOWS[ASKS[state][call]]:
        assert isinstance(Conversation(state).after(event).state, State)


@pytest.mark.parametrize("state", State)
def test_no_event_has_a_next_state_that_cannot_follow_from_a_call(state: State) -> None:
    possible = {event for ask in ASKS[state].values() for event in FOLLOWS[ask]}
    if state is State.READY:
        possible.add(Event.OTHER_PATH)  # connectionError, which is not answered by the tables alone
    if state is State.CLOSED:
        possible.add(Event.ENDED)
    assert set(TRANSITIONS[state]) == possible


IMPOSSIBLE = [(state, event) for state in State for event in Event if event not in TRANSITIONS[state]]


@pytest.mark.parametrize(("state", "event"), IMPOSSIBLE)
def test_an_event_that_cannot_happen_is_a_named_error(state: State, event: Event) -> None:
    with pytest.raises(OutOfOrder, match=f"{event.name} .* {state.name}"):
        Conversation(state).after(event)


def test_a_ticket_nobody_knows_cannot_reach_the_queue() -> None:
    assert set(ASKS[State.STRANGE].values()) == {Ask.NOTHING}
    assert STRANGER.state is State.STRANGE


@pytest.mark.parametrize("state", State)
def test_something_is_only_handed_out_where_nothing_is_out_or_what_is_out_is_lost_first(state: State) -> None:
    fitting = Ask.LOSE_AND_NEXT if state is State.OUT else Ask.NEXT
    assert set(ASKS[state].values()) & {Ask.NEXT, Ask.LOSE_AND_NEXT} <= {fitting}


@pytest.mark.parametrize("call", [Call.CLOSE_CONNECTION, Call.CONNECTION_ERROR])
def test_what_is_out_when_a_session_ends_is_lost_and_not_forgotten(call: Call) -> None:
    assert ASKS[State.OUT][call] is Ask.LOSE


@pytest.mark.parametrize("state", [state for state in State if state not in (State.OUT, State.STRANGE)])
def test_an_answer_that_nobody_waits_for_is_kept_whatever_the_state(state: State) -> None:
    assert ASKS[state][Call.RECEIVE_RESPONSE] is Ask.KEEP


@pytest.mark.parametrize("state", State)
def test_get_last_error_always_has_a_text(state: State) -> None:
    assert Conversation(state).last_error().strip()
    assert set(LAST_ERRORS) == set(State)


@pytest.mark.parametrize("state", State)
def test_no_text_but_that_of_a_pause_is_a_word_that_the_web_connector_takes_as_a_command(state: State) -> None:
    text = Conversation(state, error="The reeds are in the way.").last_error()
    assert (text == "NoOp") == (state is State.PAUSED)
    assert text != "Interactive mode"


def test_what_went_wrong_is_told_until_the_end_of_the_session() -> None:
    failed = Conversation(State.OUT).after(Event.ANSWER_LOST, error="The reeds are in the way.")
    assert failed.last_error() == "The reeds are in the way."
    assert failed.after(Event.ENDED).last_error() == "The reeds are in the way."


def out(errand: Errand = Errand.SET) -> Conversation:
    return Conversation(confirmed=True).handed_out(errand, "a", 100.0)


def test_a_session_is_finished_when_and_only_when_nothing_is_left() -> None:
    for left in range(200):
        result = out().answered_with(left).receive_response_result()
        assert (result == 100) == (left == 0)
        assert left == 0 or 0 <= result <= 99


def test_a_session_that_waits_for_work_goes_on_with_nothing_left() -> None:
    staying = out().answered_with(0, stay=True)
    assert staying.state is State.READY
    assert 0 <= staying.receive_response_result() < 100


@pytest.mark.parametrize("state", [State.FAILED, State.CLOSED, State.STRANGE])
def test_a_session_that_cannot_go_on_answers_a_negative_integer(state: State) -> None:
    assert Conversation(state).receive_response_result() < 0


def test_an_answer_that_comes_twice_is_answered_as_before() -> None:
    first = out().answered_with(3)
    assert first.ask(Call.RECEIVE_RESPONSE) is Ask.KEEP
    assert first.receive_response_result() == 25
    last = out().answered_with(0)
    assert last.ask(Call.RECEIVE_RESPONSE) is Ask.KEEP
    assert last.receive_response_result() == 100


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.integers(-1000, 1000))
def test_progress_stays_within_0_and_99_and_never_goes_back_whatever_arrives_and_whoever_counts(
    lefts: list[int], wrong: int
) -> None:
    for count in (next_progress, lambda before, answered, left: wrong * left):
        conversation, told = Conversation(confirmed=True), []
        for left in lefts:
            conversation = conversation.handed_out(Errand.SET, "a", 0.0).answered_with(left, progress=count)
            told.append(conversation.receive_response_result())
        assert told == sorted(told)
        assert all(0 <= figure <= 99 for figure in told)


def test_progress_counts_what_is_done_of_what_there_is() -> None:
    conversation, told = Conversation(confirmed=True), []
    for left in (3, 2, 40, 2):
        conversation = conversation.handed_out(Errand.SET, "a", 0.0).answered_with(left)
        told.append(conversation.receive_response_result())
    assert told == [25, 50, 50, 66]


@pytest.mark.parametrize("errand", Errand)
def test_a_question_of_our_own_is_no_progress(errand: Errand) -> None:
    counts = errand in (Errand.SET, Errand.AGAIN, Errand.ASK)
    assert out(errand).answered_with(1).answered == counts
    assert out(errand).answered_with(0).receive_response_result() == 100


def test_nothing_but_the_question_which_file_it_is_goes_out_before_the_file_is_confirmed() -> None:
    assert Conversation().errands() == (Errand.VERIFY,)
    errands = Conversation(confirmed=True).errands()
    assert Errand.VERIFY not in errands
    assert errands.index(Errand.AGAIN) < errands.index(Errand.SET) < errands.index(Errand.IDLE)


def test_the_time_without_work_begins_with_the_first_idle_question_and_ends_with_work() -> None:
    conversation = Conversation(confirmed=True)
    for now in (10.0, 20.0):
        conversation = conversation.handed_out(Errand.IDLE, "", now).answered_with(0, stay=True)
        assert conversation.idle_since == 10.0
    assert conversation.handed_out(Errand.SET, "a", 30.0).idle_since is None


def test_a_whole_conversation_walks_through_the_states() -> None:
    conversation = Conversation(confirmed=True)
    walked = [conversation.state]
    for left in (1, 0):
        conversation = conversation.handed_out(Errand.SET, "a", 0.0)
        walked.append(conversation.state)
        conversation = conversation.answered_with(left)
        walked.append(conversation.state)
    walked.append(conversation.after(Event.ENDED).state)
    assert walked == [State.READY, State.OUT, State.READY, State.OUT, State.DRAINED, State.CLOSED]


conversations = st.builds(
    Conversation,
    state=st.sampled_from(State),
    errand=st.none() | st.sampled_from(Errand),
    set_id=st.text(max_size=30),
    answered=st.integers(0, 10**6),
    lost=st.integers(0, 5),
    progress=st.integers(0, 99),
    error=st.text(max_size=200),
    confirmed=st.booleans(),
    owner_id=st.text(max_size=40),
    file_id=st.text(max_size=40),
    other_path=st.booleans(),
    version=st.sampled_from(["", "13.0"]),
    edition=st.sampled_from(["", "US", "CA"]),
    idle_since=st.none() | st.floats(1, 4e9),
)


@given(conversations)
def test_a_conversation_comes_back_from_a_store_as_it_was(conversation: Conversation) -> None:
    assert Conversation.from_json(conversation.to_json()) == conversation


def test_a_conversation_of_another_release_is_read_as_far_as_it_is_known() -> None:
    text = Conversation(answered=3).to_json().replace("{", '{"of_the_future":1,', 1)
    assert Conversation.from_json(text) == Conversation(answered=3)


def test_the_counter_of_progress_is_told_what_is_left_and_decides_alone_below_its_bounds() -> None:
    for before, answered, left in itertools.product((0, 40), (0, 7), (1, 999)):
        assert type(next_progress(before, answered, left)) is int
    assert out().answered_with(7, progress=lambda before, answered, left: 10 * left).progress == 70
