"""SOAP and HTTP around the endpoint: a WSGI application. A translation, without rules of the conversation.

A guard answers what is no SOAP call at all, and reads the body. :mod:`soap._envelope` reads the envelope, spyne calls
the method and writes the answer. The WSDL is served
from ``schemas/qbwc.wsdl`` with an address from the configuration: spyne would take it from the Host header of
whoever asks first.

Nothing that was sent stands in an answer to a refused call, or in a log: every call may hold a password, a ticket,
or a company's books.
"""

from __future__ import annotations

import inspect
import ipaddress
import logging
import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

from qbxml._files import read_schema_file

from . import _spyne
from ._envelope import NAMESPACE, SOAP, UTF8, Refused, read_call, written
from .authentication import Authenticator
from .endpoint import CALL_NUMBER, NOT_HELD, Endpoint, Options
from .holding import Holding
from .observing import Observer, observed
from .queue import RequestQueue

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

#: Bytes in one call. Answers of tens of megabytes are real (a report, a long list without an iterator), and one of a
#: hundred should not be lost for a round number. Reading the envelope takes twice the size of a call in memory, before
#: anybody has shown a ticket; the records of an answer, as Python has them, can take ten times their size after that.
#: Where memory is short, or the address public, take less.
MAX_CONTENT_LENGTH = 128 * 1024 * 1024

#: How much of a refused body is read, as a multiple of what would have been accepted: a client that still sends sees
#: a reset, and not our answer.
DRAINED = 2

_CHARSET = re.compile(r""";\s*charset\*?\s*=\s*["']?([^"';\s]*)""", re.IGNORECASE)

#: What XML has no way to write. The Web Connector refuses a whole answer for one of them.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Where the guard leaves the caller's address for the service.
_ADDRESS: Final = "openqbd.address"

_Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def wsdl(url: str) -> bytes:
    """The WSDL of an endpoint at ``url``."""
    document = etree.fromstring(read_schema_file("qbwc.wsdl"))
    for address in document.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address"):
        address.set("location", url)
    return etree.tostring(document, xml_declaration=True, encoding="utf-8")


def application(
    *,
    queue: RequestQueue,
    authenticator: Authenticator,
    url: str,
    options: Options | None = None,
    most_held: int | None = None,
    observers: Sequence[Observer] = (),
    max_content_length: int = MAX_CONTENT_LENGTH,
    trusted_proxies: Iterable[str] = (),
) -> Application:
    """A WSGI application that serves the Web Connector, to be mounted under any path.

    ``url`` is the address under which the Web Connector reaches it, as in the ``.qwc`` file; it stands in the
    WSDL. ``options`` say how it behaves: the newest qbXML version to send, how long a call waits for work, and so on.
    ``most_held`` bounds how many calls wait at a time (default: no bound under gevent; 2 where each takes a thread).
    ``observers`` are told about each call: see ``soap.observing``, ``soap.transcript``, ``soap.metrics``. A POST is a
    SOAP call, ``GET ?wsdl`` answers the WSDL, any other GET a line of text (so the address itself can be
    the ``AppSupport`` of a ``.qwc`` file). A call of more than ``max_content_length`` bytes is refused with a fault,
    and one of unstated length with status 411.

    A caller's address is that of the connection. Behind a proxy that is the proxy: list it in ``trusted_proxies``,
    as addresses or networks (``"10.0.0.0/8"``; ``"unix"`` for whoever comes over a Unix socket), and the address is
    taken from ``X-Forwarded-For``, from the right as far as it was written by those listed. Nobody else can choose
    an address. ``Host`` and ``X-Forwarded-Host`` are never looked at.

    Raises ``ImportError`` when spyne is not installed, ``qbxml.errors.UnknownVersion``, and ``ValueError`` for what
    is no address or network in ``trusted_proxies``.
    """
    endpoint = Endpoint(queue, authenticator, options)
    service = _spyne_application(observed(endpoint, observers), max_content_length)
    guard = _Guard(service, wsdl(url), max_content_length, caller_address(trusted_proxies))
    return Application(endpoint, guard, most_held)


class Application:
    """The WSGI callable that :func:`application` makes."""

    def __init__(self, endpoint: Endpoint, guard: WSGIApplication, most_held: int | None) -> None:
        #: What answers the calls; for what WSGI has no place for.
        self.endpoint = endpoint
        self._holding = Holding(guard, endpoint, most_held) if endpoint.options.hold > 0 else None
        self._inner: WSGIApplication = self._holding or guard

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        return self._inner(environ, start_response)

    @property
    def held(self) -> int:
        """How many calls wait for work at the moment."""
        return 0 if self._holding is None else self._holding.held

    def drain(self) -> None:
        """Answer all calls that wait, and let none wait from now on: for a process that is to end."""
        if self._holding is not None:
            self._holding.drain()


