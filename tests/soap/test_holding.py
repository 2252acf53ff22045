"""Calls that wait for work: answered at once when there is some, and never taking work that nobody waits for."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import soap
from tests.soap.helpers import answer_to_text, call
from tests.soap.test_observing import envelope

REQUEST = {"CustomerQueryRq": {"MaxReturned": 1}}


class Held:
    """An endpoint whose calls wait, and a session of it that has nothing to do."""

    def __init__(self, hold: float = 30.0, **more: Any) -> None:
        self.queue = soap.MemoryQueue()
        self.app = soap.application(
            queue=self.queue,
            authenticator=soap.single_user("c", "p"),
            url="https://books.example.com/qbwc",
            options=soap.Options(hold=hold),
            **more,
        )
        self.ticket = self.sign_in()

    def sign_in(self) -> str:
        reply = call(self.app, envelope("authenticate", strUserName="c", strPassword="p"))
        return str(reply.tree.xpath("string(//*[local-name()='string'][1])"))

    def ask(self, ticket: str | None = None, **environ: Any) -> str:
        body = envelope("sendRequestXML", ticket=ticket or self.ticket, qbXMLMajorVers="13", qbXMLMinorVers="0")
        return str(call(self.app, body, **environ).tree.xpath("string(//*[local-name()='Body'])")).strip()

    def answer(self, text: str) -> int:
        body = envelope("receiveResponseXML", ticket=self.ticket, response=answer_to_text(text))
        return int(call(self.app, body).tree.xpath("string(//*[local-name()='Body'])"))

    def idle(self) -> None:
        """Go through one harmless query, after which the next call is held."""
        first = self.ask()
        assert "HostQueryRq" in first
        assert 0 <= self.answer(first) < 100

    @contextmanager
    def asking(self, **environ: Any) -> Iterator[list[str]]:
        """A call that waits in a thread of its own; what it was answered, once it was."""
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(self.ask(**environ)))
        thread.start()
        for _ in range(500):
            if self.app.held:
                break
            threading.Event().wait(0.01)
        assert self.app.held, "the call is not held"
        yield answers
        thread.join(10)
        assert not thread.is_alive()


def test_a_request_is_handed_to_the_call_that_waits() -> None:
    held = Held()
    held.idle()
    with held.asking() as answers:
        assert answers == []
        held.queue.enqueue("c", REQUEST)
    assert "CustomerQueryRq" in answers[0]
    assert held.app.held == 0


def test_a_call_that_begins_to_wait_does_not_wake_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []
    look = soap.Endpoint.is_wanted

    def noted(*given: Any) -> bool:
        looks.append(look(*given))
        return looks[-1]

    monkeypatch.setattr(soap.Endpoint, "is_wanted", noted)
    held = Held()
    held.idle()
    with held.asking() as answers:
        for _ in range(500):
            if len(looks) >= 2:
                break
            threading.Event().wait(0.01)
        held.queue.enqueue("c", REQUEST)
    assert "CustomerQueryRq" in answers[0]
    assert looks == [False, False, True]


def test_a_call_is_not_held_where_there_is_work() -> None:
    held = Held()
    held.queue.enqueue("c", REQUEST)
    assert "CustomerQueryRq" in held.ask()


def test_work_for_another_connection_wakes_nobody() -> None:
    held = Held(hold=0.4)
    held.idle()
    with held.asking() as answers:
        held.queue.enqueue("another", REQUEST)
    assert "HostQueryRq" in answers[0]


def test_a_request_for_later_is_handed_out_when_its_time_comes() -> None:
    held = Held()
    held.idle()
    with held.asking() as answers:
        held.queue.enqueue("c", REQUEST, not_before=held.queue.store.now() + 0.3)
    assert "CustomerQueryRq" in answers[0]


def test_a_hold_that_runs_out_is_answered_with_a_harmless_query() -> None:
    held = Held(hold=0.2)
    held.idle()
    assert "HostQueryRq" in held.ask()


def test_a_call_that_its_session_gave_up_takes_no_work() -> None:
    held = Held()
    held.idle()
    with held.asking() as answers:
        # The Web Connector timed out and asks again; the first call still waits.
        thread = threading.Thread(target=lambda: second.append(held.ask()))
        second: list[str] = []
        thread.start()
        for _ in range(500):
            if held.app.held == 2:
                break
            threading.Event().wait(0.01)
        held.queue.enqueue("c", REQUEST)
        thread.join(10)
    assert answers == [""]
    assert "CustomerQueryRq" in second[0]


def test_a_newer_session_ends_the_hold_of_the_older() -> None:
    held = Held()
    held.idle()
    with held.asking() as answers:
        held.sign_in()
    assert answers == [""]


def test_draining_answers_all_that_wait_and_holds_no_more() -> None:
    held = Held()
    held.idle()
    with held.asking() as answers:
        held.app.drain()
    assert "HostQueryRq" in answers[0]
    # The next process takes the answer, to which it has no question, and the session goes on.
    assert 0 <= held.answer(answers[0]) < 100
    held.queue.enqueue("c", REQUEST)
    assert "CustomerQueryRq" in held.ask()
    assert held.app.held == 0


def test_above_the_share_of_threads_a_call_is_told_to_come_again() -> None:
    held = Held(most_held=0)
    held.idle()
    assert held.ask() == ""
    last = call(held.app, envelope("getLastError", ticket=held.ticket))
    assert str(last.tree.xpath("string(//*[local-name()='Body'])")).strip() == "NoOp"
    held.queue.enqueue("c", REQUEST)
    assert "CustomerQueryRq" in held.ask()


def test_an_idle_session_ends_politely() -> None:
    now = 1_700_000_000.0
    queue = soap.MemoryQueue(clock=lambda: now)
    endpoint = soap.Endpoint(queue, soap.single_user("c", "p"), soap.Options(hold=1.0, max_idle=60.0))
    ticket, _ = endpoint.authenticate("c", "p")
    for _ in range(3):
        text = endpoint.send_request_xml(ticket, "", "", "US", 13, 0)
        assert endpoint.receive_response_xml(ticket, answer_to_text(text), "", "") < 100
    now += 61
    text = endpoint.send_request_xml(ticket, "", "", "US", 13, 0)
    assert endpoint.receive_response_xml(ticket, answer_to_text(text), "", "") == 100


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="only Linux tells that a peer went away")
def test_a_caller_that_went_away_is_noticed() -> None:
    held = Held()
    held.idle()
    mine, theirs = socket.socketpair()
    with mine, held.asking(**{"openqbd.socket": mine}) as answers:
        theirs.close()
    # Whatever it is answered, nobody reads it; what matters is that it ended long before its time, and took nothing.
    assert len(answers) == 1
    assert "CustomerQueryRq" not in answers[0]


def test_other_calls_and_other_bodies_pass_through() -> None:
    held = Held()
    held.idle()
    assert call(held.app, b"", method="GET").status == 200
    assert call(held.app, b"<sendRequestXML>", CONTENT_LENGTH="x").status >= 400
    assert held.ask(ticket="nobody's") == ""
