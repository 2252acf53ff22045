"""Whatever comes in: a document, or a ParseError that says where; nothing else, and soon."""

from __future__ import annotations

import codecs
import io
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from qbxml import ParseError
from qbxml.document import DEFAULT_MAX_DEPTH, read

ANSWER = (
    "<QBXML>\n<QBXMLMsgsRs>\n"
    '<CustomerQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="Status OK">\n'
    "<CustomerRet>\n<ListID>80000001-1234567890</ListID>\n<Name>{name}</Name>\n<IsActive>true</IsActive>\n"
    "<Balance>100.00</Balance>\n</CustomerRet>\n"
    "</CustomerQueryRs>\n</QBXMLMsgsRs>\n</QBXML>\n"
)
GOOD = ANSWER.format(name="Jos\xe9 & Söhne".replace("&", "&amp;"))
ASCII = ANSWER.format(name="Ada")

#: Everything that reads documents.
READERS: list[Callable[[Any], Any]] = [
    qbxml.parse,
    qbxml.parse_request,
    lambda data: qbxml.validate(data, "16.0"),
    lambda data: list(qbxml.iterparse(data)),
]


@pytest.fixture(autouse=True)
def _nobody_calls_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that makes a connection fails, and so does one that takes long."""

    def refuse(*_: Any) -> None:
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 20


def refused(data: Any, *, place: bool = True) -> list[ParseError]:
    """The errors of all readers, which may raise nothing else."""
    errors = []
    for reader in READERS:
        with pytest.raises(ParseError) as caught:
            reader(data() if callable(data) else data)
        errors.append(caught.value)
        assert caught.value.reason
        if place:
            assert caught.value.line is not None
            assert caught.value.line >= 1
            assert caught.value.column is not None
            assert caught.value.column >= 1
    return errors


def name_of(data: Any) -> str:
    """The customer's name in an answer that was read."""
    (message,) = qbxml.parse(data)
    (record,) = message.records
    return str(record["Name"])


# -- DOCTYPE and entities -----------------------------------------------------------------------------------------

