"""Whatever is sent, the answer is the protocol's own, a SOAP fault, or a status of HTTP; and nobody learns from it.

A password and a ticket are in everything that is sent. They must be in no answer and in no log, at any level.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from soap import MemoryQueue, application, single_user
from soap._envelope import MAX_MARKUP, MAX_TAG_LENGTH
from tests.soap.helpers import FIXTURES, NAMESPACES, USERNAME, Reply, call, soap_fixture

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

PASSWORD = "0f-reeds-and-0f-rushes"
TICKET = "tick3t-tick3t-tick3t-tick3t"
BOOKS = "Zephyrine Quagmire owes 4711.08"
LIMIT = 20_000

FIXTURE_NAMES = sorted(path.stem for path in (FIXTURES / "soap").glob("*.xml"))


def fixture(name: str) -> bytes:
    """A fixture with what must stay secret in it."""
    body = (FIXTURES / "soap" / f"{name}.xml").read_text("utf-8")
    body = body.replace("TICKET", TICKET).replace(">reeds<", f">{PASSWORD}<")
    return body.replace("<response />", f"<response>{BOOKS}</response>").encode()


GOOD = fixture("authenticate")
assert PASSWORD.encode() in GOOD
SEND = fixture("sendRequestXML")
RECEIVE = fixture("receiveResponseXML-refused")
assert BOOKS.encode() in RECEIVE


GOOD_CALL = soap_fixture("closeConnection")


def envelope(method: str, arguments: str) -> bytes:
    return (
        f'<soap:Envelope xmlns:soap="{NAMESPACES["s"]}"><soap:Body>'
        f'<{method} xmlns="{NAMESPACES["q"]}">{arguments}</{method}></soap:Body></soap:Envelope>'
    ).encode()


class Everything(logging.Handler):
    """All that is logged, by whomever, also what only a debugger would want."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def everything() -> Iterator[Everything]:
    """Each logger at DEBUG, and enabled, as the logging.config of some program may leave it."""
    handler = Everything()
    root = logging.getLogger()
    names = [name for name in root.manager.loggerDict if name.partition(".")[0] in ("soap", "spyne", "qbxml")]
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names] + [(root, root.level)]
    for logger, _ in before:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for logger, level in before:
        logger.setLevel(level)


@pytest.fixture(scope="module")
def app() -> WSGIApplication:
    """No work for the one user, so that no ticket of ours is in any answer."""
    return application(
        queue=MemoryQueue(), authenticator=single_user(USERNAME, PASSWORD), url="https://x/", max_content_length=LIMIT
    )


class Judge:
    """Sends something, and judges the answer and the log; the answer is returned."""

    def __init__(self, app: WSGIApplication, everything: Everything) -> None:
        self._app = app
        self._everything = everything

    def __call__(self, body: bytes, method: str = "POST", **environ: Any) -> Reply:
        self._everything.lines.clear()
        reply = call(self._app, body, method, **environ)
        assert_an_answer(reply, sent_nothing=method.upper() == "HEAD")
        log = "\n".join(self._everything.lines)
        for place, text in (("answer", reply.body.decode()), ("log", log)):
            for secret in (PASSWORD, TICKET, BOOKS, "Traceback", ".py"):
                assert secret not in text, f"in the {place}: {text}"
        return reply


@pytest.fixture(scope="module")
def judged(app: WSGIApplication, everything: Everything) -> Judge:
    return Judge(app, everything)


def assert_an_answer(reply: Reply, *, sent_nothing: bool) -> None:
    """It is one of the three, of the right media type, and complete."""
    assert sent_nothing or reply.headers["content-length"] == str(len(reply.body))
    media_type = reply.headers["content-type"]
    if reply.status == 500:
        assert media_type == "text/xml; charset=utf-8"
        assert re.match(r"(Client|Server|VersionMismatch): \S", reply.fault), reply.body
    elif reply.status == 200 and media_type.startswith("text/xml") and not sent_nothing:
        root = reply.tree
        if root.tag == f"{{{NAMESPACES['s']}}}Envelope":
            (answer,) = root.iterfind("s:Body/*", NAMESPACES)
            assert re.fullmatch(rf"\{{{NAMESPACES['q']}\}}\w+Response", str(answer.tag))
            assert len(answer) == 1
    elif reply.status != 200:
        assert reply.status in (400, 405, 411, 415)
        assert media_type == "text/plain; charset=utf-8"
        assert reply.status == 405 or reply.body.endswith(b".\n")


