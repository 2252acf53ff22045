"""The endpoint beside a spyne service that does nothing: a whole session, and answers of 1 and of 100 megabytes.

All in this process, call by call, without a server. What QuickBooks would do between the calls is done off the clock or
costs both the same.
"""

from __future__ import annotations

import gc
import html
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from lxml import etree

import soap

from . import calls, documents
from .measure import Call, Row, fresh, once, ratio, row_of

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

SESSION, BARE_CALL, BARE_PARSE = 1.3, 1.3, 2.4

#: Sessions in one sample: a single one is too short to be timed.
SESSIONS = 10

_MEGABYTE = 1_000_000
#: Bytes of a customer in an answer, about.
_CUSTOMER = 1250


def rows(quick: bool) -> Iterator[Row]:
    """All cases of the endpoint."""
    queue = soap.MemoryQueue()
    app = calls.endpoint(queue)

    def prepare() -> None:
        for _ in range(SESSIONS):
            queue.enqueue(calls.USER, calls.REQUEST)

    prepare()
    bare = nothing(app)
    prepare()
    yield ratio(
        "endpoint", "session of one request", partial(sessions, app), partial(sessions, bare),
        samples=7 if quick else 41, goal=SESSION, prepare=prepare,
        note=f"in memory, {SESSIONS} at a time; floor: spyne, doing nothing",
    )  # fmt: skip
    yield received(5 if quick else 21, 100_000 if quick else _MEGABYTE)
    yield from large(10 if quick else 100)


# --- a session


def sessions(app: WSGIApplication) -> None:
    """One sample."""
    for _ in range(SESSIONS):
        session(app)


def session(app: WSGIApplication, records: str = "") -> None:
    """A whole session, with one request that is answered."""
    ticket = calls.ticket_in(calls.call(app, calls.authenticate()))
    request_id = calls.request_id_in(calls.call(app, calls.send_request(ticket)))
    calls.call(app, calls.receive_response(ticket, calls.answer(request_id, records)))
    calls.call(app, calls.close_connection(ticket))


def nothing(app: WSGIApplication, *, huge: bool = False) -> WSGIApplication:
    """The floor: a spyne service that gives the answers which the endpoint gave once."""
    first = calls.call(app, calls.authenticate())
    ticket = calls.ticket_in(first)
    handed = calls.call(app, calls.send_request(ticket)).decode()
    document = html.unescape(calls.between(handed, "sendRequestXMLResult>", "</"))
    request_id = calls.request_id_in(handed.encode())
    calls.call(app, calls.receive_response(ticket, calls.answer(request_id)))
    calls.call(app, calls.close_connection(ticket))
    answers = {
        "authenticate": [ticket, ""],
        "sendRequestXML": document,
        "receiveResponseXML": 100,
        "closeConnection": "OK",
    }
    return calls.bare(answers, huge=huge)


# --- a large answer


