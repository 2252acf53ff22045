"""SOAP and HTTP around the endpoint: a WSGI application. A translation, without rules of the conversation.

spyne reads the envelope, calls the method and writes the answer. Around it stands a guard of our own, because
some requests make spyne raise instead of answering, because it would log what must not be logged, and because
the WSDL is served from ``schemas/qbwc.wsdl`` with an address from the configuration: spyne would take it from
the Host header of whoever asks first.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from lxml import etree

from qbxml._files import read_schema_file
from qbxml.versions import DEFAULT_VERSION

from . import _spyne
from .endpoint import Authenticator, Endpoint
from .queue import RequestQueue

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

#: With the slash at the end: without it the Web Connector finds nothing in an answer.
NAMESPACE = "http://developer.intuit.com/"

#: Bytes in one call. Answers of tens of megabytes are real (a report, a long list without an iterator), while
#: spyne would take 2 MiB. Per call about three times as much memory is used for a moment.
MAX_CONTENT_LENGTH = 64 * 1024 * 1024

#: What spyne raises, instead of answering with a fault, on an envelope with an empty Body, on a ``href`` that
#: leads nowhere, and on ids that point at themselves.
ESCAPES = (AttributeError, KeyError, RecursionError)

#: The one encoding that the Web Connector writes. Others could hide a DOCTYPE from the look we take.
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})

_DECLARATION = re.compile(r"""\ufeff?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")

_SOAP_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"

#: A logger of spyne that writes out every envelope it cannot read, password and all.
_TALKATIVE_LOGGER = "spyne.protocol.soap.soap11.invalid"


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
    version: str = DEFAULT_VERSION,
    max_content_length: int = MAX_CONTENT_LENGTH,
) -> WSGIApplication:
    """A WSGI application that serves the Web Connector, to be mounted under any path.

    ``url`` is the address under which the Web Connector reaches it, as in the ``.qwc`` file; it stands in the
    WSDL. ``version`` is the newest qbXML version to send, also to a QuickBooks that offers more. A POST is a
    SOAP call, ``GET ?wsdl`` answers the WSDL, any other GET a line of text (so the address itself can be the
    ``AppSupport`` of a ``.qwc`` file). A POST of more than ``max_content_length`` bytes, or of unstated
    length, is refused with a fault.

    Attempts to sign in are not counted: where the address is public, slow them down in ``authenticator``.

    Raises ``ImportError`` when spyne is not installed, and ``qbxml.errors.UnknownVersion``.
    """
    endpoint = Endpoint(queue, authenticator, version=version)
    return _Guard(_spyne_application(endpoint, max_content_length), wsdl(url), max_content_length)


def _spyne_application(endpoint: Endpoint, max_content_length: int) -> Any:
    """The spyne service. Its functions carry the names of the wire, and so do their arguments."""
    spyne = _spyne.load()
    logging.getLogger(_TALKATIVE_LOGGER).disabled = True

    text = spyne.Unicode(min_occurs=0, nillable=False)
    integer = spyne.Integer32(min_occurs=1, nillable=False)
    texts = spyne.Array(text, type_name="ArrayOfString").customize(min_occurs=0, nillable=False)

    # An argument is None where its element is absent; None as an answer would leave the result out.

    def serverVersion(context: object) -> str:
        return endpoint.server_version()

    def clientVersion(context: object, strVersion: str | None) -> str:
        return endpoint.client_version(strVersion or "")

    def authenticate(context: object, strUserName: str | None, strPassword: str | None) -> list[str]:
        return endpoint.authenticate(strUserName or "", strPassword or "")

    def sendRequestXML(
        context: object,
        ticket: str | None,
        strHCPResponse: str | None,
        strCompanyFileName: str | None,
        qbXMLCountry: str | None,
        qbXMLMajorVers: int | None,
        qbXMLMinorVers: int | None,
    ) -> str:
        return endpoint.send_request_xml(ticket or "", qbXMLCountry or "", qbXMLMajorVers, qbXMLMinorVers)

    def receiveResponseXML(
        context: object, ticket: str | None, response: str | None, hresult: str | None, message: str | None
    ) -> int:
        return endpoint.receive_response_xml(ticket or "", response or "", hresult or "", message or "")

    def connectionError(context: object, ticket: str | None, hresult: str | None, message: str | None) -> str:
        return endpoint.connection_error(ticket or "", hresult or "", message or "")

    def getLastError(context: object, ticket: str | None) -> str:
        return endpoint.get_last_error(ticket or "")

    def closeConnection(context: object, ticket: str | None) -> str:
        return endpoint.close_connection(ticket or "")

    operations: list[tuple[Callable[..., object], list[Any], Any]] = [
        (serverVersion, [], text),
        (clientVersion, [text], text),
        (authenticate, [text, text], texts),
        (sendRequestXML, [text, text, text, text, integer, integer], text),
        (receiveResponseXML, [text, text, text, text], integer),
        (connectionError, [text, text, text], text),
        (getLastError, [text], text),
        (closeConnection, [text], text),
    ]
    methods = {
        function.__name__: spyne.rpc(*arguments, _returns=returns)(function)
        for function, arguments, returns in operations
    }
    service = type(spyne.ServiceBase)("QBWebConnectorSvc", (spyne.ServiceBase,), methods)
    # No validator: each that spyne has refuses things the Web Connector sends. huge_tree, because libxml2
    # else stops at 10 MB in one text; what that protects from is kept out by the length and by refusing a
    # DOCTYPE.
    protocol = spyne.Soap11(huge_tree=True)
    built = spyne.Application([service], tns=NAMESPACE, in_protocol=protocol, out_protocol=spyne.Soap11())
    # Nobody looks it up there, and several endpoints may live in one process.
    spyne.applications.pop((NAMESPACE, built.name), None)
    return spyne.WsgiApplication(built, max_content_length=max_content_length)