# --- by hand: each of these makes spyne alone raise, or tell


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_no_fixture_leaks(judged: Judge, name: str) -> None:
    judged(fixture(name))


SECRETS = f"<strPassword>{PASSWORD}</strPassword><ticket>{TICKET}</ticket>"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 411),
        (GOOD[:-20], 500),
        (GOOD.replace(b"utf-8", b"klingon"), 400),
        (GOOD.replace(b"utf-8", b"utf-16"), 400),
        (GOOD.decode().encode("utf-16"), 400),
        (GOOD.decode().encode("utf-32"), 400),
        (GOOD.replace(b"annie", b"\xe4nnie"), 500),
        (GOOD.replace(b"annie", b"\0"), 400),
        (GOOD.replace(b"annie", b"&#0;"), 500),
        (GOOD.replace(b"annie", b"&unknown;"), 500),
        (GOOD.replace(b"<soap:Body>", b"<soap:Body/><soap:Body>"), 500),
        (GOOD.replace(b"soap:Body", b"soap:Buddy"), 500),
        (GOOD.replace(b"soap:Envelope", b"soap:Letter"), 500),
        (GOOD.replace(b"xmlns:soap=", b"xmlns:soup="), 500),
        (GOOD.replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"), 500),
        (GOOD.replace(b"strPassword", b"str:Password"), 500),
        (GOOD.replace(b"<strPassword>", f'<strPassword id="{PASSWORD}" href="#{TICKET}">'.encode()), 500),
        (GOOD.replace(b"authenticate", PASSWORD.replace("0", "o").encode()), 500),
        (GOOD.replace(b"authenticate", TICKET.encode()), 500),
        (GOOD.replace(b"strUserName", TICKET.encode()), 200),
        (GOOD.replace(b"<authenticate ", f'<authenticate strUserName="{TICKET}" '.encode()), 200),
        (GOOD.replace(b"annie", SECRETS.encode()), 500),
        (GOOD.replace(b"annie", b"<!--" + SECRETS.encode() + b"-->"), 200),
        (GOOD.replace(b"<strUserName>", f'<strUserName xmlns:a="{TICKET}" a:type="{PASSWORD}">'.encode()), 200),
        (SEND.replace(b">16<", f">{PASSWORD}<".encode()), 200),
        (SEND.replace(b">16<", b">" + b"9" * 5000 + b"<"), 200),
        (SEND.replace(b">16<", b"><"), 200),
        (RECEIVE.replace(BOOKS.encode(), f"&lt;QBXML&gt;{BOOKS}".encode()), 200),
        (RECEIVE.replace(BOOKS.encode(), f"<![CDATA[<QBXML>{BOOKS}]]>".encode()), 200),
        (RECEIVE.replace(BOOKS.encode(), f"<QBXML>{BOOKS}</QBXML>".encode()), 500),
        (f"<!DOCTYPE a [<!ENTITY b '{PASSWORD}'>]>".encode() + GOOD.partition(b"?>")[2], 500),
        (f'<!DOCTYPE a SYSTEM "file:///{TICKET}">'.encode() + GOOD.partition(b"?>")[2], 500),
        (f"{PASSWORD} {TICKET}".encode(), 400),
        (f'{{"password": "{PASSWORD}"}}'.encode(), 400),
        (f"password={PASSWORD}&ticket={TICKET}".encode(), 400),
        (f"<methodCall><methodName>{PASSWORD}</methodName></methodCall>".encode(), 500),
        (f"<{'a' * 3000}>{PASSWORD}".encode(), 500),
        (b"<a " + b" ".join(b'b%d="%s"' % (n, PASSWORD.encode()) for n in range(400)) + b"/>", 500),
        (b"<a>" * 150 + PASSWORD.encode() + b"</a>" * 30, 500),
        (b"<a>" * 1500 + PASSWORD.encode(), 500),
        (GOOD + b" " * LIMIT, 500),
    ],
    ids=range(41),
)
def test_a_broken_call_has_the_status_that_belongs_to_it(judged: Judge, body: bytes, status: int) -> None:
    assert judged(body).status == status


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_TYPE": f"multipart/form-data; boundary={TICKET}"}, 415),
        ({"CONTENT_TYPE": f"{PASSWORD}/{TICKET}"}, 415),
        ({"CONTENT_TYPE": f"text/xml; charset={PASSWORD}"}, 415),
        ({"CONTENT_TYPE": "text/xml; charset*=utf-16''x"}, 415),
        ({"CONTENT_TYPE": 'text/xml; charset="utf-8"; action=\xe4; charset'}, 200),
        ({"CONTENT_TYPE": ";;;="}, 200),
        ({"CONTENT_LENGTH": PASSWORD}, 400),
        ({"CONTENT_LENGTH": "1e3"}, 400),
        ({"CONTENT_LENGTH": "9" * 5000}, 400),
        ({"CONTENT_LENGTH": "9" * 50}, 500),
        ({"CONTENT_LENGTH": "-1"}, 411),
        ({"CONTENT_LENGTH": "0"}, 411),
        ({"CONTENT_LENGTH": "100"}, 500),
        ({"CONTENT_LENGTH": "5000"}, 400),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"HTTP_TRANSFER_ENCODING": f"gzip, {TICKET}"}, 411),
        ({"HTTP_CONTENT_ENCODING": "gzip"}, 200),
        ({"HTTP_SOAPACTION": f'"{PASSWORD}"'}, 200),
        ({"HTTP_COOKIE": f"{PASSWORD}={TICKET}; \xff"}, 200),
        ({"HTTP_AUTHORIZATION": f"Basic {PASSWORD}"}, 200),
        ({"HTTP_HOST": "evil.example.net:99999999"}, 200),
        ({"HTTP_X_FORWARDED_FOR": f"{TICKET}, , ::::"}, 200),
        ({"REMOTE_ADDR": TICKET}, 200),
        ({"QUERY_STRING": f"wsdl={PASSWORD}"}, 200),
        ({"PATH_INFO": f"/{PASSWORD}\xff\x00.wsdl"}, 200),
        ({"SERVER_PORT": "none", "SERVER_NAME": ""}, 200),
        ({"HTTP_EXPECT": TICKET}, 200),
    ],
    ids=range(27),
)
def test_a_strange_header_has_the_status_that_belongs_to_it(
    judged: Judge, environ: dict[str, str], status: int
) -> None:
    assert judged(GOOD, **environ).status == status


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("GET", 200),
        ("HEAD", 200),
        ("PUT", 405),
        ("DELETE", 405),
        ("OPTIONS", 405),
        ("post", 200),
        (PASSWORD, 405),
        ("", 405),
    ],
)
def test_a_method_other_than_post_is_no_call(judged: Judge, method: str, status: int) -> None:
    assert judged(GOOD, method, QUERY_STRING=f"ticket={TICKET}").status == status


