"""What is refused as a whole, what is the status of one request, and what is only warned of."""

from __future__ import annotations

import pytest

import qbxml
from qbsimulator import QuickBooksError
from qbsimulator.acceptance import foreign
from qbxml import Schema
from tests.qbsimulator.helpers import Books, document

ADD = "<CustomerAddRq><CustomerAdd><Name>A</Name>{}</CustomerAdd></CustomerAddRq>"
QUERY = "<CustomerQueryRq>{}</CustomerQueryRq>"

NO_QBXML = {
    "children out of the order of the schema": ADD.format("<Phone>1</Phone><IsActive>true</IsActive>"),
    "an element that nothing has": ADD.format("<Colour>red</Colour>"),
    "an element of a later version": ADD.format("<ClassRef><FullName>c</FullName></ClassRef>"),
    "a request that nothing has": "<CustomerPaintRq></CustomerPaintRq>",
    "an attribute that the request does not have": '<AccountQueryRq iterator="Start"></AccountQueryRq>',
    "an attribute's value that is unknown": '<CustomerQueryRq iterator="Begin"></CustomerQueryRq>',
    "two branches of a choice": QUERY.format("<FullName>A</FullName><MaxReturned>1</MaxReturned>"),
    "ids and names together": QUERY.format("<ListID>1-1</ListID><FullName>A</FullName>"),
    "too many of a single element": QUERY.format("<MaxReturned>1</MaxReturned><MaxReturned>2</MaxReturned>"),
    "a required element absent": "<CustomerAddRq><CustomerAdd><Phone>1</Phone></CustomerAdd></CustomerAddRq>",
    "a bare FromModifiedDate in a transaction query": (
        "<InvoiceQueryRq><FromModifiedDate>2024-01-01</FromModifiedDate></InvoiceQueryRq>"
    ),
    "ActiveStatus in a transaction query": "<InvoiceQueryRq><ActiveStatus>All</ActiveStatus></InvoiceQueryRq>",
    "OwnerID before IncludeRetElement": QUERY.format("<OwnerID>0</OwnerID><IncludeRetElement>Name</IncludeRetElement>"),
}


def hresult(books: Books, data: bytes) -> str:
    with pytest.raises(QuickBooksError) as raised:
        books.session.process(data)
    return raised.value.hresult


@pytest.mark.parametrize("messages", NO_QBXML.values(), ids=NO_QBXML)
def test_what_does_not_fit_the_schema_is_refused_as_a_whole(books: Books, messages: str) -> None:
    before = ADD.format("").replace("<Name>A", "<Name>Before")
    assert hresult(books, document(before + messages, version="11.0")) == "0x80040400"
    assert books.one("CustomerQuery").status_code == 1, "nothing of it was run"


@pytest.mark.parametrize(
    "attributes",
    ["", 'onError="sometimes"', 'onError="stopOnError" responseData="most"', 'onError="stopOnError" colour="red"'],
)
def test_attributes_of_the_set_that_do_not_fit_are_refused_as_a_whole(books: Books, attributes: str) -> None:
    assert hresult(books, document("<HostQueryRq/>", attributes=attributes)) == "0x80040400"


def test_text_that_is_not_well_formed_is_refused(books: Books) -> None:
    for data in (
        b"",
        b"<QBXML>",
        b"no xml",
        document("<HostQueryRq>"),
        document(ADD.format("<Notes>a&nbsp;b</Notes>")),
    ):
        assert hresult(books, data) == "0x80040400"


def test_bytes_outside_the_declared_encoding_are_refused(books: Books) -> None:
    data = document(ADD.format("<Notes>caf\u00e9</Notes>"))
    latin = data.decode().encode("latin-1")
    assert hresult(books, latin) == "0x80040400"
    assert qbxml.parse(books.session.process(data))[0].records[0]["Notes"] == "caf\u00e9"


def test_a_document_that_names_no_version_is_refused(books: Books) -> None:
    data = document("<HostQueryRq/>").replace(b'<?qbxml version="16.0"?>', b"")
    assert hresult(books, data) == "0x80040400"


