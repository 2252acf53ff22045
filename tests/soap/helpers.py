"""What several test files of the endpoint use: fixtures, an endpoint with its queue, a WSGI call without a server."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

from lxml import etree

from soap import Account, Endpoint, Limits, MemoryQueue, Options, Refusal, Result
from soap.queue import RequestQueue
from soap.testing import Clock

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

FIXTURES = Path(__file__).parents[2] / "fixtures"

#: The user of fixtures/soap/authenticate.xml.
USERNAME, PASSWORD = "annie", "reeds"

NAMESPACES = {"s": "http://schemas.xmlsoap.org/soap/envelope/", "q": "http://developer.intuit.com/"}


def soap_fixture(name: str, ticket: str = "TICKET") -> bytes:
    return (FIXTURES / "soap" / f"{name}.xml").read_bytes().replace(b"TICKET", ticket.encode())


def qbxml_fixture(name: str) -> str:
    return (FIXTURES / "qbxml" / f"{name}.xml").read_text("utf-8")


class Reply:
    """What a WSGI application answered."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def tree(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def fault(self) -> str:
        """The faultcode without its prefix, and the faultstring; ``""`` where there is no fault."""
        fault = self.tree.find("s:Body/s:Fault", NAMESPACES)
        if fault is None:
            return ""
        return f"{(fault.findtext('faultcode') or '').partition(':')[2]}: {fault.findtext('faultstring')}"


def call(app: WSGIApplication, body: bytes = b"", method: str = "POST", **environ: Any) -> Reply:
    """Call a WSGI application as a server would. ``environ`` overrides; a value of ``None`` removes."""
    full: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(full)
    full.update(environ)
    full = {name: value for name, value in full.items() if value is not None}
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, headers))

    chunks = b"".join(app(full, start_response))
    assert len(started) == 1, "start_response is called once"
    return Reply(*started[0], chunks)


#: What is queued in most tests. The second is what a lost answer matters for.
READ: dict[str, Any] = {"CustomerQueryRq": {"MaxReturned": 10}}
WRITE: dict[str, Any] = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators"}}}
#: Can't be said to a QuickBooks of the US, and can to one of the UK.
UK_ONLY: dict[str, Any] = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie", "SalesTaxCountry": "UK"}}}

#: One page of an iterator, and a change; what QuickBooks' memory says of an addition, and its record.
PAGE: dict[str, Any] = {"CustomerQueryRq": {"iterator": "Continue", "iteratorID": "{A}", "MaxReturned": 10}}
MOD: dict[str, Any] = {"CustomerModRq": {"CustomerMod": {"ListID": "80000001-1693947446", "EditSequence": "1"}}}
RECOVERY = "<ErrorRecovery><ListID>80000001-1</ListID><EditSequence>1</EditSequence></ErrorRecovery>"
CUSTOMER = "<CustomerRet><ListID>80000001-1</ListID><Name>Annie&apos;s Alligators</Name></CustomerRet>"

#: The stamp of the company file in the fixtures.
OWNER, FILE = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}", "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}"
#: An account that knows the stamp of its company file.
STAMPED = Account(connection=USERNAME, company_file=r"C:\Books\Acme.qbw", owner_id=OWNER, file_id=FILE)
#: The descriptions of that file and of another.
RIGHT_FILE = qbxml_fixture("HostCompanyPreferencesRs")
WRONG_FILE = RIGHT_FILE.replace(FILE, "{00000000-0000-4000-8000-000000000000}")
#: What is said in place of a description of the file.
POS = "HOSTQUERY/COMPANYQUERY/PREFQUERY is currently not supported in QBPOS."

#: So little that a test soon comes to its end.
LIMITS = Limits(read_attempts=3, lock_retries=2, lock_delay=10.0)