def test_the_judge_sees_what_is_logged_and_what_is_answered(judged: Judge, everything: Everything) -> None:
    """Or all of the above would prove nothing."""
    judged(b"<a/>")
    assert "was refused: The request is no SOAP envelope." in everything.lines[0]

    def tells(environ: Any, start_response: Any) -> list[bytes]:
        logging.getLogger("spyne.protocol.soap.soap11.invalid").debug("%r", environ["wsgi.input"].read())
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2")])
        return [b".\n"]

    def answers(environ: Any, start_response: Any) -> list[bytes]:
        fault = soap_fault(environ["wsgi.input"].read().decode())
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(fault)))]
        start_response("500 Internal Server Error", headers)
        return [fault]

    with pytest.raises(AssertionError, match="in the log"):
        Judge(tells, everything)(GOOD)
    with pytest.raises(AssertionError, match="in the answer"):
        Judge(answers, everything)(GOOD)


def soap_fault(text: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{NAMESPACES["s"]}"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
        f"<faultstring>{escape(text)}</faultstring></s:Fault></s:Body></s:Envelope>"
    ).encode()


# --- what is wrong, in words


@pytest.mark.parametrize(
    ("body", "environ", "status", "reason"),
    [
        (b"", {}, 411, "no body"),
        (b"", {"CONTENT_LENGTH": None}, 411, "no body"),
        (GOOD_CALL, {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked"}, 411, "does not state its length"),
        (GOOD_CALL, {"HTTP_TRANSFER_ENCODING": "chunked"}, 411, "does not state its length"),
        (GOOD_CALL, {"CONTENT_LENGTH": "-5"}, 411, "does not state its length"),
        (GOOD_CALL, {"CONTENT_LENGTH": "many"}, 400, "not a number"),
        (GOOD_CALL, {"CONTENT_LENGTH": str(len(GOOD_CALL) + 1)}, 400, "ended before"),
        (GOOD_CALL, {"CONTENT_TYPE": "application/json"}, 415, "text/xml"),
        (GOOD_CALL, {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, 415, "text/xml"),
        (GOOD_CALL, {"CONTENT_TYPE": "multipart/related; type=text/xml"}, 415, "text/xml"),
        (GOOD_CALL, {"CONTENT_TYPE": "text/xml; charset=klingon"}, 415, "not in UTF-8"),
        (GOOD_CALL, {"CONTENT_TYPE": "text/xml; charset=utf-16"}, 415, "not in UTF-8"),
        (GOOD_CALL.replace(b'encoding="utf-8"', b'encoding="utf-7"'), {}, 400, "not in UTF-8"),
        (GOOD_CALL.replace(b" encoding", b" " * 300 + b"encoding"), {}, 400, "declaration is not one"),
        (b"\xef\xbb\xbf" + GOOD_CALL.replace(b"utf-8", b"latin-1"), {}, 400, "not in UTF-8"),
        (GOOD_CALL.decode().encode("utf-16"), {}, 400, "not XML"),
        (GOOD_CALL.decode().encode("utf-16-le"), {}, 400, "not XML"),
        (GOOD_CALL.decode().encode("cp037"), {}, 400, "not XML"),
        (b"not XML at all", {}, 400, "not XML"),
        (b'{"ticket": 1}', {}, 400, "not XML"),
        (b"\x1f\x8b\x08\x00", {}, 400, "not XML"),
    ],
)
def test_what_is_no_soap_at_all_has_a_status_of_http_and_a_line_that_says_why(
    app: WSGIApplication, body: bytes, environ: dict[str, Any], status: int, reason: str
) -> None:
    reply = call(app, body, **environ)
    assert reply.status == status
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reason in reply.body.decode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (soap_fixture("hostile-empty-body"), "Client: A SOAP envelope has one Body"),
        (soap_fixture("hostile-href-to-nowhere"), "Client: The argument ticket of closeConnection is a reference"),
        (soap_fixture("hostile-href-loop"), "Client: The argument ticket of closeConnection is a reference"),
        (soap_fixture("hostile-doctype"), "Client: A SOAP message must not have a DOCTYPE."),
        (b"\xef\xbb\xbf" + soap_fixture("hostile-doctype"), "Client: A SOAP message must not have a DOCTYPE."),
        (soap_fixture("hostile-not-well-formed"), "Client: The envelope is not well-formed XML at line "),
        (GOOD_CALL.replace(b"TICKET", b"\xff"), "Client: The envelope is not well-formed XML at line 1, column "),
        (GOOD_CALL.replace(b"TICKET", b"\xc0\xbc!DOCTYPE"), "Client: The envelope is not well-formed XML"),
        (GOOD_CALL.replace(b"TICKET", b"&x;"), "Client: The envelope is not well-formed XML"),
        (GOOD_CALL.replace(b"TICKET", b"&#x1;"), "Client: The envelope is not well-formed XML"),
        (GOOD_CALL.replace(b"</soap:Envelope>", b""), "Client: The envelope is not well-formed XML"),
        (GOOD_CALL + GOOD_CALL, "Client: The envelope is not well-formed XML"),
        (
            GOOD_CALL.replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
            "VersionMismatch: ",
        ),
        (b"<html><body/></html>", "Client: The request is no SOAP envelope."),
        (
            b"<a" + b"x" * MAX_TAG_LENGTH + b"/>",
            f"Client: The envelope has a tag that does not end, or has more than {MAX_TAG_LENGTH}",
        ),
        (b'<a b="><', "Client: The envelope has a tag that does not end"),
        (b"<a>" * (MAX_MARKUP + 1), f"Client: The envelope has more than {MAX_MARKUP} tags."),
        (b"<!-- no end", "Client: The envelope is not well-formed XML"),
        (GOOD_CALL.replace(b"closeConnection", b"openSesame"), "Client: The server has no such operation."),
        (GOOD_CALL.replace(b"intuit.com/", b"intuit.com"), "Client: The server has no such operation."),
        (
            envelope("getLastError", "<ticket>a</ticket><ticket>b</ticket>"),
            "Client: The argument ticket of getLastError is given twice.",
        ),
        (
            envelope("getLastError", "<ticket>a<b/>c</ticket>"),
            "Client: The argument ticket of getLastError is a text, and must be escaped.",
        ),
    ],
)
def test_malformed_soap_is_answered_with_a_fault_that_says_what_is_wrong_and_quotes_nothing(
    app: WSGIApplication, body: bytes, reason: str
) -> None:
    reply = call(app, body)
    assert reply.status == 500
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert reply.fault.startswith(reason)
    assert "openSesame" not in reply.fault


# --- by chance


BODIES = [fixture(name) for name in FIXTURE_NAMES]

#: Pieces that mean something to one of the readers on the way.
PIECES = [
    *(b"<", b">", b"/>", b"</", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"?>", b"<!DOCTYPE a>", b"\0"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"&#x1;", b"&lt;", b'"', b"'", b" href='#a' id='a'", b" xsi:nil='true'", b"\r\n"),
    *(b"<soap:Body>", b"</soap:Body>", b"<ticket>", b"</ticket>", b"<soap:Fault/>", b' xmlns="urn:x"', b"utf-16"),
    *(PASSWORD.encode(), TICKET.encode(), b"closeConnection", b"serverVersion", b"9" * 400, b"\xf0\x9f\x90\xa6"),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A fixture with pieces cut out, doubled, exchanged and put in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 60)))
        put = draw(
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(body[start:end] * 2), st.just(b""))
        )
        body = body[:start] + put + body[end:]
    return body


