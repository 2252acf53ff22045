"""What every queue has to do, whatever its store: the contract, as tests."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest

from ..errors import IdempotencyConflict, QueueFull, UnknownRequest
from ..queue import Errand, Limits, Refusal, RequestQueue, State
from .lost_conformance import LostConformance
from .rows import (
    EDITION,
    PATIENCE,
    VERSION,
    Clock,
    answer,
    begin,
    do_all,
    hand_out,
    read,
    settle,
    together,
    write,
)

#: Texts that a store may be tempted to change, cut or refuse.
UNUSUAL = {
    "not of the BMP": "𝒜nnie 🐊 \U0010ffff",
    "combining": "e\u0301 é ﬁ ẞ",
    "quotes": '\'; DROP TABLE "x" -- \\ % _ :name ?',
    "blanks": " \t a \n\r\n b  ",
    "right to left": "\u202eשלום",
    "controls": "\x01\x1b\x7f\x85\u2028",
    "long": "ß" * 100_000,
}


#: Where a caller of ``enqueue`` can put a text, beside the request.
_PLACES = ("connection", "idempotency_key", "handler")


class QueueConformance(LostConformance):
    """Tests that any store has to pass. Write a subclass whose name begins with ``Test``.

    .. code-block:: python

        class TestMyQueue(QueueConformance):
            durable = True

            def make_queue(self, clock):
                return RequestQueue(MyStore(new_database(), clock))

            def reopen(self, queue, clock):
                return RequestQueue(MyStore(queue.store.database, clock))

    ``make_queue`` gives a new and empty queue each time. ``clock`` gives seconds since 1970, and is moved by the tests.
    A store that is not ``durable`` needs no ``reopen``. A few tests take some tenths of a second, for they wait.
    """

    # -- order -------------------------------------------------------------------------------------------------------

    def test_requests_go_out_by_priority_and_then_as_they_came(self, queue: RequestQueue) -> None:
        """And what belongs to another connection does not matter."""
        ids = {}
        for name, priority in (("a", 0), ("b", 5), ("c", -1), ("d", 5), ("e", 0)):
            ids[queue.enqueue("c", write(name), priority=priority)] = name
            queue.enqueue("other", write(name), priority=9)
        begin(queue, "c")
        assert [ids[id_] for id_ in do_all(queue, "c")] == ["b", "d", "a", "e", "c"]
        assert queue.waiting("other") == 5

    def test_one_set_of_a_connection_is_out_at_a_time(self, queue: RequestQueue) -> None:
        """Another connection does not wait for it."""
        for connection in ("c", "c", "d"):
            queue.enqueue(connection, read())
        first = hand_out(queue, "c")
        assert first is not None
        assert hand_out(queue, "c") is None
        assert hand_out(queue, "d") is not None
        settle(queue, "c", first)
        assert hand_out(queue, "c") is not None

    def test_what_is_not_due_yet_does_not_hold_up_the_others_and_keeps_its_place(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """``not_before`` is judged by the store's clock."""
        late = queue.enqueue("c", write("late"), not_before=clock.now + 60)
        others = [queue.enqueue("c", write(name)) for name in "ab"]
        assert queue.waiting("c") == 2
        handed = hand_out(queue, "c")
        assert handed is not None
        assert handed.set_id == others[0]
        settle(queue, "c", handed)
        clock.advance(59.5)
        assert queue.waiting("c") == 1
        clock.advance(0.5)
        assert do_all(queue, "c") == [late, others[1]]

    def test_requests_joined_to_a_set_go_out_together(self, queue: RequestQueue) -> None:
        """In the order in which they were given."""
        ids = queue.enqueue_many("c", [write(name) for name in "abc"], one_set=True)
        assert queue.waiting("c") == 1
        handed = hand_out(queue, "c")
        assert handed is not None
        places = [handed.text.index(id_) for id_ in ids]
        assert places == sorted(places)
        assert {queue.result(id_).state for id_ in ids} == {State.SENT}
        settle(queue, "c", handed)
        assert {queue.result(id_).state for id_ in ids} == {State.DONE}

    def test_threads_hand_out_each_request_once_and_in_order(self, queue: RequestQueue) -> None:
        """Eight threads on four connections."""
        ids: dict[str, list[str]] = {f"c{number}": [] for number in range(4)}
        for number in range(5):
            for connection, own in ids.items():
                own.append(queue.enqueue(connection, write(f"{number}")))
        taken: dict[str, list[str]] = {connection: [] for connection in ids}

        def work(number: int) -> None:
            connection = f"c{number % 4}"
            until = monotonic() + PATIENCE
            while len(taken[connection]) < 5 and monotonic() < until:
                with queue.deliver(connection) as delivery:
                    handed = delivery.hand_out(f"s{number}", VERSION, EDITION)
                    if handed is not None:
                        taken[connection].append(handed.set_id)
                if handed is None:
                    sleep(0.001)
                else:
                    settle(queue, connection, handed)

        together(8, work)
        assert taken == ids
        for own in ids.values():
            assert [queue.result(id_).attempts for id_ in own] == [1] * 5

    # -- expiring ----------------------------------------------------------------------------------------------------

    def test_a_request_whose_time_is_over_is_not_handed_out_even_if_nobody_tended(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """It is judged in the moment of handing out, by the store's clock."""
        ids = [queue.enqueue("c", write(name), expires_at=clock.now + 60) for name in "ab"]
        ids += queue.enqueue_many("c", [write("c"), write("d")], one_set=True, expires_at=clock.now + 60)
        last = queue.enqueue("c", write("e"), expires_at=clock.now + 61)
        clock.advance(59.9)
        handed = hand_out(queue, "c")
        assert handed is not None
        assert handed.set_id == ids[0]
        settle(queue, "c", handed)
        clock.advance(0.1)
        assert do_all(queue, "c") == [last]
        assert [queue.result(id_).state for id_ in ids[1:]] == [State.EXPIRED] * 3
        result = queue.result(ids[1])
        assert result.error is not None
        assert result.error["kind"] == "expired"
        assert result.finished_at is not None
        assert result.finished_at.timestamp() == clock.now

    def test_tending_expires_and_loses_and_forgets_in_time(self, queue: RequestQueue, clock: Clock) -> None:
        """And says how many."""
        queue = RequestQueue(queue.store, retention=1000.0, limits=Limits(session_timeout=100.0))
        expiring = queue.enqueue("c", read(), expires_at=clock.now + 50)
        with queue.deliver("d") as delivery:
            delivery.begin("session", "{}")
        write_id = queue.enqueue("d", write())
        assert hand_out(queue, "d") is not None
        clock.advance(50)
        assert queue.tend().expired == 1
        assert queue.result(expiring).state is State.EXPIRED
        clock.advance(50)
        assert queue.tend().lost == 1
        assert queue.result(write_id).state is State.UNKNOWN
        clock.advance(951)
        assert queue.tend().forgotten == 1
        with pytest.raises(UnknownRequest):
            queue.result(expiring)
        assert queue.result(write_id).state is State.UNKNOWN

    def test_a_write_is_kept_until_quickbooks_was_told_to_forget_it(self, queue: RequestQueue, clock: Clock) -> None:
        """Whatever the retention."""
        queue = RequestQueue(queue.store, retention=10.0)
        first = queue.enqueue("c", write("a"))
        do_all(queue, "c")
        clock.advance(11)
        assert queue.tend().forgotten == 0
        queue.enqueue("c", write("b"))
        do_all(queue, "c")
        assert queue.tend().forgotten == 1
        with pytest.raises(UnknownRequest):
            queue.history(first)

    # -- idempotency -------------------------------------------------------------------------------------------------

    def test_the_same_key_again_gives_the_same_ids_also_when_it_is_done(self, queue: RequestQueue) -> None:
        """The order of fields makes no difference."""
        request = {"CustomerQueryRq": {"MaxReturned": 1, "ActiveStatus": "All"}}
        turned = {"CustomerQueryRq": {"ActiveStatus": "All", "MaxReturned": 1}}
        first = queue.enqueue("c", request, idempotency_key="k")
        assert queue.enqueue("c", turned, idempotency_key="k") == first
        several = queue.enqueue_many("c", [read(), write()], idempotency_key="several")
        assert len(set(several)) == 2
        assert queue.enqueue_many("c", [read(), write()], idempotency_key="several") == several
        do_all(queue, "c")
        assert queue.enqueue("c", request, idempotency_key="k") == first
        assert queue.enqueue_many("c", [read(), write()], idempotency_key="several") == several
        assert len(queue.find("c")) == 3

    def test_the_same_key_for_something_else_is_refused(self, queue: RequestQueue) -> None:
        """And nothing of it is kept. In another connection it is another key."""
        first = queue.enqueue("c", read(), idempotency_key="k")
        for requests in ([read(2)], [read(), read()]):
            with pytest.raises(IdempotencyConflict) as caught:
                queue.enqueue_many("c", requests, idempotency_key="k")
            assert (caught.value.connection, caught.value.key) == ("c", "k")
        assert [result.id for result in queue.find()] == [first]
        assert queue.enqueue("d", read(2), idempotency_key="k") != first

    def test_the_same_key_at_the_same_moment_makes_one_request(self, queue: RequestQueue) -> None:
        """Eight threads."""
        for number in range(5):
            ids = together(8, lambda _, key=str(number): queue.enqueue("c", read(), idempotency_key=key))  # type: ignore[misc]
            assert len(set(ids)) == 1
        assert len(queue.find("c")) == 5

    # -- how many ----------------------------------------------------------------------------------------------------

    def test_no_more_requests_wait_than_may_and_those_that_are_too_many_are_refused_together(
        self, queue: RequestQueue
    ) -> None:
        """Counted by requests, in each connection for itself; what was handed out waits no more."""
        queue = RequestQueue(queue.store, most_waiting=3)
        queue.enqueue_many("c", [read(), read()], one_set=True)
        with pytest.raises(QueueFull) as caught:
            queue.enqueue_many("c", [read(), read()])
        assert (caught.value.connection, caught.value.most) == ("c", 3)
        assert len(queue.find("c")) == 2
        queue.enqueue("c", read())
        with pytest.raises(QueueFull):
            queue.enqueue("c", read())
        queue.enqueue("d", read())
        assert hand_out(queue, "c") is not None
        queue.enqueue_many("c", [read(), read()])

    def test_no_more_requests_wait_than_may_when_many_come_at_once(self, queue: RequestQueue) -> None:
        """Eight threads."""
        queue = RequestQueue(queue.store, most_waiting=5)

        def fill(_: int) -> int:
            done = 0
            for _ in range(3):
                try:
                    queue.enqueue("c", read())
                except QueueFull:
                    continue
                done += 1
            return done

        assert sum(together(8, fill)) == 5
        assert len(queue.find("c", states=[State.QUEUED])) == 5

    # -- looking -----------------------------------------------------------------------------------------------------

    def test_requests_are_found_page_by_page_and_by_what_they_are(self, queue: RequestQueue) -> None:
        """In their order of arrival, or the newest first."""
        ids = [queue.enqueue("c", read() if number % 2 else write()) for number in range(7)]
        other = queue.enqueue("d", read())
        for newest_first, expected in ((False, ids), (True, ids[::-1])):
            found: list[str] = []
            while page := queue.find("c", limit=3, after=found[-1] if found else None, newest_first=newest_first):
                assert len(page) <= 3
                found += [result.id for result in page]
            assert found == expected
        assert [result.id for result in queue.find()] == [*ids, other]
        assert [result.id for result in queue.find("c", names=["CustomerQueryRq"])] == ids[1::2]
        handed = hand_out(queue, "c")
        assert handed is not None
        assert [result.id for result in queue.find(states=[State.SENT])] == [ids[0]]
        assert [result.id for result in queue.find("c", states=[State.SENT, State.QUEUED])] == ids
        assert queue.find("c", states=[State.SENT], names=["CustomerQueryRq"]) == []
        assert queue.find("c", states=[]) == queue.find("c", names=[]) == queue.find("nobody") == []
        with pytest.raises(UnknownRequest):
            queue.find(after="no such id")

    def test_an_id_that_is_not_there_is_a_named_error(self, queue: RequestQueue) -> None:
        """For every method that takes one."""
        for ask in (queue.result, queue.history, queue.cancel, lambda id_: queue.resolve(id_, State.DONE)):
            with pytest.raises(UnknownRequest, match="no such id"):
                ask("no such id")

    def test_who_waits_for_a_result_gets_it_as_soon_as_it_is_there(self, queue: RequestQueue) -> None:
        """Also when it is a failure, an expiry or a cancellation."""
        ids = [queue.enqueue("c", write(name)) for name in "abc"]
        with ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(queue.result, id_, PATIENCE) for id_ in ids]
            sleep(0.1)
            assert not any(one.done() for one in waiting)
            begun = monotonic()
            for code in (0, 3100):
                handed = hand_out(queue, "c")
                assert handed is not None
                settle(queue, "c", handed, code)
            queue.cancel(ids[2])
            states = [one.result(PATIENCE).state for one in waiting]
        assert states == [State.DONE, State.FAILED, State.CANCELLED]
        assert monotonic() - begun < PATIENCE / 3
        assert queue.store.signals.watched == 0

    def test_who_waits_too_long_gets_the_request_as_it_stands(self, queue: RequestQueue) -> None:
        """Waiting or unknown."""
        id_ = queue.enqueue("c", write())
        assert queue.result(id_, timeout=0.05).state is State.QUEUED
        assert hand_out(queue, "c") is not None
        with queue.deliver("c") as delivery:
            delivery.lose("the line was cut")
        begun = monotonic()
        assert queue.result(id_, timeout=0.1).state is State.UNKNOWN
        assert monotonic() - begun >= 0.1

    def test_the_history_tells_what_happened_and_when(self, queue: RequestQueue, clock: Clock) -> None:
        """Line by line."""
        id_ = queue.enqueue("c", write())
        clock.advance(1)
        handed = hand_out(queue, "c")
        assert handed is not None
        clock.advance(1)
        settle(queue, "c", handed, 3100)
        events = queue.history(id_)
        assert [(event.at - clock.now, event.state) for event in events] == [
            (-2.0, State.QUEUED),
            (-1.0, State.SENT),
            (0.0, State.FAILED),
        ]
        assert "3100" in events[-1].reason

    def test_what_a_session_needs_to_know_of_its_connection_is_kept(self, queue: RequestQueue, clock: Clock) -> None:
        """Nothing before the first request or session."""
        assert queue.connection("c") is None
        begin(queue, "c", "session")
        row = queue.connection("c")
        assert row is not None
        assert (row.name, row.paused, row.session, row.seen_at) == ("c", False, "session", clock.now)
        session = queue.store.session("session")
        assert session is not None
        assert (session.connection, session.begun_at, session.conversation) == ("c", clock.now, "{}")

    # -- changing one's mind -----------------------------------------------------------------------------------------

    def test_what_waits_can_be_cancelled_with_all_of_its_set(self, queue: RequestQueue) -> None:
        """And is not handed out."""
        ids = queue.enqueue_many("c", [write("a"), write("b")], one_set=True)
        last = queue.enqueue("c", write("c"))
        assert queue.cancel(ids[1]) is State.CANCELLED
        assert [queue.result(id_).state for id_ in ids] == [State.CANCELLED, State.CANCELLED]
        assert queue.cancel(ids[0]) is State.CANCELLED
        assert len(queue.history(ids[0])) == 2
        assert do_all(queue, "c") == [last]
        assert queue.cancel(last) is State.DONE

    def test_what_is_out_stays_as_it_is_where_only_what_waits_is_to_be_cancelled(self, queue: RequestQueue) -> None:
        """It is done again, if its answer is lost, as if nothing had been said."""
        out, waits = queue.enqueue("c", write("a")), queue.enqueue("c", write("b"))
        assert hand_out(queue, "c") is not None
        assert queue.cancel(out, only_waiting=True) is State.SENT
        assert queue.cancel(waits, only_waiting=True) is State.CANCELLED
        with queue.deliver("c") as delivery:
            delivery.lose("the line was cut")
            again = delivery.ask("next")
        assert again is not None
        assert again.errand is Errand.AGAIN

    def test_a_purged_connection_is_as_if_it_had_never_been(self, queue: RequestQueue) -> None:
        """Others are left alone, and whoever waits for one of its requests learns that it is gone."""
        out, waits = queue.enqueue("c", write("a")), queue.enqueue("c", write("b"), idempotency_key="k")
        other = queue.enqueue("other", write("c"))
        assert hand_out(queue, "c") is not None
        assert queue.purge("c") == 2
        assert queue.purge("c") == 0
        for id_ in (out, waits):
            with pytest.raises(UnknownRequest):
                queue.result(id_, timeout=5.0)
        assert queue.connection("c") is None
        assert queue.find("c") == []
        assert queue.store.by_key("c", "k", None) is None
        assert do_all(queue, "other") == [other]
        again = queue.enqueue("c", write("a"), idempotency_key="k")
        assert do_all(queue, "c") == [again]

    def test_a_connection_that_is_paused_hands_out_nothing_and_takes_what_comes(self, queue: RequestQueue) -> None:
        """Until it goes on; other connections do."""
        ids = [queue.enqueue("c", read()) for _ in range(2)]
        queue.enqueue("d", read())
        handed = hand_out(queue, "c")
        assert handed is not None
        queue.pause("c")
        queue.pause("c")
        settle(queue, "c", handed)
        assert queue.result(ids[0]).state is State.DONE
        assert hand_out(queue, "c") is None
        assert (queue.waiting("c"), queue.waiting("d")) == (0, 1)
        assert hand_out(queue, "d") is not None
        with queue.store.signals.watch("w:c") as watch:
            queue.resume("c")
            assert watch.wait(PATIENCE)
        assert queue.waiting("c") == 1
        assert do_all(queue, "c") == [ids[1]]

    # -- handlers ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("end", ["done", "failed", "expired"])
    def test_a_handler_is_due_when_its_request_is_final_and_not_before(
        self, queue: RequestQueue, clock: Clock, end: str
    ) -> None:
        """Whatever its end; and who watches is told."""
        id_ = queue.enqueue("c", write(), handler="h", expires_at=clock.now + 5 if end == "expired" else None)
        assert queue.store.take_handler(["h"], 60.0) is None
        with queue.store.signals.watch("h") as watch:
            if end == "expired":
                clock.advance(5)
                queue.tend()
            else:
                handed = hand_out(queue, "c")
                assert handed is not None
                assert queue.store.take_handler(["h"], 60.0) is None
                settle(queue, "c", handed, 0 if end == "done" else 3100)
            assert watch.wait(PATIENCE)
        entry = queue.store.take_handler(["h"], 60.0)
        assert entry is not None
        assert (entry.id, queue.result(id_).state.value) == (id_, end)

    # -- texts -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL.keys())
    def test_texts_come_back_as_they_were_given(self, queue: RequestQueue, text: str) -> None:
        """Wherever a caller can put one."""
        text_or_short = text[:500]  # an index can't hold a key of any length
        id_ = queue.enqueue(
            text_or_short,
            {"CustomerQueryRq": {"requestID": text, "FullName": ["Annie"]}},
            idempotency_key=text_or_short,
            handler=text_or_short,
            metadata={text: [text, None, 1.5]},
        )
        assert (
            queue.enqueue(text_or_short, {"CustomerQueryRq": {"FullName": ["Annie"]}}, idempotency_key=text_or_short)
            == id_
        )
        result = queue.find(text_or_short)[0]
        assert (result.connection, result.metadata) == (text_or_short, {text: [text, None, 1.5]})
        assert result.request["CustomerQueryRq"]["requestID"] == text
        handed = hand_out(queue, text_or_short)
        assert handed is not None
        raw = f"{answer(handed.text)}<!--{text}-->"
        with queue.deliver(text_or_short) as delivery:
            delivery.lose(text, raw)
            again = delivery.hand_out("s", VERSION, EDITION)
        assert again is not None
        assert queue.result(id_).raw == raw
        assert text in queue.history(id_)[2].reason
        settle(queue, text_or_short, again)
        entry = queue.store.take_handler([text_or_short], 60.0)
        assert entry is not None
        assert entry.id == id_

    def test_requests_and_answers_with_any_character_of_xml_come_back(self, queue: RequestQueue) -> None:
        """In requests as far as QuickBooks can keep it, in answers beyond the BMP as well."""
        name = "Ännie <&> é"
        id_ = queue.enqueue("c", {"CustomerQueryRq": {"FullName": [name]}})
        assert queue.result(id_).request == {"CustomerQueryRq": {"FullName": [name]}}
        handed = hand_out(queue, "c")
        assert handed is not None
        assert handed.text.isascii()
        content = "<CustomerRet><ListID>1</ListID><Name>𝒜nnie 🐊 &lt;&amp;&gt; é</Name></CustomerRet>"
        settle(queue, "c", handed, content=content)
        assert [record["Name"] for record in queue.result(id_).records] == ["𝒜nnie 🐊 <&> é"]

    @pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\ud800b"], ids=["NUL", "only NUL", "half a character"])
    @pytest.mark.parametrize("where", ["connection", "idempotency_key", "handler", "requestID", "reason"])
    def test_what_not_every_store_can_keep_is_refused_by_all(self, queue: RequestQueue, text: str, where: str) -> None:
        """Before the store sees it."""
        if where == "reason":
            with pytest.raises(ValueError, match=where):
                queue.resolve("any", State.DONE, text)
            return
        request = {"CustomerQueryRq": {"requestID": text}} if where == "requestID" else read()
        given: dict[str, Any] = {"connection": "c", "request": request} | ({where: text} if where in _PLACES else {})
        with pytest.raises(ValueError, match=where):
            queue.enqueue(**given)
        assert queue.find() == []

    def test_texts_of_several_megabytes_come_back(self, queue: RequestQueue) -> None:
        """In both directions."""
        names = [f"{number} {'x' * 190}" for number in range(25_000)]
        id_ = queue.enqueue("c", {"CustomerQueryRq": {"FullName": names}})
        handed = hand_out(queue, "c")
        assert handed is not None
        assert len(handed.text) > 5_000_000
        assert queue.result(id_).text == handed.text
        raw = answer(handed.text, content=f"<CustomerRet><Notes>{'ü' * 5_000_000}</Notes></CustomerRet>")
        with queue.deliver("c") as delivery:
            delivery.settle(Errand.SET, handed.set_id, None, raw, Refusal("unreadable"))
        assert queue.result(id_).raw == raw

    # -- lasting -----------------------------------------------------------------------------------------------------

    def test_everything_is_there_when_the_store_is_opened_again(self, queue: RequestQueue, clock: Clock) -> None:
        """Requests in every state, their history, sessions, keys and the order; for durable stores."""
        if not self.durable:
            pytest.skip("this store does not promise to keep anything")
        mine = queue
        ids = [mine.enqueue("c", write(name), metadata=name, handler="h") for name in "abcde"]
        key = mine.enqueue("c", read(), idempotency_key="k", expires_at=clock.now + 1)
        begin(mine, "c", "session")
        for code in (0, 3100):
            handed = hand_out(mine, "c")
            assert handed is not None
            settle(mine, "c", handed, code)
        assert hand_out(mine, "c") is not None
        with mine.deliver("c") as delivery:
            delivery.lose("the line was cut")
        out = hand_out(mine, "c")
        assert out is not None
        mine.pause("c")
        mine.pause("d")
        before = [(result.to_dict(), result.text, result.raw) for result in mine.find()]
        history = [mine.history(id_) for id_ in [*ids, key]]
        mine.close()
        mine = self.reopen(mine, clock)
        try:
            assert [(result.to_dict(), result.text, result.raw) for result in mine.find()] == before
            assert [mine.history(id_) for id_ in [*ids, key]] == history
            assert mine.store.session("session") is not None
            assert mine.enqueue("c", read(), idempotency_key="k") == key
            row = mine.connection("d")
            assert row is not None
            assert row.paused
            mine.resume("c")
            settle(mine, "c", out)
            last = mine.enqueue("c", write("f"))
            clock.advance(2)
            assert do_all(mine, "c") == [ids[4], last]
            assert mine.result(key).state is State.EXPIRED
            assert [mine.result(id_).state.value for id_ in ids] == ["done", "failed", "unknown", "done", "done"]
        finally:
            mine.close()

    def test_a_second_queue_on_the_same_data_sees_and_wakes_the_first(self, queue: RequestQueue, clock: Clock) -> None:
        """As two processes do; for durable stores."""
        if not self.durable:
            pytest.skip("this store is in one process")
        id_ = queue.enqueue("c", write())
        second = self.reopen(queue, clock)
        try:
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(queue.result, id_, PATIENCE)
                while not queue.store.signals.watched:
                    threading.Event().wait(0.01)
                handed = hand_out(second, "c")
                assert handed is not None
                settle(second, "c", handed)
                begun = monotonic()
                assert waiting.result(PATIENCE).state is State.DONE
                assert monotonic() - begun < PATIENCE / 3
        finally:
            second.close()

    def test_closing_wakes_who_waits(self, queue: RequestQueue, clock: Clock) -> None:
        """So that a process can end."""
        made, woken = self.make_queue(clock), threading.Event()

        def watching() -> None:
            with made.store.signals.watch("topic") as watch:
                ready.set()
                if watch.wait(PATIENCE):
                    woken.set()

        ready = threading.Event()
        thread = threading.Thread(target=watching)
        thread.start()
        ready.wait(PATIENCE)
        made.close()
        thread.join(PATIENCE)
        assert woken.is_set()