class Doorman:
    """Knows :data:`USERNAME` and :data:`PASSWORD`, and whose they are."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        return self.account if (username, password) == (USERNAME, PASSWORD) else Refusal.NOT_VALID_USER


class Server:
    """An endpoint with its queue, called as the Web Connector calls it. ``options`` are those of the endpoint."""

    def __init__(
        self,
        *,
        account: Account | None = None,
        limits: Limits | None = None,
        queue: RequestQueue | None = None,
        **options: Any,
    ) -> None:
        self.clock = Clock()
        self.queue = queue or MemoryQueue(clock=self.clock, limits=limits)
        self.connection = (account or Account(USERNAME)).connection
        self.endpoint = Endpoint(self.queue, Doorman(account or Account(USERNAME)), Options(**options))

    def enqueue(self, *requests: Any, **more: Any) -> list[str]:
        return [self.queue.enqueue(self.connection, request, **more) for request in requests]

    def sign_in(self) -> str:
        ticket, company_file = self.endpoint.authenticate(USERNAME, PASSWORD)[:2]
        assert ticket, company_file
        return ticket

    def send(
        self, ticket: str, country: str = "US", major: int | None = 16, minor: int | None = 0, hcp: str = ""
    ) -> str:
        return self.endpoint.send_request_xml(ticket, hcp, "", country, major, minor)

    def receive(self, ticket: str, response: str = "", hresult: str = "", message: str = "") -> int:
        return self.endpoint.receive_response_xml(ticket, response, hresult, message)

    def exchange(self, ticket: str, code: int = 0, **more: Any) -> int:
        """Take what is next and answer it."""
        return self.receive(ticket, answer_to_text(self.send(ticket), code, **more))

    def result(self, id: str) -> Result:
        return self.queue.result(id)

    def states(self, entries: list[str]) -> list[str]:
        return [self.queue.result(entry).state.value for entry in entries]

    def reasons(self, id: str) -> list[str]:
        return [event.reason for event in self.queue.history(id)]


def write(name: str) -> dict[str, Any]:
    """A request that adds a customer."""
    return {"CustomerAddRq": {"CustomerAdd": {"Name": name}}}


def joined(server: Server, *requests: Any, on_error: Any = "stopOnError") -> list[str]:
    """Queue requests as one message set."""
    return server.queue.enqueue_many(USERNAME, list(requests), one_set=True, on_error=on_error)


def lose(server: Server, hresult: str = "0x80040402") -> str:
    """Take what is next, and lose the answer; what it was."""
    ticket = server.sign_in()
    text = server.send(ticket)
    assert server.receive(ticket, "", hresult, "unexpected") < 0
    return text


def requests_in(text: str) -> list[str]:
    """The names of the requests in a document."""
    return [str(request.tag) for request in etree.fromstring(text.encode())[0]]


def message_set_id(text: str) -> str | None:
    return etree.fromstring(text.encode())[0].get("newMessageSetID")


def old_message_set_id(text: str) -> str | None:
    return etree.fromstring(text.encode())[0].get("oldMessageSetID")


def is_question(text: str) -> bool:
    """Whether a document only asks for the outcome of a message set."""
    (message_set,) = etree.fromstring(text.encode())
    return len(message_set) == 0 and message_set.get("newMessageSetID") == message_set.get("oldMessageSetID") != ""


def answer_to(
    requests: Iterable[dict[str, dict[str, Any]]], code: int = 0, *, attributes: str = "", content: str = ""
) -> str:
    """A document as QuickBooks writes it that answers each of ``requests`` with a status and ``content``.

    ``attributes`` are those of the message set.
    """
    severity = "Error" if code >= 1000 else "Warn" if code >= 500 else "Info"
    answers = "".join(
        f'<{name.removesuffix("Rq")}Rs requestID="{fields["requestID"]}" statusCode="{code}"'
        f' statusSeverity="{severity}" statusMessage="said by the test">{content}</{name.removesuffix("Rq")}Rs>\n'
        for request in requests
        for name, fields in request.items()
    )
    return f'<?xml version="1.0" ?>\n<QBXML>\n<QBXMLMsgsRs{attributes}>\n{answers}</QBXMLMsgsRs>\n</QBXML>\n'


def answer_to_text(text: str, code: int = 0, *, set_status: int | None = 0, content: str = "", most: int = 99) -> str:
    """The same for a document that was handed out: with its message set id, and for ``most`` of its requests."""
    (message_set,) = etree.fromstring(text.encode())
    id_ = message_set.get("newMessageSetID")
    attributes = "" if id_ is None else f' newMessageSetID="{id_}" messageSetStatusCode="{set_status}"'
    requests = [{str(request.tag): dict(request.attrib)} for request in message_set]
    return answer_to(requests[:most], code, attributes=attributes, content=content)


def set_status_only(text: str, code: int) -> str:
    """What QuickBooks says to a message set of which it has no outcome."""
    return answer_to([], attributes=f' newMessageSetID="{message_set_id(text)}" messageSetStatusCode="{code}"')


def recovered(text: str, entries: Iterable[tuple[str, str]], code: int = 0, content: str = "") -> str:
    """An outcome from QuickBooks' memory, for requests by id and name."""
    requests = [{name: {"requestID": id_}} for id_, name in entries]
    attributes = f' newMessageSetID="{message_set_id(text)}" messageSetStatusCode="0"'
    return answer_to(requests, code, attributes=attributes, content=content)