OPERATIONS = {
    "serverVersion": [],
    "getServerVersion": ["ticket"],
    "clientVersion": ["strVersion"],
    "authenticate": ["strUserName", "strPassword"],
    "sendRequestXML": [
        *("ticket", "strHCPResponse", "strCompanyFileName", "qbXMLCountry", "qbXMLMajorVers", "qbXMLMinorVers"),
    ],
    "receiveResponseXML": ["ticket", "response", "hresult", "message"],
    "connectionError": ["ticket", "hresult", "message"],
    "getLastError": ["ticket"],
    "closeConnection": ["ticket"],
    "getInteractiveURL": ["wcTicket", "sessionID"],
    "interactiveDone": ["wcTicket"],
    "isInteractiveDone": ["wcTicket"],
    "interactiveRejected": ["wcTicket", "reason"],
    "x": ["x"],
}
VALUE = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20),
    st.sampled_from([PASSWORD, TICKET, USERNAME, BOOKS, "", "13", "-1", "0x80040408", "<?xml version='1.0'?><QBXML/>"]),
)


def by_name(argument: tuple[str, str]) -> str:
    return argument[0]


@st.composite
def call_of(draw: st.DrawFn) -> bytes:
    """An envelope whose operation, arguments and values are any."""
    name = draw(st.sampled_from(sorted(OPERATIONS)))
    argument = st.sampled_from([*OPERATIONS[name], "x"])
    arguments = draw(st.lists(st.tuples(argument, VALUE), max_size=7, unique_by=draw(st.sampled_from([None, by_name]))))
    inner = "".join(f"<{argument}>{escape(value)}</{argument}>" for argument, value in arguments)
    return envelope(name, inner)


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "CONTENT_TYPE": st.one_of(
            HEADER,
            st.sampled_from(
                ["text/xml", "text/xml; charset=utf-8", "application/soap+xml", "text/plain", "a/b+xml; ="]
            ),
            st.builds("text/xml; charset={}".format, HEADER),
        ),
        "CONTENT_LENGTH": st.one_of(HEADER, st.integers(-9, 30_000).map(str)),
        "HTTP_SOAPACTION": HEADER,
        "HTTP_TRANSFER_ENCODING": st.one_of(HEADER, st.sampled_from(["chunked", "identity", "gzip, chunked"])),
        "HTTP_EXPECT": st.one_of(HEADER, st.just("100-continue")),
        "HTTP_COOKIE": HEADER,
        "HTTP_HOST": HEADER,
        "HTTP_X_FORWARDED_FOR": HEADER,
        "REMOTE_ADDR": HEADER,
        "QUERY_STRING": HEADER,
        "PATH_INFO": HEADER,
        "wsgi.input_terminated": st.booleans(),
    },
)
METHOD = st.one_of(st.just("POST"), st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "TRACE"]), HEADER)

fuzz = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@fuzz
@given(body=mutated())
@example(body=GOOD.replace(b"annie", b"\xf0\x9f\x90"))
def test_no_mutation_of_a_call_breaks_the_server_or_leaks(judged: Judge, body: bytes) -> None:
    judged(body)


@fuzz
@given(body=call_of())
def test_no_call_with_any_arguments_breaks_the_server_or_leaks(judged: Judge, body: bytes) -> None:
    judged(body)


@fuzz
@given(body=st.one_of(st.sampled_from(BODIES), st.binary(max_size=200)), method=METHOD, environ=HEADERS)
def test_no_headers_break_the_server_or_leak(judged: Judge, body: bytes, method: str, environ: dict[str, Any]) -> None:
    judged(body, method, **environ)
