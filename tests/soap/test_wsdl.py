"""schemas/qbwc.wsdl: point by point what Intuit's own has, and a client made from it can call everything.

The generator whose proxies the names are for, .NET's or Mono's ``wsdl``, is not at hand. In its place the structure is
held against expectations that are written out here: what decides between plain arguments and a class per request is
the part called ``parameters``, elements named like their operation, and integers and texts declared as below.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import zeep
from lxml import etree

from soap import MemoryQueue, application, single_user, wsdl
from soap.serving import serving
from tests.soap.helpers import PASSWORD, USERNAME, answer_to_text, call

URL = "https://books.example.com/qbwc?tenant=1&file=2"

QB = "http://developer.intuit.com/"
N = {
    "w": "http://schemas.xmlsoap.org/wsdl/",
    "soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "s": "http://www.w3.org/2001/XMLSchema",
}

#: Operation, arguments and result. ``int`` is always there; the others may be absent.
OPERATIONS: dict[str, tuple[list[tuple[str, str]], str]] = {
    "serverVersion": ([], "string"),
    "clientVersion": ([("strVersion", "string")], "string"),
    "authenticate": ([("strUserName", "string"), ("strPassword", "string")], "ArrayOfString"),
    "sendRequestXML": (
        [
            ("ticket", "string"),
            ("strHCPResponse", "string"),
            ("strCompanyFileName", "string"),
            ("qbXMLCountry", "string"),
            ("qbXMLMajorVers", "int"),
            ("qbXMLMinorVers", "int"),
        ],
        "string",
    ),
    "receiveResponseXML": (
        [("ticket", "string"), ("response", "string"), ("hresult", "string"), ("message", "string")],
        "int",
    ),
    "connectionError": ([("ticket", "string"), ("hresult", "string"), ("message", "string")], "string"),
    "getLastError": ([("ticket", "string")], "string"),
    "closeConnection": ([("ticket", "string")], "string"),
}


@pytest.fixture(scope="module")
def document() -> etree._Element:
    return etree.fromstring(wsdl(URL))


def one(tree: etree._Element, path: str) -> etree._Element:
    """The only element at ``path``."""
    (found,) = tree.findall(path, N)
    return found


def qname(element: etree._Element, attribute: str) -> str:
    """The name that an attribute's prefixed value means, as ``{namespace}name``."""
    prefix, _, local = str(element.get(attribute)).rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"


def test_service_port_port_type_and_binding_have_intuits_names(document: etree._Element) -> None:
    assert document.get("targetNamespace") == QB
    assert one(document, "w:service").get("name") == "QBWebConnectorSvc"
    port = one(document, "w:service/w:port")
    assert port.get("name") == "QBWebConnectorSvcSoap"
    assert qname(port, "binding") == f"{{{QB}}}QBWebConnectorSvcSoap"
    binding = one(document, "w:binding")
    assert binding.get("name") == "QBWebConnectorSvcSoap"
    assert qname(binding, "type") == f"{{{QB}}}QBWebConnectorSvcSoap"
    assert one(document, "w:portType").get("name") == "QBWebConnectorSvcSoap"


def test_the_binding_is_soap_over_http(document: etree._Element) -> None:
    binding = one(document, "w:binding/soap:binding")
    assert binding.get("transport") == "http://schemas.xmlsoap.org/soap/http"
    assert binding.get("style", "document") == "document"


