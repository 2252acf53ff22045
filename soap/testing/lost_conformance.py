"""What every queue has to do with what QuickBooks may have done or not: a part of the contract, as tests."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml

from ..errors import NotUnknown
from ..queue import Errand, Handed, Limits, Refusal, RequestQueue, State
from .rows import Clock, answer, do_all, hand_out, lose, settle, write
from .store_conformance import StoreConformance


class LostConformance(StoreConformance):
    """Tests of lost answers, and of a QuickBooks that goes down in the middle of a set."""

    # -- what is out -------------------------------------------------------------------------------------------------

    def test_what_is_out_can_not_be_called_back_and_is_not_done_again(self, queue: RequestQueue) -> None:
        """QuickBooks is only asked about it then."""
        id_ = queue.enqueue("c", write())
        assert hand_out(queue, "c") is not None
        assert queue.cancel(id_) is State.SENT
        with queue.deliver("c") as delivery:
            delivery.lose("the line was cut")
            asked = delivery.ask("next")
        assert asked is not None
        assert asked.errand is Errand.ASK
        assert queue.result(id_).state is State.UNKNOWN

    @pytest.mark.parametrize("outcome", [State.DONE, State.FAILED, State.QUEUED])
    def test_what_is_unknown_can_be_settled_by_its_caller(self, queue: RequestQueue, outcome: State) -> None:
        """With all of its set, and only while it is unknown."""
        ids = queue.enqueue_many("c", [write("a"), write("b")], one_set=True, handler="h")
        with pytest.raises(NotUnknown) as caught:
            queue.resolve(ids[0], outcome)
        assert caught.value.state == "queued"
        handed = hand_out(queue, "c")
        assert handed is not None
        with queue.deliver("c") as delivery:
            delivery.lose("the line was cut")
        for wrong in (State.SENT, State.UNKNOWN, State.CANCELLED, State.EXPIRED):
            with pytest.raises(ValueError, match="outcome"):
                queue.resolve(ids[0], wrong)
        assert queue.resolve(ids[1], outcome, "looked into the books").state is outcome
        assert [queue.result(id_).state for id_ in ids] == [outcome, outcome]
        assert "looked into the books" in queue.history(ids[0])[-1].reason
        assert (queue.store.handlers_due(["h"]) is None) == (outcome is State.QUEUED)
        with pytest.raises(NotUnknown):
            queue.resolve(ids[0], State.DONE)
        again = hand_out(queue, "c")
        assert (again is not None) == (outcome is State.QUEUED)
        assert again is None or again.text != handed.text

    # -- going down in the middle ------------------------------------------------------------------------------------

    @pytest.mark.parametrize("on_error", ["stopOnError", "continueOnError"])
    @pytest.mark.parametrize("done", [0, 1, 3])
    def test_what_quickbooks_never_came_to_waits_again_in_its_place(
        self, queue: RequestQueue, done: int, on_error: Any
    ) -> None:
        """As a set of its own with an id of its own; what was done before is done."""
        ids = queue.enqueue_many("c", [write(name) for name in "abcd"], one_set=True, on_error=on_error)
        last = queue.enqueue("c", write("e"))
        first = hand_out(queue, "c")
        again = lose(queue, "c")
        assert first is not None
        assert again is not None
        assert again.text == first.text
        codes = [0] * done + [3231] * (4 - done)
        assert settle(queue, "c", again, codes).name == "ANSWERED"
        states = [State.DONE] * done + [State.QUEUED] * (4 - done)
        assert [queue.result(id_).state for id_ in ids] == states
        assert "never came to it" in queue.history(ids[done])[-1].reason
        assert queue.result(ids[done]).error is None
        assert queue.waiting("c") == 2
        comes_late(queue, again, codes)  # which says nothing new
        assert [queue.result(id_).state for id_ in ids] == states
        rest = hand_out(queue, "c")
        assert rest is not None
        assert rest.set_id == ids[done]
        assert [id_ in rest.text for id_ in ids] == [False] * done + [True] * (4 - done)
        assert f'onError="{on_error}"' in rest.text
        set_ids = [queue.result(id_).message_set_id for id_ in (ids[0], ids[done])]
        assert set_ids[1]
        assert set_ids[1] not in first.text
        comes_late(queue, again, codes)  # nor does it of the attempt that is out
        assert queue.result(ids[done]).state is State.SENT
        settle(queue, "c", rest)
        assert [queue.result(id_).state for id_ in ids] == [State.DONE] * 4
        assert do_all(queue, "c") == [last]

    @pytest.mark.parametrize(
        ("on_error", "codes", "states"),
        [
            ("stopOnError", [0, 3100, 3231], ["done", "failed", "failed"]),
            ("continueOnError", [0, 3100, 3231], ["done", "failed", "queued"]),
            ("continueOnError", [0, 3231, 0], ["done", "failed", "done"]),
            ("stopOnError", [500, 3231, 3231], ["done", "queued", "queued"]),
        ],
    )
    def test_what_is_behind_an_error_at_which_its_set_stops_does_not_wait_again(
        self, queue: RequestQueue, on_error: Any, codes: list[int], states: list[str]
    ) -> None:
        """Nor what QuickBooks says it never came to, though it came to what is behind; a warning is no error."""
        ids = queue.enqueue_many("c", [write(name) for name in "abc"], one_set=True, on_error=on_error)
        hand_out(queue, "c")
        again = lose(queue, "c")
        assert again is not None
        settle(queue, "c", again, codes)
        assert [queue.result(id_).state.value for id_ in ids] == states

    def test_what_quickbooks_never_comes_to_is_given_up_after_some_attempts(self, queue: RequestQueue) -> None:
        """Perhaps it is what brings QuickBooks down."""
        queue = RequestQueue(queue.store, limits=Limits(unprocessed_attempts=5))
        id_ = queue.enqueue("c", write())
        for attempt in range(3):
            assert hand_out(queue, "c", f"first {attempt}") is not None
            again = lose(queue, "c", f"second {attempt}")
            assert again is not None
            settle(queue, "c", again, 3231)
        result = queue.result(id_)
        assert (result.state, result.status_code, result.attempts) == (State.FAILED, 3231, 6)

    def test_what_was_withdrawn_or_is_too_late_does_not_go_out_again(self, queue: RequestQueue, clock: Clock) -> None:
        """Though QuickBooks never came to it."""
        cancelled = queue.enqueue("c", write("a"))
        late = queue.enqueue("d", write("b"), expires_at=clock.now + 120)
        for connection, id_ in (("c", cancelled), ("d", late)):
            handed = hand_out(queue, connection)
            assert handed is not None
            if id_ == cancelled:
                queue.cancel(id_)
            clock.advance(60)
            asked = lose(queue, connection)
            assert asked is not None
            assert asked.errand is Errand.ASK
            raw = answer(handed.text, 3231)
            with queue.deliver(connection) as delivery:
                delivery.settle(asked.errand, asked.set_id, qbxml.parse(raw), raw, Refusal())
            assert hand_out(queue, connection) is None
        assert [queue.result(id_).state for id_ in (cancelled, late)] == [State.FAILED, State.EXPIRED]

    def test_what_a_set_defines_is_not_looked_for_in_another(self, queue: RequestQueue) -> None:
        """A macro is known within its message set alone."""
        invoice = {"InvoiceAddRq": {"InvoiceAdd": {"defMacro": "TxnID:1", "CustomerRef": {"FullName": "Annie"}}}}
        applied = {"TxnID": {"useMacro": "TxnID:1"}, "PaymentAmount": "1.00"}
        payment = {"CustomerRef": {"FullName": "Annie"}, "TotalAmount": "1.00", "AppliedToTxnAdd": [applied]}
        both = [invoice, {"ReceivePaymentAddRq": {"ReceivePaymentAdd": payment}}]
        for codes, states in (([0, 3231], ["done", "failed"]), ([3231, 3231], ["queued", "queued"])):
            ids = queue.enqueue_many("c", both, one_set=True)
            hand_out(queue, "c")
            again = lose(queue, "c")
            assert again is not None
            settle(queue, "c", again, codes)
            assert [queue.result(id_).state.value for id_ in ids] == states


def comes_late(queue: RequestQueue, handed: Handed, codes: list[int]) -> None:
    """The answer to something that is out no more."""
    raw = answer(handed.text, codes)
    with queue.deliver("c") as delivery:
        delivery.keep(qbxml.parse(raw), raw)