BOMB = "<!DOCTYPE QBXML [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + one)} '{f'&{chr(97 + one)};' * 10}'>" for one in range(9)
)
DOCTYPES = {
    "bare": "<!DOCTYPE QBXML>" + ASCII,
    "with a subset": "<!DOCTYPE QBXML [<!ENTITY e 'x'>]>" + ANSWER.format(name="&e;"),
    "billion laughs": BOMB + "]>" + ANSWER.format(name="&j;"),
    "quadratic": f"<!DOCTYPE QBXML [<!ENTITY e '{'x' * 50_000}'>]>" + ANSWER.format(name="&e;" * 1000),
    "external file": "<!DOCTYPE QBXML [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + ANSWER.format(name="&e;"),
    "external address": "<!DOCTYPE QBXML SYSTEM 'http://127.0.0.1:9/x.dtd'>" + ASCII,
    "parameter entity": "<!DOCTYPE QBXML [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>" + ASCII,
    "default attribute": "<!DOCTYPE QBXML [<!ATTLIST CustomerQueryRs iteratorID CDATA 'x'>]>" + ASCII,
    "after a comment": "<!-- c --><?pi ?>\n<!DOCTYPE QBXML>" + ASCII,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("case", list(DOCTYPES))
def test_a_doctype_is_refused_in_any_encoding(case: str, encoding: str) -> None:
    text = DOCTYPES[case]
    errors = refused(text.encode(encoding), place=False)
    if not encoding.startswith("utf-32") and encoding not in ("utf-16-le", "utf-16-be"):
        assert all("DOCTYPE" in error.reason for error in errors)
    refused(text)


def test_the_place_of_a_doctype() -> None:
    (error, *_) = refused("<?xml version='1.0'?>\n  <!DOCTYPE QBXML>" + ASCII)
    assert error.line == 2


def test_a_doctype_in_an_encoding_that_hides_it() -> None:
    hidden = ("<?xml version='1.0' encoding='utf-7'?>" + DOCTYPES["external file"]).encode("utf-7")
    refused(hidden, place=False)
    refused(DOCTYPES["external file"].encode("cp037"), place=False)  # EBCDIC


@pytest.mark.parametrize("text", ["<![CDATA[<!DOCTYPE QBXML>]]>", "&lt;!DOCTYPE QBXML>"])
def test_the_word_itself_is_no_doctype(text: str) -> None:
    assert name_of(ANSWER.format(name=text)) == "<!DOCTYPE QBXML>"


def test_a_doctype_in_a_comment_is_no_doctype() -> None:
    assert name_of("<!-- <!DOCTYPE QBXML> -->" + ASCII) == "Ada"


@pytest.mark.parametrize("name", ["&unknown;", "&nbsp;", "&#0;", "&#xFFFE;", "&#xD800;", "&;", "&#;", "a & b"])
def test_entities_that_nobody_declared(name: str) -> None:
    refused(ANSWER.format(name=name))


def test_nothing_is_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    response = qbxml.parse(ANSWER.format(name=include), report=lambda _: None)
    assert response.problems
    assert "'secret'" not in repr([message.content for message in response])


# -- size and depth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [DEFAULT_MAX_DEPTH + 2, 1000, 200_000])
def test_depth(depth: int) -> None:
    refused(f"<QBXML>{'<a>' * depth}{'</a>' * depth}</QBXML>")


def test_depth_that_is_just_allowed() -> None:
    depth = DEFAULT_MAX_DEPTH - 2
    document = f"<QBXML>{'<a>' * depth}{'</a>' * depth}</QBXML>"
    assert len(qbxml.parse(document, report=lambda _: None).problems) == 1
    assert qbxml.validate(document, "16.0") != []


def test_a_lower_limit_of_depth() -> None:
    with pytest.raises(ParseError, match="deeper than 4"):
        qbxml.parse(GOOD, max_depth=4)
    assert len(qbxml.parse(GOOD, max_depth=5)) == 1


def test_a_limit_of_bytes() -> None:
    data = GOOD.encode()
    for source in (data, io.BytesIO(data), GOOD):
        with pytest.raises(ParseError, match="longer than 100 bytes"):
            qbxml.parse(source, max_bytes=100)
    assert len(qbxml.parse(io.BytesIO(data), max_bytes=len(data))) == 1


def test_a_huge_text_is_kept_whole_or_refused() -> None:
    name = "x" * 9_000_000
    assert name_of(ANSWER.format(name=name)) == name
    refused(ANSWER.format(name="x" * 11_000_000))


def test_a_huge_attribute_is_kept_whole_or_refused() -> None:
    document = ASCII.replace("Status OK", "x" * 9_000_000)
    assert len(qbxml.parse(document)[0].status_message) == 9_000_000
    refused(ASCII.replace("Status OK", "x" * 11_000_000))


def test_many_attributes() -> None:
    def crowded(count: int) -> str:
        many = " ".join(f'a{one}="{one}"' for one in range(count))
        return ASCII.replace("<CustomerRet>", f"<CustomerRet {many}>")

    assert len(qbxml.parse(crowded(1000), report=lambda _: None).problems) == 1000
    for error in refused(crowded(50_000)):
        assert "more than 1000 attributes" in error.reason
        assert error.line == 4


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_many_attributes_in_pieces(size: int) -> None:
    many = " ".join(f'a{one}="{one}"' for one in range(5000))
    data = ASCII.replace("<Name>", f"<Name {many}>").encode()
    with pytest.raises(ParseError, match="more than 1000 attributes"):
        list(
            qbxml.iterparse((data[start : start + size] for start in range(0, len(data), size)), report=lambda _: None)
        )


@pytest.mark.parametrize(
    "inner",
    [
        "".join(f"<F{one}/>" for one in range(20_000)),
        "<Foreign/>" * 20_000,
        "<Name>twice</Name>" * 20_000,
        "".join(f"<JobStatus>Awarde{one}</JobStatus>" for one in range(20_000)),
        "<BillAddress/>" * 20_000,
        "<CustomerTypeRef>stray</CustomerTypeRef>" * 20_000,
        "<!-- c -->" * 200_000,
        "<?pi?>" * 200_000,
        "&amp;" * 500_000,
    ],
    ids=["unknown", "one unknown", "repeated", "enumeration", "records", "stray", "comments", "pis", "entities"],
)  # fmt: skip
def test_documents_full_of_mistakes_take_no_more_than_their_length(inner: str) -> None:
    document = ASCII.replace("</CustomerRet>", f"{inner}</CustomerRet>")
    qbxml.parse(document, report=lambda _: None)
    qbxml.validate(document, "13.0", "US")
    list(qbxml.iterparse(document, report=lambda _: None))


# -- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        codecs.BOM_UTF8 + GOOD.encode(),
        codecs.BOM_UTF8 + b"<?xml version='1.0' encoding='utf-8'?>" + GOOD.encode(),
        b"<?xml version='1.0' encoding='UTF-8' ?>\r\n" + GOOD.replace("\n", "\r\n").encode(),
        GOOD.encode("utf-16"),
        ("<?xml version='1.0' encoding='utf-16'?>" + GOOD).encode("utf-16"),
        codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        ("<?xml version='1.0' encoding='utf-16'?>" + GOOD).encode("utf-16-le"),
        ("<?xml version='1.0' encoding='utf-16'?>" + GOOD).encode("utf-16-be"),
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + GOOD.encode("latin-1"),
        b"<?xml version='1.0' encoding='windows-1252'?>" + GOOD.encode("cp1252"),
        GOOD.encode("ascii", "xmlcharrefreplace"),
        GOOD,
        "\ufeff" + GOOD,
        # Text is text already, whatever its declaration says of bytes.
        "<?xml version='1.0' encoding='utf-16'?>" + GOOD,
        '<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>\n' + GOOD,
        bytearray(GOOD.encode()),
        memoryview(GOOD.encode()),
    ],
)
def test_good_encodings(data: Any) -> None:
    assert name_of(data) == "Jos\xe9 & Söhne"
    assert qbxml.validate(data, "16.0") == []


