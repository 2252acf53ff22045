"""The sixteen simple types: which texts they allow, what these mean in Python, and how values are written."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml.testing.values import REFUSED, SPELLINGS, VALUES
from qbxml.values import ALLOWS, READ, WANTS, WRITE, UseMacro

TYPES = [*VALUES, "STRTYPE", "ENUMTYPE"]
XS = "{http://www.w3.org/2001/XMLSchema}"


@cache
def judge() -> etree.XMLSchema:
    """libxml2, with an element for every simple type."""
    root = etree.fromstring(qbxml.xsd("16.0").encode())
    for node in list(root):
        if node.tag != f"{XS}simpleType":
            root.remove(node)
    for kind in TYPES:
        etree.SubElement(root, f"{XS}element", name=kind, type=kind)
    return etree.XMLSchema(root)


def allowed(kind: str, text: str) -> bool:
    element = etree.Element(kind)
    element.text = text
    # Written and read again, as a document would be: what stands in memory may have blanks that a document has not.
    return judge().validate(etree.fromstring(etree.tostring(element)))


def cases(table: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [
        pytest.param(kind, one, id=f"{kind}-{place}") for kind, row in table.items() for place, one in enumerate(row)
    ]


@pytest.mark.parametrize(("kind", "text"), cases(SPELLINGS))
def test_texts_that_a_type_allows(kind: str, text: str) -> None:
    assert allowed(kind, text)
    assert ALLOWS[kind](text)
    check_reading(kind, text)


@pytest.mark.parametrize(("kind", "text"), [one for one in cases(REFUSED) if one.values[0] != "IDTYPE"])
def test_texts_that_a_type_refuses(kind: str, text: str) -> None:
    assert not allowed(kind, text)
    assert not ALLOWS[kind](text)
    with pytest.raises(ValueError, match=rf"\A{re.escape(text)}\Z"):
        READ[kind](text)


@pytest.mark.parametrize(("kind", "value"), cases(VALUES))
def test_values_are_written_and_read_back(kind: str, value: Any) -> None:
    if value is None or value == "":
        assert READ[kind]("") == value
        return
    text = WRITE[kind](value)
    assert allowed(kind, text)
    back = READ[kind](text)
    assert back == value
    assert type(back) is type(value)
    assert str(back) == str(value)


def check_reading(kind: str, text: str) -> None:
    """A text that is allowed reads; the value is written as an allowed text, which reads as the same value."""
    value = READ[kind](text)
    if value is None or value == "":
        return
    written = WRITE[kind](value)
    assert allowed(kind, written)
    again = READ[kind](written)
    assert again == value
    assert type(again) is type(value)
    assert WRITE[kind](again) == written


def test_every_simple_type_is_known() -> None:
    assert len(TYPES) == 16
    assert set(TYPES) == set(READ) == set(ALLOWS) == set(WRITE) == set(WANTS)


#: Texts near what the types allow: pieces of numbers, dates and so on, in any order.
_PIECES = st.sampled_from(
    [*"0123456789+-.:TZPHMS{} ,eE\n\t", "00", "12", "2024", "-02-29", "2024-02-29", "T13:05:09", "+05:30", "PT", "1H",
     "true", "false", "\xa0", "\u0661", "\u2028", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "99999999999999999999"]
)  # fmt: skip
near_texts = st.lists(_PIECES, max_size=12).map("".join)
any_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(st.sampled_from(TYPES), st.one_of(near_texts, any_text))
def test_the_verdict_on_any_text_is_libxml2s(kind: str, text: str) -> None:
    check_verdict(kind, text)


#: A pattern a little wider than each type, so that most texts are nearly right.
_WIDE = {
    "AMTTYPE": r"[+\-]?[0-9]{0,14}(\.[0-9]{0,3})?",
    "PRICETYPE": r"[+\-]?[0-9]{0,11}(\.[0-9]{0,6})?",
    "FLOATTYPE": r"[ \t\n]?[+\-]?[0-9]{0,30}(\.[0-9]{0,30})?[ ]?",
    "INTTYPE": r"[ \n]?[+\-]?[0-9]{0,30}[ ]?",
    "BOOLTYPE": r"[ \n]?(true|false|1|0|TRUE|10)?[ ]?",
    "DATETYPE": r"[ ]?-?[0-9]{3,5}-(0[0-9]|1[0-3])-([0-3][0-9])(Z|[+\-][01][0-9]:[0-6][0-9])?[ \n]?",
    "DATETIMETYPE": r"[0-9]{4}(-[0-9]{1,2}){2}(T[0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2})?)?)?([+\-][0-9]{1,2}:[0-9]{1,2})?",
    "TIMEINTERVALTYPE": r"[ ]?[+\-]?PT?([0-9]{1,20}H)?([0-9]{1,20}M)?([0-9]{1,20}(\.[0-9])?S)?",
    "GUIDTYPE": r"(0|\{?[0-9a-gA-G]{7,8}(-[0-9a-f]{4}){2,3}-[0-9a-f]{12}\}?)",
}


@pytest.mark.parametrize("kind", list(_WIDE))
@given(st.data())
def test_the_verdict_on_nearly_right_texts_is_libxml2s(kind: str, data: st.DataObject) -> None:
    check_verdict(kind, data.draw(st.from_regex(_WIDE[kind], fullmatch=True)))


#: How many digits a number may have for libxml2; newer ones, and we, set no limit.
MOST_DIGITS = 24 if etree.LIBXML_VERSION < (2, 14) else 10**6


def check_verdict(kind: str, text: str) -> None:
    if kind in ("INTTYPE", "FLOATTYPE") and sum(one.isdigit() for one in text) > MOST_DIGITS:
        return
    if kind == "IDTYPE":
        text = text[:36]  # a length is the element's to check
    wanted = allowed(kind, text)
    assert ALLOWS[kind](text) == wanted
    if wanted:
        check_reading(kind, text)
    else:
        with pytest.raises(ValueError, match=rf"\A{re.escape(text)}\Z"):
            READ[kind](text)


# -- what a text means --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("AMTTYPE", "100.00", Decimal("100.00")),
        ("AMTTYPE", "-0", Decimal("-0")),
        ("INTTYPE", " 007 ", 7),
        ("BOOLTYPE", " 1", True),
        ("BOOLTYPE", "", None),
        ("DATETYPE", " 2024-02-29 ", date(2024, 2, 29)),
        ("DATETYPE", "2024-02-29Z", "2024-02-29Z"),
        ("DATETYPE", "12024-02-29", "12024-02-29"),
        ("DATETIMETYPE", "2024-2-3", date(2024, 2, 3)),
        ("DATETIMETYPE", "2024-02-29T13", "2024-02-29T13"),
        ("DATETIMETYPE", "2024-02-29T13:05", datetime(2024, 2, 29, 13, 5)),
        ("DATETIMETYPE", "2024-13-45T99:99:99", "2024-13-45T99:99:99"),
        ("TIMEINTERVALTYPE", "PT90M", timedelta(minutes=90)),
        ("TIMEINTERVALTYPE", "-PT1H", -timedelta(hours=1)),
        ("TIMEINTERVALTYPE", "PT99999999999999H", "PT99999999999999H"),
    ],
)
def test_what_texts_mean(kind: str, text: str, value: Any) -> None:
    read = READ[kind](text)
    assert read == value
    assert type(read) is type(value)


def test_numbers_of_any_length() -> None:
    for digits in (25, 1000, 3000):
        number = int("9" * digits)
        assert READ["INTTYPE"](WRITE["INTTYPE"](number)) == number
        assert READ["FLOATTYPE"](WRITE["FLOATTYPE"](Decimal(f"0.{'3' * 30}"))) == Decimal(f"0.{'3' * 30}")
    # Python turns only so many digits into a number: there is none for more, and the text stands for it.
    assert READ["INTTYPE"]("9" * 5000) == "9" * 5000
    assert ALLOWS["INTTYPE"]("9" * 5000)


def test_digits_are_kept() -> None:
    assert str(READ["AMTTYPE"]("100.00")) == "100.00"
    assert str(READ["QUANTYPE"]("1.50000")) == "1.50000"


def test_an_offset_is_kept_and_none_is_not_utc() -> None:
    value = READ["DATETIMETYPE"]("2024-02-29T13:05:09-08:00")
    assert value.utcoffset() == timedelta(hours=-8)
    assert READ["DATETIMETYPE"]("2024-02-29T13:05:09").tzinfo is None


# -- what a caller may give --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("AMTTYPE", Decimal("1.5"), "1.50"),
        ("AMTTYPE", Decimal("1E+2"), "100.00"),
        ("AMTTYPE", Decimal("1.500"), "1.50"),
        ("AMTTYPE", 7, "7.00"),
        ("AMTTYPE", 0.1, "0.10"),
        ("AMTTYPE", "3", "3"),
        ("AMTTYPE", "3.5", "3.50"),
        ("AMTTYPE", "-.5", "-0.50"),
        ("PRICETYPE", Decimal("0.00001"), "0.00001"),
        ("PRICETYPE", 1e-5, "0.00001"),
        ("QUANTYPE", 3, "3"),
        ("FLOATTYPE", 1e-7, "0.0000001"),
        ("INTTYPE", 10**20, "1" + "0" * 20),
        ("BOOLTYPE", "1", "1"),
        ("DATETYPE", "2024-02-29", "2024-02-29"),
        ("DATETIMETYPE", date(2024, 2, 29), "2024-02-29"),
        ("DATETIMETYPE", datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), "2024-02-29T01:02:03+00:00"),
        ("TIMEINTERVALTYPE", timedelta(days=1, seconds=1), "PT24H0M1S"),
        ("TIMEINTERVALTYPE", timedelta(minutes=-30), "-PT0H30M"),
        ("GUIDTYPE", uuid.UUID(int=0), "{00000000-0000-0000-0000-000000000000}"),
    ],
)  # fmt: skip
def test_how_values_are_written(kind: str, value: Any, text: str) -> None:
    assert WRITE[kind](value) == text
    assert allowed(kind, text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("AMTTYPE", True),
        ("AMTTYPE", Decimal("1.505")),
        ("AMTTYPE", Decimal("NaN")),
        ("AMTTYPE", Decimal("sNaN")),
        ("AMTTYPE", float("inf")),
        ("AMTTYPE", 1e300),
        ("AMTTYPE", 10**13),
        ("AMTTYPE", Decimal("1E+999999")),
        ("AMTTYPE", Decimal("1E-999999")),
        pytest.param("AMTTYPE", 1 << 100_000, id="AMTTYPE-huge"),
        ("AMTTYPE", "1e3"),
        ("AMTTYPE", None.__class__),
        ("PRICETYPE", Decimal("0.000001")),
        ("INTTYPE", True),
        ("INTTYPE", 1.0),
        ("INTTYPE", Decimal(1)),
        pytest.param("INTTYPE", 1 << 100_000, id="INTTYPE-huge"),
        ("BOOLTYPE", 1),
        ("BOOLTYPE", "yes"),
        ("DATETYPE", datetime(2024, 2, 29)),
        ("DATETYPE", "29.2.2024"),
        ("DATETIMETYPE", datetime(2024, 2, 29, 1, 2, 3, 4)),
        ("DATETIMETYPE", datetime(2024, 2, 29, tzinfo=timezone(timedelta(seconds=30)))),
        ("DATETIMETYPE", 1709164800),
        ("TIMEINTERVALTYPE", timedelta(microseconds=1)),
        ("TIMEINTERVALTYPE", 3600),
        ("GUIDTYPE", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
        ("STRTYPE", 5),
        ("STRTYPE", b"x"),
        ("IDTYPE", 5),
    ],
)  # fmt: skip
def test_what_is_not_taken(kind: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"[a-z]{2}") as caught:
        WRITE[kind](value)
    assert len(str(caught.value)) < 200


@given(st.sampled_from(["AMTTYPE", "PRICETYPE", "FLOATTYPE"]), st.decimals() | st.floats() | st.integers())
def test_a_number_is_written_exactly_or_not_at_all(kind: str, number: Any) -> None:
    try:
        text = WRITE[kind](number)
    except ValueError:
        return
    if sum(one.isdigit() for one in text) <= MOST_DIGITS:
        assert allowed(kind, text)
    assert Decimal(text) == Decimal(repr(number) if isinstance(number, float) else number)


@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_a_point_in_time_is_written_exactly_or_not_at_all(value: datetime) -> None:
    try:
        text = WRITE["DATETIMETYPE"](value)
    except ValueError:
        return
    assert allowed("DATETIMETYPE", text)
    back = READ["DATETIMETYPE"](text)
    assert back.replace(tzinfo=None) == value.replace(tzinfo=None)
    assert back.utcoffset() == value.utcoffset()


@given(st.timedeltas())
def test_an_interval_is_written_exactly_or_not_at_all(value: timedelta) -> None:
    try:
        text = WRITE["TIMEINTERVALTYPE"](value)
    except ValueError:
        assert value.microseconds
        return
    assert allowed("TIMEINTERVALTYPE", text)
    assert READ["TIMEINTERVALTYPE"](text) == value


# -- macros -----------------------------------------------------------------------------------------------------


def test_a_macro_is_its_name_and_its_text() -> None:
    macro = UseMacro("TxnID:First")
    assert (macro, macro.name, macro.text) == (UseMacro("TxnID:First"), "TxnID:First", "")
    assert UseMacro("a", "x") != UseMacro("b", "x")
    assert UseMacro("a", "x") != "x"
    assert len({UseMacro("a"), UseMacro("a"), UseMacro("a", "x")}) == 2
    assert repr(UseMacro("a", "x")) == "UseMacro('a', 'x')"
