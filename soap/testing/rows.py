"""What the tests of a store have in common: a clock, requests, answers, and threads that begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lxml import etree

import qbxml
from soap.queue import Delivery, Handed, Refusal, RequestQueue, Settled, Transaction
from soap.queue.entries import Entry, SessionRow

T = TypeVar("T")

#: Seconds after which something that should have happened did not.
PATIENCE = 30.0
VERSION, EDITION = "13.0", "US"


class Clock:
    """A clock that a test moves. Called, it gives seconds since 1970."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def read(number: int = 1) -> dict[str, Any]:
    """A request that changes nothing."""
    return {"CustomerQueryRq": {"MaxReturned": number}}


def write(name: str = "Annie's Alligators") -> dict[str, Any]:
    """A request that adds a customer."""
    return {"CustomerAddRq": {"CustomerAdd": {"Name": name}}}


def entry_of(connection: str, id: str, **more: Any) -> Entry:
    """A row as the queue makes it, for what goes to the store itself."""
    values: dict[str, Any] = {
        "id": id,
        "connection": connection,
        "set_id": id,
        "place": 0,
        "name": "CustomerQueryRq",
        "content": '{"CustomerQueryRq":{"MaxReturned":1}}',
        "caller_id": None,
        "writes": False,
        "continues": False,
        "macros": False,
        "created_at": 1.0,
        "changed_at": 1.0,
        "reason": "queued",
    }
    return Entry(**{**values, **more})


def session_of(connection: str, ticket: str, at: float) -> SessionRow:
    """A session's row."""
    return SessionRow(ticket, connection, at, at, "{}")


def answer(text: str, code: int | Sequence[int] = 0, content: str = "") -> str:
    """A document as QuickBooks writes it, that answers each request of ``text`` with a status and ``content``.

    ``code``: the status of all, or of each.
    """
    (message_set,) = etree.fromstring(text.encode())
    set_id = message_set.get("newMessageSetID")
    attributes = "" if set_id is None else f' newMessageSetID="{set_id}" messageSetStatusCode="0"'
    codes = [code] * len(message_set) if isinstance(code, int) else code
    severities = ["Error" if one >= 1000 else "Warn" if one >= 500 else "Info" for one in codes]
    answers = "".join(
        f'<{str(one.tag)[:-2]}Rs requestID="{one.get("requestID")}" statusCode="{status}" statusSeverity="{severity}"'
        f' statusMessage="said by a test">{content}</{str(one.tag)[:-2]}Rs>\n'
        for one, status, severity in zip(message_set, codes, severities, strict=True)
    )
    return f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{attributes}>\n{answers}</QBXMLMsgsRs>\n</QBXML>\n'


def begin(queue: RequestQueue, connection: str, session: str = "session") -> None:
    """Begin a session."""
    with queue.deliver(connection) as delivery:
        delivery.begin(session, "{}")


def hand_out(queue: RequestQueue, connection: str, session: str = "session") -> Handed | None:
    """Hand out what is next of a connection."""
    with queue.deliver(connection) as delivery:
        return delivery.hand_out(session, VERSION, EDITION)


def settle(
    queue: RequestQueue, connection: str, handed: Handed, code: int | Sequence[int] = 0, content: str = ""
) -> Settled:
    """Answer what was handed out."""
    raw = answer(handed.text, code, content)
    parsed = qbxml.parse(raw)
    with queue.deliver(connection) as delivery:
        return delivery.settle(handed.errand, handed.set_id, parsed, raw, Refusal())


def lose(queue: RequestQueue, connection: str, session: str = "next") -> Handed | None:
    """Lose the answer to what is out, and give it to the next session, if it is to be handed out again."""
    with queue.deliver(connection) as delivery:
        delivery.lose("the line was cut")
        return delivery.ask(session)


def do_all(queue: RequestQueue, connection: str) -> list[str]:
    """Hand out and answer until nothing waits; the sets in their order."""
    done = []
    while (handed := hand_out(queue, connection)) is not None:
        settle(queue, connection, handed)
        done.append(handed.set_id)
    return done


def together(count: int, work: Callable[[int], T]) -> list[T]:
    """Call ``work`` in ``count`` threads that begin at the same moment; what each returned. Raises what one raised."""
    gate = threading.Barrier(count)

    def begin_together(number: int) -> T:
        gate.wait(PATIENCE)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(begin_together, number) for number in range(count)]
        return [future.result(PATIENCE * 4) for future in futures]


__all__ = [
    "EDITION",
    "PATIENCE",
    "VERSION",
    "Clock",
    "Delivery",
    "Transaction",
    "answer",
    "begin",
    "do_all",
    "entry_of",
    "hand_out",
    "lose",
    "read",
    "session_of",
    "settle",
    "together",
    "write",
]