def test_files_of_bytes_and_of_text() -> None:
    assert name_of(io.BytesIO(GOOD.encode())) == "Jos\xe9 & Söhne"
    assert name_of(io.StringIO(GOOD)) == "Jos\xe9 & Söhne"


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("latin-1"),
        b"<?xml version='1.0' encoding='utf-8'?>" + GOOD.encode("latin-1"),
        b"<?xml version='1.0' encoding='ascii'?>" + GOOD.encode(),
        b"<?xml version='1.0' encoding='no-such-encoding'?>" + GOOD.encode(),
        b"<?xml version='1.0' encoding=''?>" + GOOD.encode(),
        b"<?xml version='1.0' encoding='utf-16'?>" + GOOD.encode(),
        codecs.BOM_UTF16_LE + GOOD.encode(),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-le"),
        GOOD.encode("utf-16-le")[:-1],
        GOOD.encode().replace(b"Jos", b"\xf8\x88\x80\x80\x80"),
        GOOD.encode().replace(b"Jos", b"\xed\xa0\x80"),
        GOOD.encode().replace(b"Jos", b"\xc0\xbc"),
        b"\xff" + GOOD.encode(),
        GOOD.encode() + b"\xff",
    ],
)
def test_encodings_that_lie(data: bytes) -> None:
    """Either an error, or a document in which not one name is wrong; never another exception."""
    for reader in READERS:
        try:
            reader(data)
        except ParseError:
            continue
        assert name_of(data) == "Jos\xe9 & Söhne"


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids(character: str) -> None:
    refused(ANSWER.format(name=f"A{character}B"))
    refused(ANSWER.format(name=f"A{character}B").encode())


def test_a_lone_surrogate() -> None:
    with pytest.raises(ParseError, match="lone surrogate") as caught:
        qbxml.parse(ANSWER.format(name="\ud800"))
    assert (caught.value.line, caught.value.column) == (6, 7)