# --- the service


def _spyne_application(endpoint: Endpoint, max_content_length: int) -> Any:
    """The spyne service. Its functions carry the names of the wire, and so do their arguments."""
    spyne = _spyne.load()

    # Texts all, also the two numbers: what is no number is for the endpoint to judge, not a fault that quotes it.
    text = spyne.Unicode(min_occurs=0, nillable=False)
    integer = spyne.Integer32(min_occurs=1, nillable=False)
    texts = spyne.Array(text, type_name="ArrayOfString").customize(min_occurs=0, nillable=False)

    # An argument is "" where its element is absent; None as an answer would leave the result out.

    def serverVersion(context: Any) -> str:
        return endpoint.server_version()

    def clientVersion(context: Any, strVersion: str) -> str:
        return endpoint.client_version(strVersion)

    def authenticate(context: Any, strUserName: str, strPassword: str) -> list[str]:
        return endpoint.authenticate(strUserName, strPassword, context.transport.req_env[_ADDRESS] or None)

    def sendRequestXML(
        context: Any,
        ticket: str,
        strHCPResponse: str,
        strCompanyFileName: str,
        qbXMLCountry: str,
        qbXMLMajorVers: str,
        qbXMLMinorVers: str,
    ) -> str:
        environ = context.transport.req_env
        return endpoint.send_request_xml(
            ticket,
            strHCPResponse,
            strCompanyFileName,
            qbXMLCountry,
            _number(qbXMLMajorVers),
            _number(qbXMLMinorVers),
            call_number=environ.get(CALL_NUMBER),
            not_held=NOT_HELD in environ,
        )

    def receiveResponseXML(context: Any, ticket: str, response: str, hresult: str, message: str) -> int:
        return endpoint.receive_response_xml(ticket, response, hresult, message)

    def connectionError(context: Any, ticket: str, hresult: str, message: str) -> str:
        return endpoint.connection_error(ticket, hresult, message)

    def getLastError(context: Any, ticket: str) -> str:
        return endpoint.get_last_error(ticket)

    def closeConnection(context: Any, ticket: str) -> str:
        return endpoint.close_connection(ticket)

    # In Intuit's guide, but not in its WSDL. The first is another name of serverVersion. The others belong to
    # interactive mode, whose poll has two names there; nobody is sent into it.

    def getServerVersion(context: Any, ticket: str) -> str:
        return endpoint.server_version()

    def getInteractiveURL(context: Any, wcTicket: str, sessionID: str) -> str:
        return endpoint.get_interactive_url(wcTicket, sessionID)

    def interactiveDone(context: Any, wcTicket: str) -> str:
        return endpoint.interactive_done(wcTicket)

    def isInteractiveDone(context: Any, wcTicket: str) -> str:
        return endpoint.interactive_done(wcTicket)

    def interactiveRejected(context: Any, wcTicket: str, reason: str) -> str:
        return endpoint.interactive_rejected(wcTicket, reason)

    operations: list[tuple[Callable[..., object], Any]] = [
        (serverVersion, text),
        (clientVersion, text),
        (authenticate, texts),
        (sendRequestXML, text),
        (receiveResponseXML, integer),
        (connectionError, text),
        (getLastError, text),
        (closeConnection, text),
        (getServerVersion, text),
        (getInteractiveURL, text),
        (interactiveDone, text),
        (isInteractiveDone, text),
        (interactiveRejected, text),
    ]
    parameters = {function.__name__: tuple(inspect.signature(function).parameters)[1:] for function, _ in operations}
    methods: dict[str, object] = {
        function.__name__: spyne.rpc(*[text] * len(parameters[function.__name__]), _returns=returns)(function)
        for function, returns in operations
    }
    methods["call_wrapper"] = classmethod(_call_method)
    service = type(spyne.ServiceBase)("QBWebConnectorSvc", (spyne.ServiceBase,), methods)
    reader = _spyne.protocol(partial(read_call, parameters))
    writer = spyne.Soap11(cleanup_namespaces=False)
    built = spyne.Application([service], tns=NAMESPACE, in_protocol=reader, out_protocol=writer)
    # Of fifteen namespaces an answer needs two; to declare all, and take out again what was not used, takes longer
    # than all else about an answer.
    built.interface.nsmap = {"soap11env": SOAP, "tns": NAMESPACE}
    # A context is part of a cycle, and would keep a large answer until a full collection finds it.
    built.event_manager.add_listener("method_context_closed", _forget)
    # Nobody looks it up there, and several endpoints may live in one process.
    spyne.applications.pop((NAMESPACE, built.name), None)
    # In one block, so that the body is passed on and not put together again from pieces.
    served = spyne.WsgiApplication(built, max_content_length=max_content_length, block_length=max_content_length)
    _spyne.silence()
    return served


