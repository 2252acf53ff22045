"""Handlers: called with the stored result, at least once, again when they raise, and by name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import soap
from soap.queue import Backoff, HandlerRunner, load_handlers
from soap.queue.sql import SQLQueue
from soap.testing import Clock
from tests.soap.helpers import answer_to_text

REQUEST = {"CustomerQueryRq": {"MaxReturned": 1}}


def answered(queue: soap.RequestQueue, handler: str | None = "note") -> str:
    """A request that was queued, handed out and answered."""
    id_ = queue.enqueue("c", REQUEST, handler=handler)
    endpoint = soap.Endpoint(queue, soap.single_user("c", "p"))
    ticket, _ = endpoint.authenticate("c", "p")
    text = endpoint.send_request_xml(ticket, "", "", "US", 13, 0)
    endpoint.receive_response_xml(ticket, answer_to_text(text), "", "")
    return id_


@pytest.fixture(params=["memory", "sqlite"])
def queue(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[soap.RequestQueue]:
    made: soap.RequestQueue
    if request.param == "memory":
        made = soap.MemoryQueue(clock=clock)
    else:
        made = SQLQueue(f"sqlite:///{tmp_path}/q.db", clock=clock)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_is_called_with_the_stored_result(queue: soap.RequestQueue) -> None:
    seen: list[soap.Result] = []
    runner = HandlerRunner(queue, {"note": seen.append})
    assert not runner.run_once()
    id_ = answered(queue)
    assert runner.run_once()
    assert not runner.run_once()
    assert [(result.id, result.state) for result in seen] == [(id_, soap.State.DONE)]


def test_one_without_a_handler_and_one_of_others_are_left(queue: soap.RequestQueue) -> None:
    answered(queue, handler=None)
    answered(queue, handler="others")
    assert not HandlerRunner(queue, {"note": print}).run_once()


def test_one_that_raises_is_called_again_later_and_given_up_at_last(
    queue: soap.RequestQueue, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    def broken(result: soap.Result) -> None:
        calls.append(result.id)
        raise OSError("mail server is down")

    runner = HandlerRunner(queue, {"note": broken}, backoff=Backoff(attempts=3, first=10.0))
    id_ = answered(queue)
    assert runner.run_once()
    assert not runner.run_once()
    clock.now += 11
    assert runner.run_once()
    clock.now += 11
    assert not runner.run_once()
    clock.now += 10
    assert runner.run_once()
    clock.now += 100_000
    assert not runner.run_once()
    assert calls == [id_] * 3
    assert "is given up" in caplog.text
    entry = queue.store.entry(id_)
    assert entry is not None
    assert entry.handler_error == "OSError: mail server is down"


def test_one_that_died_with_its_process_is_called_again(queue: soap.RequestQueue, clock: Clock) -> None:
    answered(queue)
    taken = queue.store.take_handler(["note"], 600.0)
    assert taken is not None
    seen: list[soap.Result] = []
    runner = HandlerRunner(queue, {"note": seen.append})
    assert not runner.run_once()
    clock.now += 601
    assert runner.run_once()
    assert len(seen) == 1


def test_run_wakes_up_when_one_becomes_due(queue: soap.RequestQueue) -> None:
    seen = threading.Event()
    stop = threading.Event()
    runner = HandlerRunner(queue, {"note": lambda result: seen.set()})
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:
        answered(queue)
        assert seen.wait(10)
    finally:
        stop.set()
        queue.store.signals.tell_all()
        thread.join(10)
    assert not thread.is_alive()


def test_a_failed_request_is_handled_too(queue: soap.RequestQueue) -> None:
    seen: list[soap.State] = []
    id_ = queue.enqueue("c", REQUEST, handler="note")
    assert queue.cancel(id_) is soap.State.CANCELLED
    HandlerRunner(queue, {"note": lambda result: seen.append(result.state)}).run_once()
    assert seen == [soap.State.CANCELLED]


def test_handlers_are_loaded_by_name() -> None:
    assert load_handlers(["json:dumps", "other=json:loads"]).keys() >= {"dumps", "other"}


@pytest.mark.parametrize("text", ["json", "json:", "no_such_module:x", "json:no_such", "json:decoder"])
def test_one_that_cannot_be_loaded_is_named(text: str) -> None:
    with pytest.raises(soap.UnknownHandler, match="can't be loaded") as caught:
        load_handlers([text])
    assert caught.value.name == text
