"""The Web Connector's calls over HTTP, for a server in another process. It shares no code with what it calls.

Envelopes are written by hand, and answers read with the standard library.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from time import sleep
from typing import Protocol
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .connector import Down

NAMESPACE = "http://developer.intuit.com/"
#: Seconds after which an answer does not come any more.
PATIENCE = 60.0
#: Seconds until somebody whom nobody answered tries again.
PAUSE = 0.02

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    '<soap:Body><{name} xmlns="{namespace}">{arguments}</{name}></soap:Body></soap:Envelope>'
)


class Misanswered(Exception):
    """A server that was left alone gave no answer, or none that can be used."""


class Served(Protocol):
    """A server in a process of its own."""

    #: Where it listens on this machine.
    port: int
    #: Whether somebody killed it, or told it to stop.
    ending: bool


class WireEndpoint:
    """Has the methods of :class:`~soap.endpoint.Endpoint`, and makes a call to a server of each.

    ``server`` gives the server of the moment, ``None`` where there is none. Raises
    :class:`~soap.testing.connector.Down` where there is none, and where it goes down during a call;
    :class:`Misanswered` for all else. For one thread.
    """

    def __init__(self, server: Callable[[], Served | None]) -> None:
        self._server = server
        self._line: http.client.HTTPConnection | None = None
        self._other_end: Served | None = None

    def authenticate(self, username: str, password: str, /) -> list[str]:
        """The call of that name, as all that follow."""
        return [one.text or "" for one in self._call("authenticate", strUserName=username, strPassword=password)]

    def connection_error(self, ticket: str, hresult: str, message: str, /) -> str:
        """``connectionError``."""
        return self._text("connectionError", ticket=ticket, hresult=hresult, message=message)

    def send_request_xml(
        self, ticket: str, description: str, file: str, country: str, major: int | None, minor: int | None, /
    ) -> str:
        """``sendRequestXML``."""
        return self._text(
            "sendRequestXML",
            ticket=ticket,
            strHCPResponse=description,
            strCompanyFileName=file,
            qbXMLCountry=country,
            qbXMLMajorVers=str(major),
            qbXMLMinorVers=str(minor),
        )

    def receive_response_xml(self, ticket: str, response: str, hresult: str, message: str, /) -> int:
        """``receiveResponseXML``."""
        return int(self._text("receiveResponseXML", ticket=ticket, response=response, hresult=hresult, message=message))

    def get_last_error(self, ticket: str, /) -> str:
        """``getLastError``."""
        return self._text("getLastError", ticket=ticket)

    def close_connection(self, ticket: str, /) -> str:
        """``closeConnection``."""
        return self._text("closeConnection", ticket=ticket)

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
        self._line = self._other_end = None

    def _text(self, name: str, **arguments: str) -> str:
        return self._call(name, **arguments).text or ""

    def _call(self, name: str, **arguments: str) -> ElementTree.Element:
        server = self._server()
        if server is None:
            sleep(PAUSE)
            raise Down("nobody listens")
        if self._other_end is not server:
            self.close()
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            self._other_end = server
        written = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in arguments.items())
        body = _ENVELOPE.format(name=name, namespace=NAMESPACE, arguments=written).encode()
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}{name}"'}
        try:
            self._line.request("POST", "/qbwc", body, headers)
            reply = self._line.getresponse()
            status, content = reply.status, reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if server.ending:
                sleep(PAUSE)
                raise Down(f"{type(error).__name__} during {name}") from None
            raise Misanswered(f"{name}: {type(error).__name__}: {error}") from None
        if status != 200:
            raise Misanswered(f"{name}: {status} {content[:500]!r}")
        found = ElementTree.fromstring(content).find(f".//{{{NAMESPACE}}}{name}Result")
        if found is None:
            raise Misanswered(f"{name}: {content[:500]!r}")
        return found