def test_an_unknown_version_is_refused_as_such(books: Books) -> None:
    with pytest.raises(QuickBooksError) as raised:
        books.session.process(document("<HostQueryRq/>", version="99.0"))
    assert raised.value.hresult == "0x80040423"
    assert raised.value.message == "The version of QBXML that was requested is not supported or is unknown."


def test_a_version_newer_than_this_quickbooks_is_unknown_to_it(books: Books) -> None:
    books.company.configure(qbxml_version="13.0")
    assert hresult(books, document("<HostQueryRq/>", version="14.0")) == "0x80040423"
    assert books.one("HostQuery", version="13.0").records[0]["SupportedQBXMLVersion"][-1] == "13.0"


def test_other_countries_know_no_version_before_they_spoke_this_language(books: Books) -> None:
    books.company.configure(country="AU")
    assert hresult(books, document("<HostQueryRq/>", version="6.1")) == "0x80040423"
    assert books.one("HostQuery", version="7.0").records[0]["SupportedQBXMLVersion"][0] == "7.0"


def test_rollback_is_refused(books: Books) -> None:
    data = document(ADD.format(""), attributes='onError="rollbackOnError"')
    assert hresult(books, data) == "0x80040413"
    assert books.one("CustomerQuery").status_code == 1


def test_the_error_says_what_quickbooks_says(books: Books) -> None:
    with pytest.raises(QuickBooksError, match=r"^0x80040400 QuickBooks found an error when parsing the provided XML"):
        books.session.process(b"")


# -- values: the status of one request ---------------------------------------------------------------------------

VALUES = {
    "a boolean": (ADD.format("<IsActive>maybe</IsActive>"), 3010),
    "a date": (QUERY.format("<FromModifiedDate>soon</FromModifiedDate>"), 3020),
    "an amount in letters": (ADD.format("<CreditLimit>much</CreditLimit>"), 3040),
    "an amount of three decimals": (ADD.format("<CreditLimit>1.234</CreditLimit>"), 3040),
    "a price of six decimals": (
        "<ItemServiceAddRq><ItemServiceAdd><Name>A</Name><SalesOrPurchase><Price>1.234567</Price>"
        "<AccountRef><FullName>x</FullName></AccountRef></SalesOrPurchase></ItemServiceAdd></ItemServiceAddRq>",
        3045,
    ),
    "a percentage": (
        "<StandardTermsAddRq><StandardTermsAdd><Name>A</Name><DiscountPct>two</DiscountPct></StandardTermsAdd>"
        "</StandardTermsAddRq>",
        3050,
    ),
    "a quantity": (
        "<ItemGroupAddRq><ItemGroupAdd><Name>A</Name><ItemGroupLine><Quantity>few</Quantity></ItemGroupLine>"
        "</ItemGroupAdd></ItemGroupAddRq>",
        3060,
    ),
    "a GUID": (ADD.format("<ExternalGUID>me</ExternalGUID>"), 3065),
    "a text that is too long": (ADD.format("<Phone>" + "1" * 22 + "</Phone>"), 3070),
    "a number": (QUERY.format("<MaxReturned>some</MaxReturned>"), 3085),
    "an enumeration": (ADD.format("<JobStatus>Thinking</JobStatus>"), 3110),
}


@pytest.mark.parametrize(("messages", "code"), VALUES.values(), ids=VALUES)
def test_a_value_that_can_not_be_taken_is_the_status_of_its_request_alone(
    books: Books, messages: str, code: int
) -> None:
    other = "<CustomerAddRq><CustomerAdd><Name>Other</Name></CustomerAdd></CustomerAddRq>"
    answers = qbxml.parse(books.raw(other + messages + "<HostQueryRq/>", attributes='onError="continueOnError"'))
    assert [one.status_code for one in answers] == [0, code, 0]
    assert books.names("Customer") == ["Other"]


def test_the_message_names_the_value_and_its_field(books: Books) -> None:
    answer = qbxml.parse(books.raw(ADD.format("<IsActive>maybe</IsActive>")))[0]
    assert (
        answer.status_message == 'There was an error when converting the boolean value "maybe" in the field "IsActive"'
    )
    answer = qbxml.parse(books.raw(ADD.format("<JobStatus>Thinking</JobStatus>")))[0]
    assert answer.status_message == (
        'The enumerated value "Thinking" in the field "JobStatus" is unknown or invalid for the qbXML version in use'
    )


