from __future__ import annotations

import copy
import json
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbxml._files import read_schema_file
from qbxml.codes import (
    Hresult,
    InvalidCode,
    Status,
    WebConnectorCode,
    hresult,
    hresults,
    is_error,
    status,
    statuses,
    web_connector_code,
    web_connector_codes,
)
from qbxml.errors import STATUS_ERRORS, QbxmlError

KINDS = {"success", "not found", "retry", "fix", "alert"}
CONFIDENCES = {"documented", "observed", "inferred", "uncertain"}
PLACEHOLDERS = {"value", "field", "name", "kind", "detail"}

#: Written out here a second time, so that a row lost from the table is noticed.
STATUS_CODES = [
    *(0, 1, 500, 501, 510, 530, 531, 540, 550, 560, 570, 600, 1000, 1010, 1030, 1060),
    *(3000, 3010, 3020, 3030, 3031, 3035, 3040, 3045, 3050, 3060, 3065, 3070, 3080, 3085, 3090),
    *(3100, 3110, 3120, 3121, 3130, 3140, 3150, 3151, 3152, 3153, 3160, 3161, 3162, 3163),
    *(3170, 3171, 3175, 3176, 3180, 3185, 3190, 3200, 3205, 3210, 3220, 3230, 3231, 3240),
    *(3250, 3260, 3261, 3262, 3263, 3270, 3280, 3290, 3300, 3351, 3390, 3391, 3500),
    *(9001, 9002, 9003, 9004, 9005),
]

HRESULTS = [
    *("0x80010105", "0x80040154", "0x80040400", "0x80040401", "0x80040402", "0x80040403", "0x80040407"),
    *("0x80040408", "0x80040409", "0x8004040A", "0x8004040C", "0x8004040D", "0x8004040F", "0x80040410"),
    *("0x80040413", "0x80040414", "0x80040416", "0x80040417", "0x80040418", "0x8004041A", "0x8004041B"),
    *("0x8004041C", "0x8004041D", "0x8004041E", "0x8004041F", "0x80040420", "0x80040421", "0x80040422"),
    *("0x80040423", "0x80040424", "0x80040427", "0x8004042A", "0x8004042C", "0x80042584"),
]


def table(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(read_schema_file(name))
    return loaded


def is_sentence(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z].{8,}\.", text)) and "  " not in text


def test_the_status_table_has_the_77_codes_in_order() -> None:
    assert [row.code for row in statuses()] == STATUS_CODES
    assert len(STATUS_CODES) == 77


def test_the_status_table_counts_its_own_rows_rightly() -> None:
    loaded = table("status-codes.json")
    singles = [row for row in loaded["codes"] if "code" in row]
    ranges = [row for row in loaded["codes"] if "code" not in row]
    assert (loaded["about"]["singles"], loaded["about"]["ranges"]) == (len(singles), len(ranges)) == (77, 2)
    assert [(row["from"], row["to"]) for row in ranges] == [(2000, 2040), (9100, 9199)]


def test_the_status_table_says_what_its_words_mean() -> None:
    about = table("status-codes.json")["about"]
    assert set(about["class"]) == KINDS
    assert set(about["confidence"]) == CONFIDENCES


def test_status_names_are_labels_and_unique() -> None:
    names = [row.name for row in statuses()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]+", name) for name in names)


@pytest.mark.parametrize("row", statuses(), ids=lambda row: str(row.code))
def test_each_status_is_complete_and_its_severity_fits_its_range(row: Status) -> None:
    assert row.scope in {"request", "message set"}
    if row.scope == "message set":
        assert row.code == 600 or 9000 < row.code < 9100
        assert row.severity is None
    elif row.code < 500:
        assert row.severity == "Info"
    elif row.code < 1000:
        assert row.severity == "Warn"
    else:
        assert row.severity == "Error"
    assert row.kind in KINDS
    assert row.confidence in CONFIDENCES
    assert is_sentence(row.meaning)
    assert is_sentence(row.advice)
    assert row.pattern is None or set(re.findall(r"{(.*?)}", row.pattern)) <= PLACEHOLDERS


@pytest.mark.parametrize("row", statuses(), ids=lambda row: str(row.code))
def test_a_refused_request_is_never_a_success(row: Status) -> None:
    if is_error(row.code):
        assert row.kind != "success"
    if row.severity is not None:
        assert is_error(row.code) == (row.severity == "Error")


@pytest.mark.parametrize("code", STATUS_ERRORS)
def test_each_status_with_an_error_class_of_its_own_is_in_the_table(code: int) -> None:
    assert code in STATUS_CODES
    # 500 and 3176 share the class of 3120 and 3175: their names only say more.
    assert status(code).name.endswith(STATUS_ERRORS[code].__name__)


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        (0, "Ok", "success"),
        (1, "NoMatch", "not found"),
        (500, "ListedObjectNotFound", "not found"),
        (3120, "ObjectNotFound", "not found"),
        (3175, "ObjectLocked", "retry"),
        (3200, "StaleEditSequence", "fix"),
        (3231, "NotProcessed", "retry"),
        (3260, "UserPermissionDenied", "alert"),
        (9001, "MessageSetIDReused", "alert"),
    ],
)
def test_a_status_is_found_by_its_code(code: int, name: str, kind: str) -> None:
    assert (status(code).name, status(code).kind) == (name, kind)