def test_there_are_intuits_eight_operations_in_the_port_type_and_in_the_binding(document: etree._Element) -> None:
    assert [o.get("name") for o in document.findall("w:portType/w:operation", N)] == list(OPERATIONS)
    assert [o.get("name") for o in document.findall("w:binding/w:operation", N)] == list(OPERATIONS)
    assert len(document.findall("w:message", N)) == 2 * len(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_two_messages_of_one_part_called_parameters(document: etree._Element, name: str) -> None:
    operation = one(document, f"w:portType/w:operation[@name='{name}']")
    assert [etree.QName(child).localname for child in operation] == ["input", "output"]
    for child, message, element in zip(
        operation, (f"{name}SoapIn", f"{name}SoapOut"), (name, f"{name}Response"), strict=True
    ):
        assert qname(child, "message") == f"{{{QB}}}{message}"
        part = one(document, f"w:message[@name='{message}']/w:part")
        assert part.get("name") == "parameters"
        assert qname(part, "element") == f"{{{QB}}}{element}"
        assert set(part.attrib) == {"name", "element"}, "a type would make it RPC"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_soap_action_is_in_the_namespace_and_the_style_document_literal(document: etree._Element, name: str) -> None:
    bound = one(document, f"w:binding/w:operation[@name='{name}']")
    action = one(bound, "soap:operation")
    assert action.get("soapAction") == f"{QB}{name}"
    assert action.get("style") == "document"
    for way in ("input", "output"):
        assert dict(one(bound, f"w:{way}/soap:body").attrib) == {"use": "literal"}


def fields(document: etree._Element, element: str) -> list[dict[str, str | None]]:
    """The children that an element is declared with."""
    declared = one(document, f"w:types/s:schema/s:element[@name='{element}']/s:complexType")
    found = declared.findall("s:sequence/s:element", N)
    assert len(found) == len(list(declared.iter(f"{{{N['s']}}}element"))), "in the sequence, and nowhere else"
    return [{**dict(child.attrib), "type": qname(child, "type")} for child in found]


def field(name: str, kind: str) -> dict[str, str | None]:
    namespace = QB if kind == "ArrayOfString" else N["s"]
    return {
        "minOccurs": "1" if kind == "int" else "0",
        "maxOccurs": "1",
        "name": name,
        "type": f"{{{namespace}}}{kind}",
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_arguments_and_results_are_of_intuits_types_integers_required_and_nothing_nillable(
    document: etree._Element, name: str
) -> None:
    arguments, result = OPERATIONS[name]
    assert fields(document, name) == [field(*argument) for argument in arguments]
    assert fields(document, f"{name}Response") == [field(f"{name}Result", result)]


def test_the_array_is_of_nillable_strings_and_elements_are_qualified(document: etree._Element) -> None:
    schema = one(document, "w:types/s:schema")
    assert schema.get("elementFormDefault") == "qualified"
    assert schema.get("targetNamespace") == QB
    string = one(schema, "s:complexType[@name='ArrayOfString']/s:sequence/s:element")
    assert (string.get("name"), string.get("minOccurs"), string.get("maxOccurs")) == ("string", "0", "unbounded")
    assert string.get("nillable") == "true"
    assert qname(string, "type") == f"{{{N['s']}}}string"
    nillable = [element for element in schema.iter() if element.get("nillable") is not None]
    assert nillable == [string]
    assert {element.get("name") for element in schema} == {
        "ArrayOfString",
        *OPERATIONS,
        *(f"{name}Response" for name in OPERATIONS),
    }


def test_the_schema_within_is_a_schema(document: etree._Element) -> None:
    schema = etree.XMLSchema(etree.fromstring(etree.tostring(one(document, "w:types/s:schema"))))
    call = f'<getLastError xmlns="{QB}"><ticket>x</ticket></getLastError>'
    assert schema.validate(etree.fromstring(call))
    assert not schema.validate(etree.fromstring(call.replace("ticket", "token")))


# --- the address


def test_the_address_is_that_of_the_configuration(document: etree._Element) -> None:
    assert one(document, "w:service/w:port/soap:address").get("location") == URL


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl=1"])
def test_no_header_and_no_path_changes_the_wsdl_that_is_served(query: str) -> None:
    app = application(queue=MemoryQueue(), authenticator=single_user(USERNAME, PASSWORD), url=URL)
    for _ in range(2):  # the first caller decides nothing for those after it
        reply = call(
            app,
            method="GET",
            QUERY_STRING=query,
            HTTP_HOST="evil.example.net",
            HTTP_X_FORWARDED_HOST="evil.example.net",
            HTTP_X_FORWARDED_PROTO="http",
            HTTP_FORWARDED="host=evil.example.net",
            SERVER_NAME="evil.example.net",
            SCRIPT_NAME="/evil.example.net",
            PATH_INFO="/evil.example.net",
        )
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/xml; charset=utf-8"
        assert reply.body == wsdl(URL)
        assert b"evil" not in reply.body


# --- a client made from it


@pytest.fixture
def service() -> Iterator[Any]:
    """What zeep makes of the WSDL that an endpoint with one request in its queue serves."""
    queue = MemoryQueue()
    queue.enqueue(USERNAME, {"CustomerQueryRq": {"MaxReturned": 10}})
    authenticator = single_user(USERNAME, PASSWORD)
    with serving(lambda url: application(queue=queue, authenticator=authenticator, url=url)) as url:
        client = zeep.Client(f"{url}?wsdl")
        with client.transport.session:
            yield client.service


def test_a_client_made_from_it_has_every_operation_with_plain_arguments(service: Any) -> None:
    made = {
        name: [argument for argument, _ in operation.input.body.type.elements]
        for name, operation in service._binding._operations.items()
    }
    assert made == {name: [argument for argument, _ in arguments] for name, (arguments, _) in OPERATIONS.items()}


def test_a_client_made_from_it_can_call_every_operation(service: Any) -> None:
    assert service.serverVersion().startswith("OpenQBD ")
    assert service.clientVersion(strVersion="34.0.1003.97") is None, "an empty text, which zeep reads as None"
    ticket, work = service.authenticate(strUserName=USERNAME, strPassword=PASSWORD)
    assert (len(ticket) > 20, work) == (True, None)
    text = service.sendRequestXML(ticket, "", r"C:\Books\Acme.qbw", "US", 16, 0)
    assert text.startswith("<?xml")
    assert "<CustomerQueryRq" in text
    assert service.receiveResponseXML(ticket, answer_to_text(text), "", "") == 100
    assert service.getLastError(ticket) != ""
    assert service.closeConnection(ticket) == "OK"
    assert service.connectionError(ticket, "0x80040408", "Could not start QuickBooks.") == "done"
