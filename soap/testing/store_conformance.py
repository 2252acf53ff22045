"""What every store has to do, asked of the store itself: transactions, locks, rows, handlers, forgetting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from ..queue import KeyTaken, RequestQueue, State
from .rows import PATIENCE, Clock, entry_of, session_of, together


class Planned(Exception):
    """Raised by a test inside a transaction."""


class StoreConformance:
    """The part of :class:`~soap.testing.QueueConformance` that works on rows."""

    #: Whether what is committed survives the process; then :meth:`reopen` is called.
    durable = False

    def make_queue(self, clock: Callable[[], float]) -> RequestQueue:
        """A new, empty queue whose store goes by ``clock``, with the default settings."""
        raise NotImplementedError

    def reopen(self, queue: RequestQueue, clock: Callable[[], float]) -> RequestQueue:
        """Another queue over the data of ``queue``, which may be closed by now, as a new process would open it.

        For ``durable`` stores.
        """
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> Clock:
        """The clock that the store goes by."""
        return Clock()

    @pytest.fixture
    def queue(self, clock: Clock) -> Iterator[RequestQueue]:
        """The queue that is tested."""
        made = self.make_queue(clock)
        yield made
        made.close()

    @staticmethod
    def put(queue: RequestQueue, *entries: Any) -> None:
        """Add rows of one connection."""
        assert queue.store.insert(entries, most=None, topics=[], transaction=None)

    # -- transactions ------------------------------------------------------------------------------------------------

    def test_a_transaction_that_raises_leaves_nothing_of_what_it_did(self, queue: RequestQueue, clock: Clock) -> None:
        """Rows, history, connection, sessions and signals."""
        store = queue.store
        self.put(queue, entry_of("c", "a"), entry_of("c", "b"))
        with store.transaction("c") as transaction:
            transaction.add_session(session_of("c", "old", clock.now))
        entries, history = [store.entry(one) for one in "ab"], [store.history(one) for one in "ab"]

        def break_off() -> None:
            with store.transaction("c") as transaction:
                first, second = transaction.entry("a"), transaction.entry("b")
                assert first is not None
                assert second is not None
                transaction.change(first, state=State.SENT, message_set_id="M", text="text", reason="out")
                transaction.change(first, state=State.DONE, finished_at=5.0, reason="done")
                transaction.change(second, set_id="a", place=1, priority=7, split_from="a")
                transaction.add([entry_of("c", "n", message_set_id="N")])
                transaction.change_connection(paused=True, session="new", version="13.0")
                transaction.add_session(session_of("c", "new", clock.now))
                old = transaction.session("old")
                assert old is not None
                transaction.change_session(old, calls=9, conversation="changed")
                transaction.tell("topic")
                raise Planned

        with store.signals.watch("topic") as watch:
            with pytest.raises(Planned):
                break_off()
            assert not watch.wait(0.05)
        for before, lines, id_ in zip(entries, history, "ab", strict=True):
            after = store.entry(id_)
            assert before is not None
            assert after is not None
            for column in ("state", "message_set_id", "text", "set_id", "place", "priority", "split_from", "reason"):
                assert getattr(after, column) == getattr(before, column), column
            assert store.history(id_) == lines
        assert store.entry("n") is None
        assert store.history("n") == []
        assert store.session("new") is None
        session = store.session("old")
        assert session is not None
        assert (session.calls, session.conversation) == (0, "{}")
        row = store.connection("c")
        assert row is not None
        assert (row.paused, row.session, row.version) == (False, None, None)
        with store.transaction("c") as transaction:
            assert transaction.sent() is None
            assert transaction.to_release() is None
            assert transaction.head_of("M") is None
            assert transaction.head_of("N") is None
            assert transaction.split_from("a") == []
            assert [one.id for one in transaction.members("a")] == ["a"]
            assert [one.id for one in transaction.members("b")] == ["b"]
            following = transaction.next_waiting()
            assert following is not None
            assert following.id == "a"
            assert transaction.waiting(10) == 2

    def test_after_a_transaction_that_raised_the_next_one_works(self, queue: RequestQueue) -> None:
        """No lock is left behind, in any thread."""
        for _ in range(3):
            with pytest.raises(Planned), queue.store.transaction("c"):
                raise Planned
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self.put, queue, entry_of("c", "a")).result(PATIENCE)
            pool.submit(lambda: queue.pause("c")).result(PATIENCE)
        row = queue.connection("c")
        assert row is not None
        assert row.paused

    def test_nothing_of_a_transaction_is_seen_before_its_end(self, queue: RequestQueue) -> None:
        """A reader waits, or sees what was before; here all of it is taken back."""
        self.put(queue, entry_of("c", "a"))
        store = queue.store

        def look() -> tuple[Any, ...]:
            entry = store.entry("a")
            assert entry is not None
            found = store.find("c", states=None, names=None, after=0, newest_first=False, limit=9)
            return entry.state, [one.id for one in found], len(store.history("a")), store.waiting("c", 9)

        def break_off(pool: ThreadPoolExecutor) -> None:
            with store.transaction("c") as transaction:
                entry = transaction.entry("a")
                assert entry is not None
                transaction.change(entry, state=State.CANCELLED, finished_at=1.0, reason="cancelled")
                transaction.add([entry_of("c", "b")])
                looked.append(pool.submit(look))
                wait(looked, 0.2)
                raise Planned

        looked: list[Future[tuple[Any, ...]]] = []
        with ThreadPoolExecutor(1) as pool:
            with pytest.raises(Planned):
                break_off(pool)
            (looking,) = looked
            assert looking.result(PATIENCE) == (State.QUEUED, ["a"], 1, 1)

    def test_a_connection_is_worked_on_by_one_transaction_at_a_time(self, queue: RequestQueue) -> None:
        """Counting up in many threads loses nothing."""
        self.put(queue, entry_of("c", "a"))

        def count_up(_: int) -> None:
            for _ in range(10):
                with queue.store.transaction("c") as transaction:
                    entry = transaction.entry("a")
                    assert entry is not None
                    transaction.change(entry, attempts=entry.attempts + 1)

        together(8, count_up)
        entry = queue.store.entry("a")
        assert entry is not None
        assert entry.attempts == 80

    def test_one_set_at_most_is_out_in_a_connection_and_the_store_itself_sees_to_that(
        self, queue: RequestQueue
    ) -> None:
        """A mistake in the rules must not hand out two."""
        self.put(queue, entry_of("c", "a"), entry_of("c", "b"))
        self.put(queue, entry_of("d", "x"))

        def hand_out_two() -> None:
            with queue.store.transaction("c") as transaction:
                for id_ in "ab":
                    entry = transaction.entry(id_)
                    assert entry is not None
                    transaction.change(entry, state=State.SENT, reason="out")

        with pytest.raises(Exception, match=r"."):  # which one is the store's own affair
            hand_out_two()
        for connection, id_ in (("c", "a"), ("d", "x")):
            with queue.store.transaction(connection) as transaction:
                assert transaction.sent() is None
                entry = transaction.entry(id_)
                assert entry is not None
                transaction.change(entry, state=State.SENT, reason="out")
        with queue.store.transaction("c") as transaction:
            head = transaction.sent()
            assert head is not None
            assert head.id == "a"

    def test_the_clock_stands_still_during_a_transaction(self, queue: RequestQueue, clock: Clock) -> None:
        """So that what happened together has one time."""
        with queue.store.transaction("c") as transaction:
            before = transaction.now
            clock.advance(5)
            assert transaction.now == before
        assert queue.store.now() == before + 5

    def test_who_watches_is_told_once_it_is_committed(self, queue: RequestQueue) -> None:
        """And not before."""
        with queue.store.signals.watch("topic") as watch:
            with queue.store.transaction("c") as transaction:
                transaction.tell("topic")
                assert not watch.wait(0.05)
            assert watch.wait(PATIENCE)
            assert queue.store.insert([entry_of("c", "a")], most=None, topics=["topic"], transaction=None)
            assert watch.wait(PATIENCE)

    # -- rows --------------------------------------------------------------------------------------------------------

    def test_what_is_not_there_is_none_or_empty(self, queue: RequestQueue) -> None:
        """For every question."""
        store = queue.store
        assert store.entry("no") is None
        assert store.members("no") == []
        assert store.history("no") == []
        assert store.by_key("c", "no", None) is None
        assert store.connection("no") is None
        assert store.session("no") is None
        assert store.waiting("no", 5) == 0
        assert store.next_due("no") is None
        assert not store.is_to_ask("no", "session")
        assert store.neglected(1e12, 5) == []
        assert store.take_handler(["h"], 5.0) is None
        assert store.handlers_due(["h"]) is None
        assert store.forget(1e12, 5, silent_since=1e12) == 0
        store.change_handler(entry_of("no", "no"), due=None, attempts=1, error=None)
        with store.transaction("new") as transaction:
            assert transaction.entry("no") is None
            assert transaction.members("no") == []
            assert transaction.sent() is None
            assert transaction.next_waiting() is None
            assert transaction.waiting(5) == 0
            assert transaction.overdue(5) == []
            assert transaction.unknown() == []
            assert transaction.to_release() is None
            assert transaction.head_of("no") is None
            assert transaction.split_from("no") == []
            assert transaction.session("no") is None
            assert transaction.connection.name == "new"

    def test_a_row_given_out_is_the_callers_own(self, queue: RequestQueue, clock: Clock) -> None:
        """A change to it means nothing."""
        store = queue.store
        self.put(queue, entry_of("c", "a", idempotency_key="k", handler="h", handler_due=0.0))
        with store.transaction("c") as transaction:
            transaction.add_session(session_of("c", "s", clock.now))
        for row in (
            store.entry("a"),
            store.members("a")[0],
            store.by_key("c", "k", None),
            store.find("c", states=None, names=None, after=0, newest_first=False, limit=1)[0],
            store.take_handler(["h"], 5.0),
        ):
            assert row is not None
            row.state, row.priority, row.name = State.DONE, 5, "changed"
        session, connection = store.session("s"), store.connection("c")
        assert session is not None
        assert connection is not None
        session.conversation, connection.paused = "changed", True
        entry, session, connection = store.entry("a"), store.session("s"), store.connection("c")
        assert entry is not None
        assert session is not None
        assert connection is not None
        assert (entry.state, entry.priority, entry.name) == (State.QUEUED, 0, "CustomerQueryRq")
        assert (session.conversation, connection.paused) == ("{}", False)

    def test_every_column_comes_back_as_it_was_put_in(self, queue: RequestQueue) -> None:
        """In an entry that has all of them."""
        given: dict[str, Any] = {
            "caller_id": "mine",
            "writes": True,
            "continues": True,
            "macros": True,
            "on_lost": "ask",
            "on_error": "continueOnError",
            "priority": -3,
            "not_before": 1234567890.123456,
            "expires_at": 4102444800.25,
            "idempotency_key": "k",
            "digest": "d",
            "handler": "h",
            "metadata": '{"a":1}',
        }
        changed: dict[str, Any] = {
            "state": State.FAILED,
            "finished_at": 7.5,
            "attempts": 2,
            "lock_retries": 3,
            "withdrawn": True,
            "status_code": 3100,
            "status_severity": "Error",
            "status_message": "in use",
            "error": "{}",
            "recovered": True,
            "record_pending": True,
            "subject": "s",
            "handler_due": 8.0,
            "handler_attempts": 4,
            "handler_error": "e",
            "split_from": "x",
            "text": "<text/>",
            "version": "13.0",
            "edition": "US",
            "sent_at": 6.5,
            "session": "t",
            "message_set_id": "M",
            "releases": "L",
            "released": True,
            "asked_in": "t",
            "asked": 5,
            "raw": "<raw/>",
            "record_raw": "<record/>",
        }
        self.put(queue, entry_of("c", "a", **given))
        with queue.store.transaction("c") as transaction:
            entry = transaction.entry("a")
            assert entry is not None
            transaction.change(entry, **changed, reason="why")
            now = transaction.now
            for name, value in changed.items():
                assert getattr(entry, name) == value, name
        found = queue.store.entry("a")
        assert found is not None
        for name, value in {**given, **changed, "reason": "why", "changed_at": now}.items():
            assert getattr(found, name) == value, name

    def test_history_has_a_line_for_each_change_with_a_reason_and_for_no_other(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """With the time and the state after it."""
        self.put(queue, entry_of("c", "a", created_at=clock.now, changed_at=clock.now))
        clock.advance(5)
        with queue.store.transaction("c") as transaction:
            entry = transaction.entry("a")
            assert entry is not None
            transaction.change(entry, attempts=1)
            transaction.change(entry, state=State.SENT, reason="out")
            transaction.change(entry, state=State.DONE, reason="done")
        events = queue.store.history("a")
        assert [(event.at - clock.now, event.state, event.reason) for event in events] == [
            (-5.0, State.QUEUED, "queued"),
            (0.0, State.SENT, "out"),
            (0.0, State.DONE, "done"),
        ]

    def test_a_transaction_sees_its_own_connection_only(self, queue: RequestQueue, clock: Clock) -> None:
        """Whatever id it asks with."""
        self.put(queue, entry_of("c", "a", message_set_id="M"), entry_of("c", "b", set_id="a", place=1))
        with queue.store.transaction("c") as transaction:
            transaction.add_session(session_of("c", "s", clock.now))
        with queue.store.transaction("d") as transaction:
            assert transaction.entry("a") is None
            assert transaction.entry("b") is None
            assert transaction.members("a") == []
            assert transaction.session("s") is None
            assert transaction.head_of("M") is None
            assert transaction.next_waiting() is None
        with queue.store.transaction("c") as transaction:
            head = transaction.head_of("M")
            assert head is not None
            assert head.id == "a"
            assert transaction.session("s") is not None

    def test_numbers_go_up_within_an_insert_and_from_one_to_the_next(self, queue: RequestQueue) -> None:
        """They are the order of arrival."""
        self.put(queue, *(entry_of("c", id_) for id_ in "ab"))
        self.put(queue, entry_of("d", "c"))
        with queue.store.transaction("c") as transaction:
            transaction.add([entry_of("c", "d"), entry_of("c", "e")])
        entries = [queue.store.entry(id_) for id_ in "abcde"]
        numbers = [entry.number for entry in entries if entry is not None]
        assert len(numbers) == 5
        assert numbers == sorted(set(numbers))
        assert numbers[0] > 0

    def test_heads_are_found_by_what_they_are(self, queue: RequestQueue, clock: Clock) -> None:
        """Unknown ones, those to release, the members of a set by place, what was split, what is overdue."""
        self.put(queue, entry_of("c", "b0", set_id="b0"), entry_of("c", "b1", set_id="b0", place=1))
        self.put(queue, *(entry_of("c", id_, expires_at=clock.now + 10) for id_ in ("u1", "u2", "r1", "r2", "q")))
        columns: dict[str, dict[str, Any]] = {
            "u2": {"state": State.UNKNOWN, "message_set_id": "U2"},
            "u1": {"state": State.UNKNOWN, "message_set_id": "U1", "asked_in": "s"},
            "r2": {"state": State.FAILED, "message_set_id": "R2"},
            "r1": {"state": State.DONE, "message_set_id": "R1"},
            "q": {"split_from": "b0", "message_set_id": "Q"},
        }
        with queue.store.transaction("c") as transaction:
            for id_, changes in columns.items():
                entry = transaction.entry(id_)
                assert entry is not None
                transaction.change(entry, **changes, reason="as it should be")
        clock.advance(10)
        with queue.store.transaction("c") as transaction:
            assert [one.id for one in transaction.unknown()] == ["u1", "u2"]
            assert [one.id for one in transaction.members("b0")] == ["b0", "b1"]
            assert [one.id for one in transaction.split_from("b0")] == ["q"]
            assert [one.id for one in transaction.overdue(9)] == ["q"]
            released = []
            while (head := transaction.to_release()) is not None:
                released.append(head.message_set_id)
                transaction.change(head, released=True)
            assert released == ["R1", "R2"]
        assert [one.id for one in queue.store.members("b0")] == ["b0", "b1"]
        assert queue.store.is_to_ask("c", "s")
        with queue.store.transaction("c") as transaction:
            entry = transaction.entry("u2")
            assert entry is not None
            transaction.change(entry, asked_in="s")
        assert not queue.store.is_to_ask("c", "s")
        assert queue.store.is_to_ask("c", "t")

    def test_a_set_taken_apart_is_several_sets(self, queue: RequestQueue) -> None:
        """And each waits for itself, in the old order."""
        ids = ["s0", "s1", "s2"]
        self.put(queue, *(entry_of("c", id_, set_id="s0", place=place) for place, id_ in enumerate(ids)))
        assert queue.store.waiting("c", 9) == 1
        with queue.store.transaction("c") as transaction:
            for member in transaction.members("s0"):
                transaction.change(member, set_id=member.id, place=0, split_from="s0")
            assert transaction.waiting(9) == 3
            assert [one.id for one in transaction.split_from("s0")] == ids
        assert [[one.id for one in queue.store.members(id_)] for id_ in ids] == [["s0"], ["s1"], ["s2"]]

    def test_a_set_that_was_not_taken_apart_after_all_is_one_set(self, queue: RequestQueue) -> None:
        """Where the transaction that did so raised."""
        self.put(queue, *(entry_of("c", id_, set_id="s0", place=place) for place, id_ in enumerate(("s0", "s1"))))

        def break_off() -> None:
            with queue.store.transaction("c") as transaction:
                for member in transaction.members("s0"):
                    transaction.change(member, set_id=member.id, place=0, split_from="s0", reason="apart")
                raise Planned

        with pytest.raises(Planned):
            break_off()
        assert [one.id for one in queue.store.members("s0")] == ["s0", "s1"]
        assert queue.store.members("s1") == []
        assert queue.store.waiting("c", 9) == 1
        with queue.store.transaction("c") as transaction:
            head = transaction.next_waiting()
            assert head is not None
            transaction.change(head, state=State.SENT, reason="out")
            assert transaction.next_waiting() is None
            assert transaction.split_from("s0") == []

    def test_an_idempotency_key_names_one_request_of_a_connection(self, queue: RequestQueue) -> None:
        """The store refuses a second one, and keeps nothing of what came with it."""
        self.put(queue, entry_of("c", "a", idempotency_key="k"))
        self.put(queue, entry_of("d", "b", idempotency_key="k"))
        with pytest.raises(KeyTaken):
            self.put(queue, entry_of("c", "x", idempotency_key="k"), entry_of("c", "y"))
        assert queue.store.entry("x") is None
        assert queue.store.entry("y") is None
        entry = queue.store.by_key("c", "k", None)
        assert entry is not None
        assert entry.id == "a"

    # -- what time brings --------------------------------------------------------------------------------------------

    def test_the_next_request_to_become_due_is_known(self, queue: RequestQueue, clock: Clock) -> None:
        """For a session that waits."""
        now = clock.now
        self.put(queue, entry_of("c", "a", not_before=now + 20), entry_of("c", "b", not_before=now + 10))
        self.put(queue, entry_of("c", "c"))
        self.put(queue, entry_of("d", "d", not_before=now + 5))
        assert queue.store.next_due("c") == now + 10
        clock.advance(10)
        assert queue.store.next_due("c") == now + 20
        assert queue.store.waiting("c", 9) == 2
        assert queue.store.waiting("c", 1) == 1

    def test_connections_to_tend_are_those_with_a_silent_session_or_with_overdue_requests(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """Each once, and not more than asked for."""
        for name, seconds in (("silent", 100), ("alive", 1)):
            self.put(queue, entry_of(name, name))
            with queue.store.transaction(name) as transaction:
                transaction.add_session(session_of(name, f"{name} session", clock.now - seconds))
                entry = transaction.entry(name)
                assert entry is not None
                transaction.change(entry, state=State.SENT, session=f"{name} session", reason="out")
        self.put(queue, entry_of("without", "w"))
        with queue.store.transaction("without") as transaction:
            entry = transaction.entry("w")
            assert entry is not None
            transaction.change(entry, state=State.SENT, session="gone", reason="out")
        self.put(queue, *(entry_of("overdue", f"o{n}", expires_at=clock.now) for n in range(3)))
        self.put(queue, entry_of("early", "e", expires_at=clock.now + 1))
        self.put(queue, entry_of("idle", "i"))
        assert set(queue.store.neglected(clock.now - 50, 10)) == {"silent", "without", "overdue"}
        assert len(queue.store.neglected(clock.now - 50, 10)) == 3
        assert len(queue.store.neglected(clock.now - 50, 2)) == 2

    def test_a_handler_is_given_to_one_at_a_time_and_again_after_its_lease(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """Only for names that are asked for, and only when it is due."""
        store = queue.store
        self.put(queue, entry_of("c", "a", handler="h", handler_due=clock.now + 10))
        self.put(queue, entry_of("c", "b", handler="other", handler_due=clock.now))
        self.put(queue, entry_of("c", "n", handler="h"))
        assert store.take_handler(["h"], 60.0) is None
        assert store.handlers_due(["h"]) == clock.now + 10
        assert store.handlers_due(["h", "other"]) == clock.now
        clock.advance(10)
        taken = store.take_handler(["h"], 60.0)
        assert taken is not None
        assert taken.id == "a"
        assert store.take_handler(["h"], 60.0) is None
        clock.advance(60)
        again = store.take_handler(["h"], 60.0)
        assert again is not None
        # The first one's lease is over: what comes of it does not matter any more.
        store.change_handler(taken, due=None, attempts=1, error=None)
        store.change_handler(again, due=clock.now + 5, attempts=2, error="ValueError: no")
        assert store.take_handler(["h"], 60.0) is None
        clock.advance(5)
        taken = store.take_handler(["h"], 60.0)
        assert taken is not None
        assert (taken.handler_attempts, taken.handler_error) == (2, "ValueError: no")
        store.change_handler(taken, due=None, attempts=3, error=None)
        assert store.handlers_due(["h"]) is None

    def test_no_handler_is_given_to_two_threads(self, queue: RequestQueue, clock: Clock) -> None:
        """However many ask."""
        for number in range(24):
            self.put(queue, entry_of("c", f"a{number}", handler="h", handler_due=clock.now))

        def take(_: int) -> list[str]:
            taken = []
            while (entry := queue.store.take_handler(["h"], 60.0)) is not None:
                taken.append(entry.id)
            return taken

        taken = [id_ for ids in together(8, take) for id_ in ids]
        assert sorted(taken) == sorted(f"a{number}" for number in range(24))

    def test_what_finished_long_ago_is_forgotten_unless_something_of_it_is_still_needed(
        self, queue: RequestQueue, clock: Clock
    ) -> None:
        """By whole sets, with their history."""
        done = {"state": State.DONE, "finished_at": 100.0}
        self.put(queue, *(entry_of("c", id_) for id_ in ("old", "old write", "young", "waits", "handler", "stored")))
        self.put(queue, entry_of("c", "s0", set_id="s0"), entry_of("c", "s1", set_id="s0", place=1))
        columns: dict[str, dict[str, Any]] = {
            "old": done,
            "old write": {**done, "message_set_id": "A", "released": True},
            "young": {**done, "finished_at": 300.0},
            "handler": {**done, "handler_due": 500.0},
            "stored": {**done, "message_set_id": "B"},
            "s0": done,
        }
        with queue.store.transaction("c") as transaction:
            transaction.add_session(session_of("c", "old", 100.0))
            transaction.add_session(session_of("c", "young", 300.0))
            for id_, changes in columns.items():
                entry = transaction.entry(id_)
                assert entry is not None
                transaction.change(entry, **changes, reason="done")
        assert queue.store.forget(200.0, 1, silent_since=200.0) == 1
        assert queue.store.forget(200.0, 9, silent_since=200.0) == 1
        assert queue.store.forget(200.0, 9, silent_since=200.0) == 0
        left = queue.store.find("c", states=None, names=None, after=0, newest_first=False, limit=99)
        assert [one.id for one in left] == ["young", "waits", "handler", "stored", "s0", "s1"]
        assert queue.store.history("old") == []
        assert queue.store.entry("old write") is None
        assert queue.store.session("old") is None
        assert queue.store.session("young") is not None

    def test_what_is_forgotten_is_in_no_index_any_more(self, queue: RequestQueue) -> None:
        """Its key, its message set and its siblings are free, those of others are not."""
        done = {"state": State.DONE, "finished_at": 100.0, "message_set_id": "A", "released": True}
        self.put(queue, entry_of("c", "a", idempotency_key="k"), entry_of("c", "b"))
        with queue.store.transaction("c") as transaction:
            entry = transaction.entry("a")
            assert entry is not None
            transaction.change(entry, **done, split_from="s", reason="done")
            sibling = transaction.entry("b")
            assert sibling is not None
            transaction.change(sibling, split_from="s")
        assert queue.store.forget(200.0, 9, silent_since=200.0) == 1
        assert queue.store.by_key("c", "k", None) is None
        with queue.store.transaction("c") as transaction:
            assert transaction.head_of("A") is None
            assert transaction.to_release() is None
            assert [one.id for one in transaction.split_from("s")] == ["b"]
        self.put(queue, entry_of("c", "c", idempotency_key="k"))