class _Refused(Exception):
    """A request that is not passed on to spyne. The text is for the fault, and quotes nothing of it."""


class _Guard:
    """The WSGI callable in front of spyne. Every POST gets a well-formed SOAP answer, whatever is in it."""

    def __init__(self, inner: WSGIApplication, wsdl: bytes, max_content_length: int) -> None:
        self._inner = inner
        self._wsdl = wsdl
        self._max_content_length = max_content_length

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"].upper()
        if method == "POST":
            return self._post(environ, start_response)
        if method in ("GET", "HEAD"):
            query = environ.get("QUERY_STRING", "")
            if query.partition("=")[0].lower() == "wsdl":
                body, media_type = self._wsdl, "text/xml; charset=utf-8"
            else:
                body, media_type = (
                    b"This address is for the QuickBooks Web Connector.\n",
                    "text/plain; charset=utf-8",
                )
            return _answer(start_response, "200 OK", media_type, body, send=method == "GET")
        return _answer(start_response, "405 Method Not Allowed", "text/plain", b"", ("Allow", "GET, HEAD, POST"))

    def _post(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._call(self._read(environ), environ, start_response)
        except _Refused as refused:
            fault_code, reason = "Client", str(refused)
        except ESCAPES:
            fault_code, reason = "Client", "The SOAP envelope could not be understood."
        except Exception:
            logger.exception("a SOAP call failed")
            fault_code, reason = "Server", "Internal Error"
        # 500 is what SOAP 1.1 wants with a fault, also with one that is the client's.
        return _answer(
            start_response, "500 Internal Server Error", "text/xml; charset=utf-8", _fault(fault_code, reason)
        )

    def _read(self, environ: WSGIEnvironment) -> bytes:
        """The body, or ``_Refused``: of a stated length within the limit, in UTF-8, and without a DOCTYPE."""
        try:
            length = int(environ.get("CONTENT_LENGTH") or "0")
        except ValueError:
            raise _Refused("The Content-Length is not a number.") from None
        if length <= 0:
            # Also a chunked body: its end could only be found by reading on.
            raise _Refused("The request has no body, or does not state its length.")
        if length > self._max_content_length:
            raise _Refused(f"The request has {length} bytes, and the server takes {self._max_content_length}.")
        body: bytes = environ["wsgi.input"].read(length)
        if len(body) < length:
            raise _Refused("The request ended before its stated length.")

        _, parameters = _spyne.parse_header(environ.get("CONTENT_TYPE", ""))
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise _Refused("The request is not in UTF-8.") from None
        declaration = _DECLARATION.match(text)
        for named in (parameters.get("charset", ""), declaration[1] if declaration else ""):
            if named.strip().lower() not in _UTF8:
                raise _Refused("The request says that it is not in UTF-8.")
        # libxml2 would read entities declared here, and cut a value at an unknown one. SOAP forbids a DOCTYPE
        # anyway.
        if "<!DOCTYPE" in text:
            raise _Refused("A SOAP message must not have a DOCTYPE.")
        return body

    def _call(self, body: bytes, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the body to spyne, and pass its answer on once it is complete."""
        inner_environ = {
            **environ,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            # Whatever else it says: no attachments, and no decoding twice.
            "CONTENT_TYPE": "text/xml",
        }
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def note(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
            started.append((status, headers))
            return lambda data: None

        chunks = self._inner(inner_environ, note)
        answer = b"".join(chunks)
        status, headers = started[-1]
        start_response(status, headers)
        return [answer]


def _fault(code: str, reason: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<soap:Envelope xmlns:soap="{_SOAP_ENVELOPE}"><soap:Body><soap:Fault>'
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
    start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body))), *more])
    return [body] if send else []