def test_a_status_is_found_by_the_text_of_the_attribute() -> None:
    assert status("3200") is status(3200)
    assert status(" 3200 ") is status(3200)


def test_two_blanks_and_a_blank_at_the_end_are_kept_in_patterns() -> None:
    stale = status(3200).pattern
    missing = status(3120).pattern
    assert stale is not None
    assert stale.endswith("out-of-date. ")
    assert missing is not None
    assert "found.  QuickBooks error message: Invalid argument.  The" in missing


@pytest.mark.parametrize(
    ("code", "severity", "kind"),
    [
        (-1, "Error", "alert"),
        (2, "Info", "success"),
        (499, "Info", "success"),
        (502, "Warn", "alert"),
        (999, "Warn", "alert"),
        (1001, "Error", "alert"),
        (2000, "Error", "alert"),
        (2040, "Error", "alert"),
        (2041, "Error", "alert"),
        (3001, "Error", "fix"),
        (3099, "Error", "fix"),
        (3101, "Error", "alert"),
        (9000, "Error", "alert"),
        (9099, "Error", "alert"),
        (9100, "Error", "fix"),
        (9199, "Error", "fix"),
        (9200, "Error", "alert"),
    ],
)
def test_a_code_without_a_row_of_its_own_gets_what_its_range_tells(code: int, severity: str, kind: str) -> None:
    found = status(code)
    assert (found.code, found.severity, found.kind) == (code, severity, kind)
    assert found not in statuses()


def test_the_members_of_a_range_in_the_table_share_its_row() -> None:
    assert status(9150).name == status(9199).name == "MacroError"
    assert status(2020).name == "OnlineSignOn"
    assert status(2041).name != "OnlineSignOn"


@given(st.integers() | st.integers(-10, 10_000))
def test_every_whole_number_has_a_status(code: int) -> None:
    found = status(code)
    assert found.code == code
    assert found.kind in KINDS
    assert is_sentence(found.meaning)
    assert is_sentence(found.advice)
    assert is_error(code) == (found.severity == "Error" or (found.severity is None and code != 600))


@given(st.text() | st.integers().map(str) | st.text("+-_ 0123456789"))
def test_text_is_a_status_or_refused_with_our_own_error(text: str) -> None:
    if re.fullmatch(r"\s*[+-]?[0-9]{1,20}\s*", text, re.ASCII):
        assert status(text) == status(int(text))
    else:
        with pytest.raises(InvalidCode) as caught:
            status(text)
        assert caught.value.given == text


@pytest.mark.parametrize("given", ["", " ", "OK", "3200.0", "0x10", "3_200", "٣٢٠٠", "9" * 5000, None, 3.5])
def test_what_is_no_number_is_no_status_code(given: Any) -> None:
    with pytest.raises(InvalidCode, match="is no status code") as caught:
        status(given)
    assert isinstance(caught.value, QbxmlError)
    assert len(str(caught.value)) < 200
    with pytest.raises(InvalidCode):
        is_error(given)


def test_an_invalid_code_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(InvalidCode("OK", "status code")))
    assert (again.given, again.what, str(again)) == ("OK", "status code", "'OK' is no status code")


def test_is_error_reads_text_too() -> None:
    assert is_error("3200")
    assert not is_error("530")


@pytest.mark.parametrize(
    "row",
    [status(3200), status(3333), hresult("0x80040400"), web_connector_code(1012)],
    ids=lambda row: type(row).__name__,
)
def test_a_row_is_an_immutable_value(row: Any) -> None:
    with pytest.raises(AttributeError, match="immutable"):
        row.code = 1
    with pytest.raises(AttributeError, match="immutable"):
        row.more = 1
    with pytest.raises(AttributeError, match="immutable"):
        del row.code
    assert not hasattr(row, "__dict__")
    for again in (copy.copy(row), copy.deepcopy(row), pickle.loads(pickle.dumps(row))):
        assert again == row
        assert hash(again) == hash(row)
    assert row != status(1)
    assert row != row.code
    assert repr(row).startswith(f"{type(row).__name__}(code={row.code!r}, ")


def test_the_hresult_table_has_every_known_code_in_order() -> None:
    assert [row.code for row in hresults()] == HRESULTS


