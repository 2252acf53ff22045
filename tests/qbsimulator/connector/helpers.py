"""What the tests of the Web Connector share: a server that answers by heart, a company that does, a `.qwc` file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from qbsimulator import QuickBooksError
from qbsimulator.connector import Application, Habits, Interference, VirtualTime, WebConnector, WSGITransport

NAMESPACE = "http://developer.intuit.com/"
OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
FILE = "{90A44FB5-33D9-4815-AC85-BC87A7E7D1EB}"
URL = "http://localhost/qbwc"
QUERY = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>'


def qwc(**values: str | None) -> str:
    """A `.qwc` file. Values take the place of its own; `None` leaves an element out."""
    scheduler = values.pop("scheduler", None)
    whole: dict[str, str | None] = {
        "AppName": "Books",
        "AppID": "",
        "AppURL": URL,
        "AppDescription": "Larry's books",
        "AppSupport": f"{URL}?support",
        "UserName": "annie",
        "OwnerID": OWNER,
        "FileID": FILE,
        "QBType": "QBFS",
        **values,
    }
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in whole.items() if value is not None)
    return f'<?xml version="1.0"?>\n<QBWCXML>{elements}{scheduler or ""}</QBWCXML>'


def envelope(method: str, result: str) -> bytes:
    """An answer whose result element is given as text."""
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{method}Response xmlns="{NAMESPACE}">{result}</{method}Response></soap:Body></soap:Envelope>'
    ).encode()


def written(method: str, value: str | int | list[str]) -> bytes:
    """An answer with a value."""
    members = [f"<string>{escape(one)}</string>" for one in value] if isinstance(value, list) else [escape(str(value))]
    inside = "".join(members)
    return envelope(method, f"<{method}Result>{inside}</{method}Result>")


@dataclass
class Raw:
    """An answer to be given as it stands."""

    body: bytes = b""
    status: str = "200 OK"
    media_type: str | None = "text/xml; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Call:
    """A call as the server saw it."""

    method: str
    arguments: dict[str, str]
    environ: dict[str, Any]
    body: bytes


#: An answer: a value, a whole answer, or what makes one.
Answer = str | int | list[str] | Raw | Callable[[Call], Any]


class Server:
    """A WSGI application that answers each method from a list. The last answer of a list is given again and again."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, list[Answer]] = {
            "serverVersion": ["1"],
            "clientVersion": [""],
            "authenticate": [["T1", ""]],
            "sendRequestXML": [QUERY],
            "receiveResponseXML": [100],
            "getLastError": ["It went wrong."],
            "connectionError": ["done"],
            "closeConnection": ["Bye"],
            "interactiveRejected": ["Then not."],
        }
        for method, given in answers.items():
            self.answers[method] = list(given) if isinstance(given, tuple) else [given]
        self.calls: list[Call] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"help"]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        element = etree.fromstring(body)[0][0]
        name = etree.QName(element).localname
        arguments = {etree.QName(one).localname: one.text or "" for one in element}
        call = Call(name, arguments, environ, body)
        self.calls.append(call)
        waiting = self.answers[name]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(answer):
            answer = answer(call)
        raw = answer if isinstance(answer, Raw) else Raw(written(name, answer))
        kind = [] if raw.media_type is None else [("Content-Type", raw.media_type)]
        start_response(raw.status, [*kind, *raw.headers])
        return [raw.body]

    def of(self, method: str) -> list[dict[str, str]]:
        """The arguments of each call of a method."""
        return [one.arguments for one in self.calls if one.method == method]


HOST = (
    "<HostQueryRs statusCode='0'><HostRet><ProductName>QuickBooks Pro 2014</ProductName><Country>US</Country>"
    "<SupportedQBXMLVersion>2.0</SupportedQBXMLVersion><SupportedQBXMLVersion>13.0</SupportedQBXMLVersion>"
    "</HostRet></HostQueryRs>"
)


class StandIn:
    """A company that answers by heart, keeps fields of its own, and remembers what it was asked."""

    def __init__(self) -> None:
        self.applications: list[str] = []
        self.asked: list[str] = []
        self.fields: dict[str, str] = {}
        #: Raised in place of an answer to whatever has this text in it.
        self.fails: dict[str, QuickBooksError] = {}
        #: The status of DataExtAdd and the like.
        self.status = 0

    def session(self, application: str, /) -> StandIn:
        self.applications.append(application)
        return self

    def process(self, data: bytes, /) -> bytes:
        text = data.decode()
        for part, error in self.fails.items():
            if part in text:
                raise error
        message_set = etree.fromstring(data)[0]
        answers = "".join(self._one(message) for message in message_set)
        if not any(str(one.tag).startswith(("DataExt", "HostQuery", "CompanyQuery")) for one in message_set):
            self.asked.append(text)
        return f'<?xml version="1.0" ?>\n<QBXML><QBXMLMsgsRs>{answers}</QBXMLMsgsRs></QBXML>'.encode()

    def _one(self, message: etree._Element) -> str:
        if message.tag == "HostQueryRq":
            return HOST
        if message.tag == "CompanyQueryRq":
            kept = "".join(
                f"<DataExtRet><OwnerID>{OWNER}</OwnerID><DataExtName>{name}</DataExtName>"
                f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{value}</DataExtValue></DataExtRet>"
                for name, value in self.fields.items()
            )
            return f"<CompanyQueryRs statusCode='0'><CompanyRet>{kept}</CompanyRet></CompanyQueryRs>"
        if message.tag in ("DataExtAddRq", "DataExtModRq") and not self.status:
            self.fields[str(message.findtext(".//DataExtName"))] = str(message.findtext(".//DataExtValue"))
        if message.tag == "DataExtDelRq":
            self.fields.pop(str(message.findtext(".//DataExtName")), None)
        status = self.status if str(message.tag).startswith("DataExt") else 0
        return f"<{str(message.tag)[:-2]}Rs statusCode='{status}' statusMessage='said'/>"


class Machine:
    """A Web Connector with one application, a company and a server, in a time of their own."""

    def __init__(
        self,
        server: Any = None,
        *,
        company: Any = None,
        habits: Habits | None = None,
        faults: Interference | None = None,
        password: str | None = "reeds",
        **values: str | None,
    ) -> None:
        self.time = VirtualTime()
        self.server = Server() if server is None else server
        self.company = StandIn() if company is None else company
        self.transport = WSGITransport(self.server, clock=self.time)
        self.connector = WebConnector(transport=self.transport, clock=self.time, habits=habits, faults=faults)
        self.application: Application = self.connector.add(
            qwc(**values), self.company, password, company_file="C:\\Books\\larry.qbw"
        )

    def update(self, **options: Any) -> Any:
        return self.connector.update(self.application, **options)


def machine(**answers: Any) -> Machine:
    """A machine whose server answers so."""
    return Machine(Server(**answers))
