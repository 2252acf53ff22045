"""Which company file a session has open, by what QuickBooks says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbxml
from soap import company_file
from soap.company_file import CompanyFile, Verdict
from tests.soap.helpers import qbxml_fixture

OWNER, FILE = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}", "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}"
OTHER = "{00000000-0000-4000-8000-000000000000}"


@pytest.fixture(scope="module")
def described() -> CompanyFile:
    return company_file.read(qbxml_fixture("HostCompanyPreferencesRs"))


def test_what_the_web_connector_says_of_the_file_is_read(described: CompanyFile) -> None:
    assert described.product == "QuickBooks Enterprise Solutions 24.0"
    assert (described.country, described.major_version, described.minor_version) == ("US", "34", "0")
    assert described.company == "Swamp & Sons Landscaping"
    assert (described.versions[0], described.versions[-1]) == ("1.0", "16.0")
    assert described.stamps == {OWNER.strip("{}"): FILE.strip("{}")}


@pytest.mark.parametrize(
    ("owner", "file", "verdict"),
    [
        (OWNER, FILE, Verdict.RIGHT),
        (OWNER.lower(), FILE.strip("{}").lower(), Verdict.RIGHT),
        ("", FILE, Verdict.RIGHT),
        (OWNER, OTHER, Verdict.WRONG),
        (OTHER, FILE, Verdict.WRONG),
        ("", OTHER, Verdict.WRONG),
        (OWNER, "", Verdict.RIGHT),
        ("", "", Verdict.RIGHT),
    ],
)
def test_the_stamp_decides_and_without_a_known_stamp_every_file_is_right(
    described: CompanyFile, owner: str, file: str, verdict: Verdict
) -> None:
    assert described.verdict(owner, file) is verdict


POS = "HOSTQUERY/COMPANYQUERY/PREFQUERY is currently not supported in QBPOS."


@pytest.mark.parametrize(
    "text", ["", " \n", POS, "<QBXML", "<html/>", qbxml_fixture("HostQueryRs"), qbxml_fixture("CustomerQueryRs")]
)
def test_where_nothing_readable_is_said_of_the_company_it_stays_open_which_file_it_is(text: str) -> None:
    assert company_file.read(text).verdict(OWNER, FILE) is Verdict.OPEN


def company(extensions: str) -> CompanyFile:
    return company_file.read(
        '<QBXML><QBXMLMsgsRs><CompanyQueryRs requestID="1" statusCode="0" statusSeverity="Info" statusMessage="OK">'
        f"<CompanyRet><CompanyName>C</CompanyName>{extensions}</CompanyRet></CompanyQueryRs></QBXMLMsgsRs></QBXML>"
    )


def extension(name: str, value: str, owner: str = OWNER) -> str:
    return (
        f"<DataExtRet><OwnerID>{owner}</OwnerID><DataExtName>{name}</DataExtName>"
        f"<DataExtType>STR255TYPE</DataExtType><DataExtValue>{value}</DataExtValue></DataExtRet>"
    )


def test_a_company_file_without_a_stamp_is_the_wrong_one() -> None:
    assert company("").verdict(OWNER, FILE) is Verdict.WRONG


def test_another_extension_with_the_same_value_is_no_stamp() -> None:
    assert company(extension("AppLock", FILE)).verdict(OWNER, FILE) is Verdict.WRONG


def test_the_stamps_of_other_applications_are_passed_over() -> None:
    several = company(extension("FileID", OTHER, OTHER) + extension("AppLock", "x") + extension("FileID", FILE))
    assert several.verdict(OWNER, FILE) is Verdict.RIGHT
    assert several.verdict(OTHER, FILE) is Verdict.WRONG


@pytest.mark.parametrize("owner", ["", OWNER, OWNER.lower().strip("{}")])
def test_the_question_which_file_it_is_can_be_put_in_every_version(owner: str) -> None:
    for version in ("3.0", "13.0", "16.0"):
        text = qbxml.build(company_file.verification(owner), version=version).decode()
        assert text.count("<CompanyQueryRq") == 1
        assert (OWNER in text) == bool(owner)


@given(st.text())
def test_reading_raises_for_no_text(text: str) -> None:
    assert isinstance(company_file.read(text), CompanyFile)