def _call_method(service: type, context: Any) -> object:
    """Call the method that spyne found; what all of them have in common stands here."""
    arguments, context.in_object = context.in_object, ()
    try:
        answer = context.function(context, *arguments)
    except Exception as error:
        logger.error("%s failed\n%s", context.descriptor.name, _told(error, arguments))
        raise  # spyne makes a fault "Internal Error" of it
    if isinstance(answer, list):
        return [_FORBIDDEN.sub("", text) for text in answer]
    # What spyne finds here it sends as it is. Its own way, by a tree of elements, takes a seventh of a whole call.
    context.out_string = [written(context.descriptor.name, _FORBIDDEN.sub("", str(answer)))]
    return answer


def _forget(context: Any) -> None:
    """Let go of what a call was answered. spyne has taken out what it still has to send."""
    context.out_object = context.out_body_doc = context.out_document = context.out_string = None


def _number(text: str) -> int | None:
    """A small number, or ``None``: of what is none the endpoint says so in the conversation."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _told(error: BaseException | None, said: Sequence[str]) -> str:
    """A traceback for the log that quotes nothing of ``said``, the arguments of a call.

    Of each message the first line is told, for a database's error goes on with the parameters of its statement, and
    of that no word that was in the call.
    """
    told: list[str] = []
    while error is not None:
        message = next(iter(str(error).splitlines()), "")[:200]
        for text in said:
            if 3 <= len(text) <= 200:
                message = message.replace(text, "[...]")
        message = re.sub(r"\w{4,}", lambda word: "[...]" if any(word[0] in text for text in said) else word[0], message)
        told.insert(0, f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}: {message}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nand then\n".join(told)


# --- HTTP


class _Input:
    """``wsgi.input`` for spyne: gives the body once, and holds it no longer."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def read(self, size: int = -1) -> bytes:
        body, self._body = self._body, b""
        return body


class _Guard:
    """The WSGI callable in front of spyne. Every request gets an answer, and every answer a length."""

    def __init__(
        self,
        inner: WSGIApplication,
        wsdl: bytes,
        max_content_length: int,
        caller: Callable[[WSGIEnvironment], str],
    ) -> None:
        self._inner = inner
        self._wsdl = wsdl
        self._max_content_length = max_content_length
        self._caller = caller

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"].upper()
        if method == "POST":
            return self._post(environ, start_response)
        self._drain(environ)
        if method not in ("GET", "HEAD"):
            return _answer(start_response, "405 Method Not Allowed", _TEXT, b"", ("Allow", "GET, HEAD, POST"))
        if environ.get("QUERY_STRING", "").partition("=")[0].lower() == "wsdl":
            return _answer(start_response, "200 OK", _XML, self._wsdl, send=method == "GET")
        line = b"This address is for the QuickBooks Web Connector.\n"
        return _answer(start_response, "200 OK", _TEXT, line, send=method == "GET")

    def _post(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        address = self._caller(environ)
        try:
            told = {name: environ[name] for name in (CALL_NUMBER, NOT_HELD) if name in environ}
            status, answer = self._call(_Input(self._read(environ)), {_ADDRESS: address, **told})
            return _answer(start_response, status, _XML, answer)
        except Refused as refused:
            logger.info("a call from %s was refused: %s", address or "an unknown address", refused)
            if refused.status:
                return _answer(start_response, refused.status, _TEXT, f"{refused}\n".encode())
            fault = _fault(refused.code, str(refused))
        except Exception as error:
            # Without its message, of which nobody knows what it quotes.
            logger.error("a SOAP call failed\n%s%s", "".join(traceback.format_tb(error.__traceback__)), type(error))
            fault = _fault("Server", "Internal Error")
        # 500 is what SOAP 1.1 wants with a fault, also with one that is the client's.
        return _answer(start_response, "500 Internal Server Error", _XML, fault)

    def _read(self, environ: WSGIEnvironment) -> bytes:
        """The whole body, of a media type and a stated length that we take; or ``Refused``."""
        try:
            length = int(environ.get("CONTENT_LENGTH") or "0")
        except ValueError:
            raise Refused("The Content-Length is not a number.", status="400 Bad Request") from None
        reason, status = self._objection(environ, length)
        if reason:
            self._drain(environ)
            raise Refused(reason, status=status)
        pieces: list[bytes] = []
        missing = length
        while missing and (piece := _some(environ, missing)):  # most servers give all at once
            pieces.append(piece)
            missing -= len(piece)
        if missing:
            raise Refused("The request ended before its stated length.", status="400 Bad Request")
        return b"".join(pieces)

    def _objection(self, environ: WSGIEnvironment, length: int) -> tuple[str, str]:
        """Why a body is not even read, and the status; or two empty texts."""
        kind = environ.get("CONTENT_TYPE") or ""
        media_type = kind.partition(";")[0].strip().lower()
        if media_type not in ("", "text/xml", "application/xml") and not media_type.endswith("+xml"):
            return "A SOAP call is of the media type text/xml.", "415 Unsupported Media Type"
        charset = _CHARSET.search(kind)
        if charset and charset[1].lower() not in UTF8:
            return "The request says that it is not in UTF-8.", "415 Unsupported Media Type"
        if length <= 0 or environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() not in ("", "identity"):
            # Also a chunked body: how long it is would be known when it has come.
            return "The request has no body, or does not state its length.", "411 Length Required"
        if length > self._max_content_length:
            # With a fault, not with 413: of a fault the Web Connector shows the text, and this is one to act upon.
            return f"The request has {length} bytes, and the server takes {self._max_content_length}.", ""
        return "", ""

    def _drain(self, environ: WSGIEnvironment) -> None:
        """Read a body that nobody wants, up to a bound, so that the client gets to read the answer."""
        left = DRAINED * self._max_content_length
        stated = environ.get("CONTENT_LENGTH") or ""
        if stated.isascii() and stated.isdecimal():
            left = min(left, int(stated[:20]))
        elif not environ.get("wsgi.input_terminated"):
            return  # without an end that the server knows of, reading on would wait for the client
        while left > 0 and (piece := _some(environ, min(left, 65536))):
            left -= len(piece)

    def _call(self, body: _Input, told: Mapping[str, object]) -> tuple[str, bytes]:
        """What spyne answers: status line and body. Of the request it sees this much and ``told``, nothing else."""
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "CONTENT_TYPE": "text/xml",
            "CONTENT_LENGTH": str(body.length),
            **told,
        }
        started: list[str] = []

        def note(status: str, headers: object, exc_info: object = None) -> Callable[[bytes], object]:
            started.append(status)
            return lambda data: None

        with _spyne.answering():
            answer = b"".join(self._inner(environ, note))
        return started[-1], answer