# -- what is no document ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"", b" \n\t ", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\x00" * 100, b"<", b"<QBXML", b"<QBXML>", b"{}",
        b"text", b"<?xml version='1.0'?>", b"<!-- c -->", b"<?qbxml version='13.0'?>", b"</QBXML>", b"<QBXML></qbxml>",
        b"<QBXML/><QBXML/>", b"<QBXML/>text", GOOD.encode() * 2, b"text<QBXML/>", b" <?xml version='1.0'?><QBXML/>",
        b"<?xml version='3.0'?><QBXML/>", b"<QBXML a='1' a='2'/>", b"<QBXML a=1/>", b"<QBXML><a></QBXML></a>",
        b"<QBXML>]]></QBXML>", b"<QBXML><![CDATA[</QBXML>", b"<QBXML><!-- -- --></QBXML>", b"<x:QBXML/>",
        b"<QBXML><?xml version='1.0'?></QBXML>", b"\x1f\x8b\x08\x00gzip", b"PK\x03\x04", b"%PDF-1.7",
    ],
)  # fmt: skip
def test_what_is_not_well_formed(data: bytes) -> None:
    for error in refused(data, place=False):
        assert error.line is None or error.line >= 1


@pytest.mark.parametrize("data", [None, 5, 1.5, object(), ["<QBXML/>"]])
def test_what_is_no_source_at_all(data: Any) -> None:
    with pytest.raises(ParseError, match="is no document"):
        qbxml.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "<html/>",
        "<qbxml/>",
        '<QBXML xmlns="urn:x"><QBXMLMsgsRs/></QBXML>',
        '<q:QBXML xmlns:q="urn:x"/>',
        "<QBPOSXML/>",
    ],
)
def test_other_documents(text: str) -> None:
    for function in (qbxml.parse, qbxml.parse_request):
        with pytest.raises(ParseError, match="the root element is") as caught:
            function(text)
        assert (caught.value.line, caught.value.column) == (1, 1)
    assert [problem.kind for problem in qbxml.validate(text, "16.0")] == ["structure"]


def test_a_request_is_no_response_and_the_other_way_round() -> None:
    with pytest.raises(ParseError, match="read it with parse_request"):
        qbxml.parse('<QBXML><QBXMLMsgsRq onError="stopOnError"/></QBXML>')
    with pytest.raises(ParseError, match="read it with parse"):
        qbxml.parse_request("<QBXML>\n<QBXMLMsgsRs/></QBXML>")


def test_namespaces_within_are_foreign() -> None:
    for old, new in (("<Name>", '<Name xmlns="urn:x">'), ("<CustomerRet>", '<CustomerRet xmlns:x="urn:x" x:a="1">')):
        document = ASCII.replace(old, new)
        assert qbxml.validate(document, "16.0") != []
        assert qbxml.parse(document, report=lambda _: None).problems != []
    # A declaration that nothing uses changes nothing.
    assert qbxml.validate(ASCII.replace("<QBXML>", '<QBXML xmlns:x="urn:x">'), "16.0") == []


@pytest.mark.parametrize(
    "data", [GOOD.encode(), GOOD.encode("utf-16"), b"<?xml version='1.0'?><!-- c -->" + GOOD.encode()]
)
def test_a_document_cut_off_at_any_byte(data: bytes) -> None:
    end = len(data.rstrip(b"\n\x00"))
    for length in range(end if data[:1] == b"<" else end - 1):
        for reader in READERS:
            with pytest.raises(ParseError):
                reader(data[:length])
    assert name_of(data[:end] if data[:1] == b"<" else data) == "Jos\xe9 & Söhne"


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    check_any(data)


@given(st.lists(st.sampled_from([*"<>/=&;?!-[] \n\"'\x00a", "QBXML", "QBXMLMsgsRs", "<?xml ", "<!--", "]]>", "\xe9"])))
def test_any_markup(pieces: list[str]) -> None:
    check_any("".join(pieces))
    check_any("<QBXML>" + "".join(pieces) + "</QBXML>")


def check_any(data: Any) -> None:
    for reader in READERS:
        try:
            reader(data)
        except ParseError as error:
            assert error.line is None or error.line >= 1  # noqa: PT017


# -- text where none belongs --------------------------------------------------------------------------------------

_GAPS = [place for place in range(1, len(ASCII)) if ASCII[place - 1] == ">" and ASCII[place : place + 2] == "\n<"]


