"""The server's methods as the Web Connector calls them: arguments in, a value or a :class:`ServiceError` out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import Message

from lxml import etree

from . import envelope
from .envelope import NAMESPACE, ServiceError
from .transport import HTTPAnswer, Transport, TransportError

#: One exchange: the name of the method, and how to do it.
Exchange = Callable[[], HTTPAnswer]
#: Stands between a call and its exchange, to lose it, repeat it or hold it up.
Link = Callable[[str, Exchange], HTTPAnswer]


def direct(method: str, exchange: Exchange) -> HTTPAnswer:
    """The link with no faults."""
    return exchange()


class Service:
    """A server at an address."""

    def __init__(self, url: str, transport: Transport, link: Link = direct) -> None:
        self._url, self._transport, self._link = url, transport, link

    def text(self, method: str, /, **arguments: str | int | None) -> str | None:
        """Call a method that answers a text. Raises :class:`ServiceError`."""
        return envelope.text(self._result(method, arguments))

    def texts(self, method: str, /, **arguments: str | int | None) -> list[str | None] | None:
        """Call a method that answers an array of texts. Raises :class:`ServiceError`."""
        return envelope.texts(self._result(method, arguments))

    def integer(self, method: str, /, **arguments: str | int | None) -> int:
        """Call a method that answers an integer. Raises :class:`ServiceError`."""
        return envelope.integer(self._result(method, arguments))

    def _result(self, method: str, arguments: Mapping[str, str | int | None]) -> etree._Element | None:
        body = envelope.written(method, arguments)
        try:
            answer = self._link(method, lambda: self._transport.post(self._url, NAMESPACE + method, body))
        except TransportError as error:
            raise ServiceError(str(error)) from error
        return envelope.result(method, answer.body, _acceptable(answer))


def _acceptable(answer: HTTPAnswer) -> str | None:
    """The charset that an answer names. Raises :class:`ServiceError` where the client would not read its body."""
    if answer.status >= 300 and answer.status not in (400, 500):
        raise ServiceError(f"The request failed with HTTP status {answer.status}: {answer.reason}.")
    given = answer.headers.get("content-type", "")
    field = Message()
    field["Content-Type"] = given
    if not given or field.get_content_type() != "text/xml":
        if answer.status == 400:
            raise ServiceError(f"The request failed with HTTP status 400: {answer.reason}.")
        raise ServiceError(f"Client found response content type of '{given}', but expected 'text/xml'.")
    charset = field.get_content_charset()
    return None if charset in (None, "utf-8", "utf8") else charset