_XML = "text/xml; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


def _some(environ: WSGIEnvironment, size: int) -> bytes:
    """At most ``size`` bytes of the body; none at its end, or when the client has gone."""
    try:
        piece: bytes = environ["wsgi.input"].read(size)
    except OSError:
        return b""
    return piece


def _fault(code: str, reason: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault>'
        f"<faultcode>soap:{code}</faultcode><faultstring>{escape(reason)}</faultstring>"
        "</soap:Fault></soap:Body></soap:Envelope>"
    ).encode()


def _answer(
    start_response: StartResponse,
    status: str,
    media_type: str,
    body: bytes,
    *more: tuple[str, str],
    send: bool = True,
) -> list[bytes]:
    headers = [("Content-Type", media_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *more]
    start_response(status, headers)
    return [body] if send else []


# --- whose call it is


def caller_address(trusted_proxies: Iterable[str] = ()) -> Callable[[WSGIEnvironment], str]:
    """A function that tells the address of a caller from a WSGI environment, as :func:`application` sees it.

    It gives ``""`` where there is none. Raises ``ValueError`` for what is no address or network.
    """
    return partial(_caller, _trusted(trusted_proxies))


def _trusted(proxies: Iterable[str]) -> tuple[bool, tuple[_Network, ...]]:
    """Whether those are trusted who have no IP address, and the networks that are."""
    if isinstance(proxies, str):
        raise ValueError(f"trusted_proxies is a list of addresses or networks, and {proxies!r} is one text")
    names = list(proxies)
    networks: list[_Network] = []
    for name in names:
        if name != "unix":
            try:
                networks.append(ipaddress.ip_network(name))
            except ValueError as error:
                raise ValueError(f"trusted_proxies: {error}; write an address or a network, as 10.0.0.0/8") from None
    return "unix" in names, tuple(networks)


def _caller(trusted: tuple[bool, tuple[_Network, ...]], environ: WSGIEnvironment) -> str:
    """The address of a caller, seen through trusted proxies; ``""`` where there is none to be had."""
    unix, networks = trusted
    address = _ip(environ.get("REMOTE_ADDR", ""))
    # Each proxy adds at the right whom it was called by. What stands left of the first that is not trusted was
    # written by whoever wanted to.
    hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and (unix if address is None else any(address in network for network in networks)):
        further = _ip(hops.pop())
        if further is None:
            break
        address = further
    return "" if address is None else str(address)


@lru_cache(maxsize=256)
def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address in a text that may have a port; ``None`` where there is no address in it."""
    text = text.strip()
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::\d*)?", text)
    if bracketed:
        text = bracketed[1]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # What an IPv6 socket says of an IPv4 caller.
    return getattr(address, "ipv4_mapped", None) or address