def customers(size: int) -> str:
    """Customers as QuickBooks writes them, of so many bytes in all."""
    document = documents.customer_document(max(1, size // _CUSTOMER)).decode()
    return document[document.index("<CustomerRet>") : document.index("</CustomerQueryRs>")]


class Answered:
    """A session that waits for the answer to its one request, which is given to it once."""

    def __init__(self, records: str) -> None:
        self._records = records
        self._app, self._queue = app_and_queue()
        self._body = b""
        self.bare = nothing(self._app)
        self.document = calls.answer("a" * 26, records).encode()
        self.bare_body = calls.receive_response("t" * 43, self.document.decode())
        self.last = ""

    def prepare(self) -> None:
        """Let the session get that far."""
        if self.last:
            self._queue.tend(most=10)
        self.last = self._queue.enqueue(calls.USER, calls.REQUEST)
        ticket = calls.ticket_in(calls.call(self._app, calls.authenticate()))
        request_id = calls.request_id_in(calls.call(self._app, calls.send_request(ticket)))
        self._body = calls.receive_response(ticket, calls.answer(request_id, self._records))
        gc.collect()

    def ours(self) -> bytes:
        """The answer is received, parsed and stored."""
        return calls.call(self._app, self._body)

    def nothing(self) -> bytes:
        """The same body received by the service that does nothing."""
        return calls.call(self.bare, self.bare_body)

    def parse(self) -> object:
        """The bare parse of the document."""
        return etree.fromstring(self.document)

    def result(self) -> soap.Result:
        """What was stored last."""
        return self._queue.result(self.last)


def app_and_queue() -> tuple[WSGIApplication, soap.MemoryQueue]:
    """An endpoint, and its queue with one request in it; what is finished is forgotten when it is tended."""
    queue = soap.MemoryQueue(retention=0.0)
    queue.enqueue(calls.USER, calls.REQUEST)
    return calls.endpoint(queue), queue


def received(samples: int, size: int) -> Row:
    """An answer beside two floors: spyne for the call, bare lxml for the document."""
    case = Answered(customers(size))
    timed: list[Call] = [case.nothing, case.parse, case.ours]
    case.prepare()
    for call in timed:
        call()
    case.prepare()
    times: list[list[float]] = []
    for _ in range(samples):
        times.append([once(call) for call in timed])
        case.prepare()
    found = [ours / (BARE_CALL * call + BARE_PARSE * parse) for call, parse, ours in times]
    call, parse, ours = (median(column) for column in zip(*times, strict=True))
    return row_of(
        "endpoint", f"answer of {len(case.document) / _MEGABYTE:.1f} MB", found, goal=1.0, ours=ours,
        floor=BARE_CALL * call + BARE_PARSE * parse,
        note=f"parsed and stored; floor: {BARE_CALL:g} x spyne, doing nothing ({call * 1e3:.1f} ms),"
        f" and {BARE_PARSE:g} x etree.fromstring ({parse * 1e3:.1f} ms)",
    )  # fmt: skip


# --- a very large one

#: Prints the peak above the start in bytes, and the CPU time. The body is read from a file.
_LARGE = """
import json, sys
from time import process_time
import soap
from benchmarks import calls, endpoint
from benchmarks.measure import resident
how, path, folder, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
queue = soap.SQLQueue(f"sqlite:///{folder}/{how}.db") if how == "sqlite" else soap.MemoryQueue()
queue.enqueue(calls.USER, calls.REQUEST)
app = calls.endpoint(queue)
if how == "spyne":
    app = endpoint.nothing(app, huge=True)
    ticket, request_id = "t" * 43, "a" * 26
elif how == "stranger":
    ticket, request_id = "t" * 43, "a" * 26
else:
    ticket = calls.ticket_in(calls.call(app, calls.authenticate()))
    request_id = calls.request_id_in(calls.call(app, calls.send_request(ticket)))
length = endpoint.write_body(path, ticket, request_id, size)
now, _ = resident()
start = process_time()
with open(path, "rb") as source:
    calls.call_with(app, source, length)
spent = process_time() - start
print(json.dumps([resident()[1] - now, spent, length]))
"""


def write_body(path: str, ticket: str, request_id: str, size: int) -> int:
    """Write a call with an answer of so many bytes into a file, a piece at a time; its length."""
    piece = html.escape(customers(min(size, _MEGABYTE)), quote=False)
    mark = "<!--records-->"
    call = calls.receive_response(ticket, calls.answer(request_id, mark)).decode()
    before, after = call.split(html.escape(mark, quote=False))
    with open(path, "w", encoding="utf-8") as out:
        written = out.write(before) + out.write(after)
        out.seek(0)
        out.write(before)
        while written < size:
            written += out.write(piece)
        out.write(after)
    return Path(path).stat().st_size


_CASES = {
    "spyne": "floor: spyne, doing nothing",
    "stranger": "the endpoint, without a session: the envelope alone",
    "sqlite": "parsed into records, stored in SQLite",
    "memory": "parsed into records, which MemoryQueue keeps",
}


def large(megabytes: int) -> Iterator[Row]:
    """Answers that hardly fit: what they take in memory beyond themselves, in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "body"))
        floor: Any = None
        for how, note in _CASES.items():
            peak, spent, length = fresh(_LARGE, how, path, folder, str(megabytes * _MEGABYTE))
            floor = floor or spent
            yield Row(
                "endpoint", f"{length / _MEGABYTE:.0f} MB, {how}, peak", (peak - length) / length, ours=spent,
                floor=floor, note=f"beyond the body, in bodies; {note}",
            )  # fmt: skip
