"""The Web Connector's calls, made on a WSGI application in this process; and a spyne service that does nothing.

The service is the floor of everything the endpoint does: the same methods, read and written by spyne alone, in the way
its manual shows, with nothing before it and nothing behind it.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import soap
from soap import Account, Refusal, _spyne
from soap._envelope import NAMESPACE
from soap.queue import RequestQueue

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

USER, PASSWORD = "annie", "a password of some length"

#: What a program asks for in the benchmarks.
REQUEST = {"CustomerQueryRq": {"MaxReturned": 100}}

#: Arguments by call, as the Web Connector names them.
ARGUMENTS = {
    "serverVersion": (),
    "clientVersion": ("strVersion",),
    "authenticate": ("strUserName", "strPassword"),
    "sendRequestXML": (
        "ticket",
        "strHCPResponse",
        "strCompanyFileName",
        "qbXMLCountry",
        "qbXMLMajorVers",
        "qbXMLMinorVers",
    ),
    "receiveResponseXML": ("ticket", "response", "hresult", "message"),
    "connectionError": ("ticket", "hresult", "message"),
    "getLastError": ("ticket",),
    "closeConnection": ("ticket",),
}

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
    '<soap:Body><{name} xmlns="http://developer.intuit.com/">{inner}</{name}></soap:Body></soap:Envelope>'
)


def envelope(name: str, **arguments: str) -> bytes:
    """A call as the Web Connector writes it."""
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in arguments.items())
    return _ENVELOPE.format(name=name, inner=inner).encode()


def authenticate(user: str = USER) -> bytes:
    return envelope("authenticate", strUserName=user, strPassword=PASSWORD)


def send_request(ticket: str) -> bytes:
    return envelope(
        "sendRequestXML",
        ticket=ticket,
        strHCPResponse="",
        strCompanyFileName=r"C:\Users\Public\Documents\Intuit\Swamp and Sons.QBW",
        qbXMLCountry="US",
        qbXMLMajorVers="16",
        qbXMLMinorVers="0",
    )


def receive_response(ticket: str, response: str) -> bytes:
    return envelope("receiveResponseXML", ticket=ticket, response=response, hresult="", message="")


def close_connection(ticket: str) -> bytes:
    return envelope("closeConnection", ticket=ticket)


def answer(request_id: str, records: str = "") -> str:
    """QuickBooks' answer to the query that the benchmarks send."""
    return (
        '<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs>\n'
        f'<CustomerQueryRs requestID="{request_id}" statusCode="0" statusSeverity="Info" statusMessage="Status OK">\n'
        f"{records}</CustomerQueryRs>\n</QBXMLMsgsRs>\n</QBXML>\n"
    )


def between(text: str, before: str, after: str) -> str:
    """What stands in a text between two others; raises ``ValueError`` where they are not there."""
    start = text.index(before) + len(before)
    return text[start : text.index(after, start)]


def ticket_in(reply: bytes) -> str:
    """The ticket that ``authenticate`` was answered with."""
    return between(reply.decode(), "string>", "</")


def request_id_in(reply: bytes) -> str:
    """The requestID in what ``sendRequestXML`` was answered with."""
    return between(reply.decode(), 'requestID="', '"')


def call(app: WSGIApplication, body: bytes) -> bytes:
    """One POST, as a server would give it to the application. Raises ``RuntimeError`` for another status than 200."""
    return call_with(app, io.BytesIO(body), len(body))


def call_with(app: WSGIApplication, source: Any, length: int) -> bytes:
    """The same with a body that is read from a file."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/qbwc",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": source,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    status: list[str] = []

    def start_response(line: str, headers: object, exc_info: object = None) -> Any:
        status.append(line)

    reply = app(environ, start_response)
    body = b"".join(reply)
    close = getattr(reply, "close", None)
    if close is not None:
        close()
    if not status[-1].startswith("200"):
        raise RuntimeError(f"{status[-1]}: {body[:500]!r}")
    return body


class Everybody:
    """Lets everybody in, each to a connection of his own name: passwords are another benchmark's business."""

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        return Account(username)


def endpoint(queue: RequestQueue, **options: Any) -> soap.Application:
    """The endpoint as a program has it."""
    return soap.application(
        queue=queue,
        authenticator=Everybody(),
        url="https://books.example.com/qbwc",
        options=soap.Options(**options),
    )


def bare(answers: dict[str, object], *, huge: bool = False) -> WSGIApplication:
    """A spyne service with the Web Connector's methods, each of which returns what stands in ``answers``."""
    spyne = _spyne.load()
    text = spyne.Unicode
    returns = {"authenticate": spyne.Array(text), "receiveResponseXML": spyne.Integer32}

    def method(name: str) -> Any:
        # spyne takes the arguments' names from the function.
        names = ARGUMENTS[name]
        scope: dict[str, Any] = {"given": answers[name]}
        exec(f"def {name}(context{''.join(f', {one}' for one in names)}): return given", scope)
        return spyne.rpc(*[text] * len(names), _returns=returns.get(name, text))(scope[name])

    methods = {name: method(name) for name in ARGUMENTS if name in answers}
    service = type("Nothing", (spyne.ServiceBase,), methods)
    protocol = spyne.Soap11(huge_tree=huge)
    built = spyne.Application([service], tns=NAMESPACE, in_protocol=protocol, out_protocol=spyne.Soap11())
    spyne.applications.pop((NAMESPACE, built.name), None)
    made: WSGIApplication = spyne.WsgiApplication(built, max_content_length=1 << 30)
    _spyne.silence()
    return made


def quietly(run: Callable[[], object]) -> Callable[[], object]:
    """The same without spyne's log, which nobody has switched on while anything is measured."""

    def call() -> object:
        with _spyne.answering():
            return run()

    return call