def test_the_first_bad_value_of_a_request_is_the_one_that_is_told(books: Books) -> None:
    answer = qbxml.parse(books.raw(ADD.format("<IsActive>maybe</IsActive><JobStatus>Thinking</JobStatus>")))[0]
    assert answer.status_code == 3010


def test_section_12_an_unknown_enumeration_is_3110_and_a_missing_field_3150(books: Books) -> None:
    assert qbxml.parse(books.raw(ADD.format("<JobStatus>X</JobStatus>")))[0].status_code == 3110
    empty = "<CustomerAddRq><CustomerAdd><Name></Name></CustomerAdd></CustomerAddRq>"
    answer = qbxml.parse(books.raw(empty))[0]
    assert (answer.status_code, answer.status_message) == (3150, 'There is a missing element: "Name"')


def test_section_12_another_order_or_element_refuses_the_whole_set(books: Books) -> None:
    assert hresult(books, document(NO_QBXML["children out of the order of the schema"])) == "0x80040400"
    assert hresult(books, document(NO_QBXML["an element that nothing has"])) == "0x80040400"


def test_section_12_an_unknown_request_is_a_parse_error_and_an_unsupported_one_is_1030(books: Books) -> None:
    assert hresult(books, document("<CustomerPaintRq/>")) == "0x80040400"
    answer = books.one("WorkersCompCodeQuery")
    assert (answer.status_code, answer.status_message) == (
        1030,
        "This request is not supported by this implementation.",
    )


def test_section_12_an_iterator_where_there_is_none_is_a_parse_error(books: Books) -> None:
    messages = '<CustomerTypeQueryRq iterator="Start"><MaxReturned>1</MaxReturned></CustomerTypeQueryRq>'
    assert hresult(books, document(messages)) == "0x80040400"


# -- other countries ---------------------------------------------------------------------------------------------


def test_an_element_of_another_country_is_left_out_with_a_warning_and_the_rest_is_done(books: Books) -> None:
    answer = qbxml.parse(books.raw(ADD.format("<TaxRegistrationNumber>1</TaxRegistrationNumber>")))[0]
    assert (answer.status_code, answer.status_severity) == (530, "Warn")
    assert answer.status_message == 'The field "TaxRegistrationNumber" is not supported by this implementation.'
    assert answer.records[0]["Name"] == "A"
    assert "TaxRegistrationNumber" not in books.one("CustomerQuery").records[0]


def test_the_country_of_the_settings_takes_its_own_elements(books: Books) -> None:
    books.company.configure(country="UK")
    answer = qbxml.parse(books.raw(ADD.format("<TaxRegistrationNumber>1</TaxRegistrationNumber>")))[0]
    assert (answer.status_code, answer.records[0]["TaxRegistrationNumber"]) == (0, "1")
    assert books.one("HostQuery").records[0]["Country"] == "UK"


def test_a_reference_that_has_to_be_given_is_to_something(books: Books) -> None:
    add = (
        "<SalesRepAddRq><SalesRepAdd><Initial>A</Initial><SalesRepEntityRef>{}</SalesRepEntityRef></SalesRepAdd>"
        "</SalesRepAddRq>"
    )
    for inner in ("", "<ListID></ListID>", "<FullName></FullName>"):
        answer = qbxml.parse(books.raw(add.format(inner)))[0]
        assert (answer.status_code, answer.status_message) == (3150, 'There is a missing element: "SalesRepEntityRef"')


def test_a_value_of_another_countrys_is_ignored_with_a_warning() -> None:
    # The schema has one enumeration that no single country has in full.
    name = "JobReportQueryRq"
    everywhere, own = Schema("16.0", None).record(name), Schema("16.0", "US").record(name)
    values = set(everywhere.fields["JobReportType"].values or ()) - set(own.fields["JobReportType"].values or ())
    given = {"JobReportType": values.pop(), "DisplayReport": False}
    warning, kept = foreign(given, everywhere, own)
    assert kept == {"DisplayReport": False}
    assert warning is not None
    assert (warning.code, warning.message) == (
        531,
        'The enum value "" in the field "JobReportType" is not supported by this implementation.',
    )