@pytest.mark.parametrize("row", hresults(), ids=lambda row: row.code)
def test_each_hresult_is_complete(row: Hresult) -> None:
    about = table("hresults.json")["about"]
    assert row.kind in about["class"]
    assert row.retry in about["retry"]
    assert (row.kind == "fix") == (row.retry == "never")
    assert (row.kind == "alert") == (row.retry == "after repair")
    assert row.confidence in CONFIDENCES
    assert is_sentence(row.meaning)
    assert is_sentence(row.advice)


def test_only_two_hresults_prove_that_nothing_ran() -> None:
    assert [row.code for row in hresults() if row.nothing_ran] == ["0x80040400", "0x80040423"]


@pytest.mark.parametrize(
    "spelling",
    [
        "0x80040400",
        "0X80040400",
        "80040400",
        " 0x8004 0400\r\n",
        "-2147220480",
        "2147746816",
        "-0x7ffbfc00",
        "0x0000000080040400",
        -2147220480,
        0x80040400,
    ],
)
def test_an_hresult_is_the_same_in_every_spelling(spelling: str | int) -> None:
    assert hresult(spelling) is hresult("0x80040400")


def test_the_letters_of_an_hresult_may_be_small() -> None:
    assert hresult("0x8004040a").code == hresult("8004040A").code == "0x8004040A"


@given(st.integers(0, 2**32 - 1))
def test_every_number_of_32_bits_is_one_hresult_in_all_its_spellings(number: int) -> None:
    signed = number - 2**32 if number >= 2**31 else number
    expected = f"0x{number:08X}"
    for spelling in (number, signed, expected, expected.lower(), expected[2:], hex(number), hex(signed)):
        assert hresult(spelling).code == expected


@pytest.mark.parametrize("code", ["0x80040499", "80040499", -2147220327])
def test_an_unknown_hresult_alerts_and_proves_nothing(code: str | int) -> None:
    found = hresult(code)
    assert found.code == "0x80040499"
    assert (found.kind, found.retry, found.nothing_ran) == ("alert", "after repair", False)
    assert is_sentence(found.meaning)
    assert is_sentence(found.advice)


@given(st.text(min_size=1).filter(str.strip) | st.integers())
def test_whatever_the_web_connector_says_is_some_hresult(code: str | int) -> None:
    found = hresult(code)
    assert found.code
    assert found in hresults() or not found.nothing_ran


def test_text_that_is_no_hresult_is_shown_as_it_came() -> None:
    assert hresult(" Object reference not set ").code == "Object reference not set"
    assert hresult("0x180040400").code == "0x180040400"
    assert hresult(2**40).code == str(2**40)


@pytest.mark.parametrize("given", ["", " \n", None, 1.5])
def test_no_hresult_at_all_is_refused(given: Any) -> None:
    with pytest.raises(InvalidCode, match="is no HRESULT"):
        hresult(given)


def test_the_web_connector_table_has_every_known_code_in_order() -> None:
    assert [row.code for row in web_connector_codes()] == [*range(1000, 1047), 1048, 1065, 1080, 1085]


@pytest.mark.parametrize("row", web_connector_codes(), ids=lambda row: f"QBWC{row.code}")
def test_each_web_connector_code_is_complete(row: WebConnectorCode) -> None:
    assert str(row.where or "null") in table("web-connector-codes.json")["about"]["where"]
    assert row.confidence in CONFIDENCES
    assert is_sentence(row.meaning)
    assert is_sentence(row.advice)


@pytest.mark.parametrize("spelling", [1042, "1042", "QBWC1042", "qbwc 1042", " QBWC1042 "])
def test_a_web_connector_code_is_found_in_every_spelling(spelling: int | str) -> None:
    assert web_connector_code(spelling) is web_connector_code(1042)
    assert web_connector_code(spelling).where == "server"


def test_an_unknown_web_connector_code_says_so() -> None:
    found = web_connector_code("QBWC1999")
    assert (found.code, found.confidence) == (1999, "inferred")
    assert found not in web_connector_codes()


@pytest.mark.parametrize("given", ["", "QBWC", "1042x", "QBWC10.42", "QBWCQBWC1042", None])
def test_what_is_no_web_connector_code_is_refused_as_it_was_given(given: Any) -> None:
    with pytest.raises(InvalidCode, match="is no QBWC code") as caught:
        web_connector_code(given)
    assert caught.value.given == given


@pytest.mark.parametrize("name", ["status-codes.json", "hresults.json", "web-connector-codes.json"])
def test_the_tables_count_themselves_and_are_plain_ascii(name: str) -> None:
    text = read_schema_file(name).decode("ascii")
    loaded = json.loads(text)
    singles = sum("code" in row for row in loaded["codes"])
    assert loaded["about"]["count"].startswith(f"{singles} ")
    # One layout, so that a change of one row is a change of few lines.
    assert text == json.dumps(loaded, indent=2) + "\n"
