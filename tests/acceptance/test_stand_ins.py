"""tests/stand_ins.py: that the stand-ins do what they are there for, and can say no."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lxml import etree

import soap
from soap.serving import serving
from tests.soap.helpers import FIXTURES, PASSWORD, USERNAME
from tests.stand_ins import RecordedQuickBooks, WebConnector

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n'


@pytest.fixture
def quickbooks() -> RecordedQuickBooks:
    return RecordedQuickBooks(FIXTURES / "qbxml")


def request(*elements: str, attributes: str = "") -> str:
    inner = "".join(elements)
    return f'{HEAD}<QBXML><QBXMLMsgsRq{attributes} onError="stopOnError">{inner}</QBXMLMsgsRq></QBXML>'


def test_recorded_quickbooks_answers_under_the_ids_that_were_asked(quickbooks: RecordedQuickBooks) -> None:
    text = request('<CustomerQueryRq requestID="mine"/>', "<HostQueryRq/>", attributes=' newMessageSetID="SET"')
    response, hresult, message = quickbooks.process_request(text)
    assert (hresult, message) == ("", "")
    assert response.startswith('<?xml version="1.0" ?>\n<QBXML>\n')
    (message_set,) = etree.fromstring(response.encode())
    assert dict(message_set.attrib) == {"newMessageSetID": "SET", "messageSetStatusCode": "0"}
    assert [(answer.tag, answer.get("requestID")) for answer in message_set] == [
        ("CustomerQueryRs", "mine"),
        ("HostQueryRs", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        request("<CustomerQueryRq><NoSuchElement/></CustomerQueryRq>"),
        request("<CustomerQueryRq><MaxReturned>1</MaxReturned><ListID>1</ListID></CustomerQueryRq>"),
        request("<CustomerQueryRq/>").replace("onError", "onerror"),
        request("<CustomerQueryRq/>").replace('<?qbxml version="13.0"?>', ""),
    ],
    ids=["unknown element", "wrong order", "wrong attribute", "no version"],
)
def test_recorded_quickbooks_refuses_what_the_schema_does_not_allow(quickbooks: RecordedQuickBooks, text: str) -> None:
    response, hresult, message = quickbooks.process_request(text)
    assert (response, hresult) == ("", "0x80040400")
    assert message
    assert quickbooks.checked == []


@contextmanager
def endpoint(queue: soap.RequestQueue) -> Iterator[str]:
    authenticator = soap.single_user(USERNAME, PASSWORD)
    with serving(lambda url: soap.application(queue=queue, authenticator=authenticator, url=url)) as url:
        yield f"{url}?wsdl"


@pytest.mark.parametrize(("password", "answer"), [(PASSWORD, "none"), ("wrong", "nvu")])
def test_the_web_connector_stops_where_it_is_told_to(
    quickbooks: RecordedQuickBooks, password: str, answer: str
) -> None:
    with endpoint(soap.MemoryQueue()) as wsdl:
        steps = list(WebConnector(wsdl, quickbooks, USERNAME, password).update())
    assert [step.call for step in steps] == ["serverVersion", "clientVersion", "authenticate", "closeConnection"]
    assert steps[2].answer[1] == answer


def test_the_web_connector_asks_for_the_reason_when_there_is_no_version_in_common() -> None:
    queue = soap.MemoryQueue()
    queue.enqueue(USERNAME, {"CustomerQueryRq": {}})
    old = RecordedQuickBooks(FIXTURES / "qbxml", version=(0, 9))
    with endpoint(queue) as wsdl:
        steps = list(WebConnector(wsdl, old, USERNAME, PASSWORD).update())
    assert [step.call for step in steps[3:]] == ["sendRequestXML", "getLastError", "closeConnection"]
    assert "qbXML" in steps[4].answer