@pytest.mark.parametrize("text", ["stray", "x>", "0", "\xa0", "&amp;", "<![CDATA[x]]>"])
@pytest.mark.parametrize("leaf", ["Ada", "\n", "\n\n", ""])
def test_text_between_elements_is_never_dropped_in_silence(text: str, leaf: str) -> None:
    """Wherever it stands, and whatever a leaf beside it holds that may look like the layout it displaces."""
    assert len(_GAPS) > 10
    for place in _GAPS[:-1]:
        for gap in (text, f"\n{text}", f"{text}\n"):
            document = (ASCII[:place] + gap + ASCII[place + 1 :]).replace("Ada", leaf)
            assert qbxml.parse(document, report=lambda _: None).problems != [], document
            assert qbxml.validate(document, "16.0") != [], document
            noted: list[Any] = []
            list(qbxml.iterparse(document, report=noted.append))
            assert noted != [], document


@pytest.mark.parametrize(
    "document",
    [
        "<QBXML>stray</QBXML>",
        "<QBXML><QBXMLMsgsRs>stray</QBXMLMsgsRs></QBXML>",
        ASCII.split("<CustomerRet>")[0] + "stray</CustomerQueryRs></QBXMLMsgsRs></QBXML>",
        ASCII.replace("<Name>Ada</Name>", "<CustomerTypeRef>stray</CustomerTypeRef>"),
        ASCII.replace("<Name>Ada</Name>", "<Name>\n</Name><CustomerTypeRef>stray</CustomerTypeRef>"),
        "<QBXML><QBXMLEvents>stray</QBXMLEvents></QBXML>",
    ],
)
def test_text_in_what_has_no_elements(document: str) -> None:
    problems = qbxml.parse(document, report=lambda _: None).problems
    assert [problem.given for problem in problems] == ["stray"]
    assert qbxml.validate(document, "16.0") != []


def test_events_beside_others_are_kept_and_reported() -> None:
    event = "<QBXMLEvents><UIEvent><CompanyFilePath>A</CompanyFilePath></UIEvent></QBXMLEvents>"
    for document in (f"<QBXML>{event}<QBXMLEvents/></QBXML>", f"<QBXML><QBXMLMsgsRs/>{event}</QBXML>"):
        response = qbxml.parse(document, report=lambda _: None)
        assert [one["CompanyFilePath"] for one in response.events] == ["A"]
        assert {problem.message for problem in response.problems} == {"it may only stand alone"}
    assert qbxml.parse(f"<QBXML>{event}</QBXML>").problems == []


# -- what was read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prolog", "version"),
    [
        ("", None),
        ("<?xml version='1.0'?>", None),
        ('<?xml version="1.0"?><?qbxml version="13.0"?>', "13.0"),
        ("<?qbxml version = '5.0' ?>\n", "5.0"),
        ('<!-- c --><?qbxml version="7.0"?>', "7.0"),
        ('<?qbxml version="CA3.0"?>', "CA3.0"),
        ('<?qbxml version=""?>', ""),
        ("<?qbxml?>", None),
        ('<?other version="1.0"?>', None),
        ('<!-- <?qbxml version="1.0"?> -->', None),
    ],
)
def test_the_version_that_a_document_names(prolog: str, version: str | None) -> None:
    assert read(prolog + "<QBXML/>").version == version
    assert read((prolog.partition("?>")[2] if prolog[:5] == "<?xml" else prolog) + "<QBXML/>").version == version


def test_the_version_in_utf_16() -> None:
    assert read('<?qbxml version="13.0"?><QBXML/>'.encode("utf-16")).version == "13.0"


def test_comments_and_instructions_do_not_cut_a_text() -> None:
    assert name_of(ANSWER.format(name="A<!-- x -->d<?p i?>a")) == "Ada"
    assert name_of(ANSWER.format(name="<![CDATA[A]]>d<![CDATA[a]]>")) == "Ada"


def test_line_ends_are_one_character() -> None:
    assert name_of(ANSWER.format(name="a\r\nb\rc&#13;d")) == "a\nb\nc\rd"
