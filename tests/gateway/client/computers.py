"""The gateway as a whole with a computer at its other end that runs an update whenever there is work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from a2wsgi import WSGIMiddleware
from lxml import etree

import qbxml
from qbgateway.client import AsyncClient, Client
from qbxml import Response, testing
from soap.queue.signals import work
from soap.testing.quickbooks import ModelQuickBooks
from tests.gateway.helpers import PUBLIC_URL, Books, Computer

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

#: The version that the endpoint speaks with a QuickBooks of today, unless it is told otherwise.
VERSION = "13.0"
#: What the model itself answers, for the endpoint reads it.
_GREETING = ("HostQueryRq", "CompanyQueryRq")


@dataclass
class EveryQuickBooks(ModelQuickBooks):
    """Takes any request that the schema of its version allows, and answers with the samples of the schema."""

    #: Content of each request, by its name, as the codec reads it.
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)

    def process(self, text: str) -> str:
        assert qbxml.validate(text.encode(), edition=self.country) == []
        for request in qbxml.parse_request(text.encode()).messages:
            self.taken[request.name] = request.content
        return super().process(text)

    def _do(self, name: str, request: etree._Element, set_id: str | None) -> tuple[int, str, str, str]:
        if name in _GREETING:
            return super()._do(name, request, set_id)
        return 0, "Status OK", self._sample(name), ""

    def _sample(self, name: str) -> str:
        (message,) = etree.fromstring(sample_answer(name, self.country))[0]
        return "".join(etree.tostring(one, encoding="unicode") for one in message)


def sample_answer(request: str, edition: str) -> bytes:
    """A document with an answer to a request."""
    name = f"{request.removesuffix('Rq')}Rs"
    content = testing.sample(name, VERSION, edition)
    # Pages are tested elsewhere; recovery is between the endpoint and QuickBooks.
    kept = {key: one for key, one in content.items() if not key.startswith("iterator") and key != "ErrorRecovery"}
    return qbxml.build(Response([{name: kept}]), version=VERSION, edition=edition)


def has(request: str, version: str, edition: str) -> bool:
    return edition in qbxml.EDITIONS and request.removesuffix("Rq") in qbxml.Schema(version, edition).messages


@contextmanager
def busy(computer: Computer) -> Iterator[None]:
    """The computer runs an update as soon as there is work, for the length of the block."""
    done = threading.Event()
    signals, topic = computer.books.queue.store.signals, work(computer.connection.id)
    with signals.watch(topic) as watch:

        def run() -> None:
            while not done.is_set():
                if watch.wait(5.0) and not done.is_set():
                    computer.update()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            done.set()
            watch.wake()
            thread.join(20.0)


def client(books: Books, application: WSGIApplication | None = None, **options: Any) -> Client:
    transport = httpx.WSGITransport(application or books.application())
    return Client(books.keys.secret_text, base_url=PUBLIC_URL, transport=transport, **options)


def async_client(books: Books, **options: Any) -> AsyncClient:
    whole: Any = books.application()
    application: Any = WSGIMiddleware(whole)
    return AsyncClient(
        books.keys.secret_text, base_url=PUBLIC_URL, transport=httpx.ASGITransport(application), **options
    )
