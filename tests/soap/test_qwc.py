"""soap/qwc/: the file that makes an endpoint known to the Web Connector."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any
from uuid import UUID

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import qbxml
from qbxml._files import read_schema_file
from soap import InvalidQwc, qwc

GOOD: dict[str, Any] = {
    "app_name": "Reeds & Ponds",
    "url": "https://books.example.com/qbwc?tenant=1&file=2",
    "username": "annie",
    "owner_id": UUID("57f3b9b1-86f1-4fcc-b1ee-566de1813d20"),
    "file_id": UUID("b1a53eba-7d62-4f4a-a6dc-5f8f0b2c8a11"),
}
EVERYTHING: dict[str, Any] = {
    **GOOD,
    "app_id": "42",
    "description": "Brings orders.",
    "support_url": "https://books.example.com/help",
    "qb_type": "QBFS",
    "run_every_n_seconds": 30,
    "style": "Document",
    "auth_flags": qwc.AuthFlags.PRO | qwc.AuthFlags.ENTERPRISE,
    "is_read_only": False,
    "unattended_mode": "umpRequired",
    "personal_data": "pdpNotNeeded",
    "notify": True,
    "display_name": "Reeds",
    "unique_name": "Reeds 1",
    "certificate_url": "https://certificate.example.com/",
}

LIBXML2 = etree.XMLSchema(etree.fromstring(read_schema_file("qwc.xsd")))
XMLSCHEMA = xmlschema.XMLSchema(io.BytesIO(read_schema_file("qwc.xsd")))


def values(data: bytes) -> dict[str, str]:
    return {str(child.tag): child.text or "" for child in etree.fromstring(data)}


def valid(data: bytes) -> bool:
    """What two validators that share no code say, which must be the same."""
    first = LIBXML2.validate(etree.fromstring(data))
    assert XMLSCHEMA.is_valid(io.BytesIO(data)) == first
    return first


def refused(**changed: Any) -> InvalidQwc:
    with pytest.raises(InvalidQwc) as caught:
        qwc.build(**{**GOOD, **changed})
    return caught.value


def changed(element: str, text: str, everything: dict[str, Any] = EVERYTHING) -> bytes:
    """A file, right but for one element."""
    root = etree.fromstring(qwc.build(**everything))
    found = root.find(f".//{element}")
    assert found is not None
    found.text = text
    return etree.tostring(root)


# -- writing -----------------------------------------------------------------------------------------------------


def test_a_file_says_what_it_was_given_and_has_no_password() -> None:
    assert values(qwc.build(**GOOD)) == {
        "AppName": "Reeds & Ponds",
        "AppID": "",
        "AppURL": GOOD["url"],
        "AppDescription": "Reeds & Ponds",
        "AppSupport": GOOD["url"],
        "UserName": "annie",
        "OwnerID": "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}",
        "FileID": "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}",
        "QBType": "QBFS",
        "Style": "Document",
        "IsReadOnly": "false",
    }


def test_every_element_of_the_schema_can_be_written() -> None:
    made = values(qwc.build(**EVERYTHING))
    assert made.pop("Scheduler").strip() == ""
    assert made == {
        "AppName": "Reeds & Ponds",
        "AppID": "42",
        "AppURL": GOOD["url"],
        "AppDescription": "Brings orders.",
        "AppSupport": "https://books.example.com/help",
        "UserName": "annie",
        "OwnerID": "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}",
        "FileID": "{B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}",
        "QBType": "QBFS",
        "Style": "Document",
        "AuthFlags": "0xA",
        "IsReadOnly": "false",
        "UnattendedModePref": "umpRequired",
        "PersonalDataPref": "pdpNotNeeded",
        "Notify": "true",
        "AppDisplayName": "Reeds",
        "AppUniqueName": "Reeds 1",
        "CertURL": "https://certificate.example.com/",
    }
    schema = etree.fromstring(read_schema_file("qwc.xsd"))
    named = schema.xpath("/*/*[@name='QBWCXML']/*/*/*/@name")
    assert {*made, "Scheduler"} == set(named)


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"run_every_n_minutes": 5}, "Scheduler/RunEveryNMinutes", "5"),
        ({"run_every_n_seconds": 1}, "Scheduler/RunEveryNSeconds", "1"),
        ({"run_every_n_minutes": None}, "Scheduler", None),
        ({"auth_flags": qwc.AuthFlags(0)}, "AuthFlags", "0x0"),
        ({"auth_flags": qwc.AuthFlags.ALL}, "AuthFlags", "0xF"),
        ({"auth_flags": None}, "AuthFlags", None),
        ({"is_read_only": None}, "IsReadOnly", None),
        ({"notify": False}, "Notify", "false"),
        ({"style": None}, "Style", None),
        ({"style": "DocWrapped"}, "Style", "DocWrapped"),
        ({"qb_type": "QBPOS"}, "QBType", "QBPOS"),
        ({"description": "d" * 80}, "AppDescription", "d" * 80),
        ({"app_name": "Röhricht & <Söhne> 蘆葦"}, "AppName", "Röhricht & <Söhne> 蘆葦"),
    ],
)
def test_a_value_is_written_as_the_web_connector_reads_it(given: dict[str, Any], path: str, text: str | None) -> None:
    data = qwc.build(**{**GOOD, **given})
    assert etree.fromstring(data).findtext(path) == text
    assert valid(data)


def test_a_whole_file_is_valid_against_the_schema() -> None:
    assert valid(qwc.build(**EVERYTHING))


def test_the_same_values_make_the_same_file() -> None:
    assert qwc.build(**EVERYTHING) == qwc.build(**EVERYTHING)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://localhost:8000/qbwc",
        "http://LOCALHOST?x=1",
        "HTTPS://books.example.com:8443/",
        "https://127-0-0-1.example.com",
        "https://xn--rhricht-90a.example/",
        "https://books_1.example.com./a%20b",
    ],
)
def test_a_good_address_is_taken_as_it_is(url: str) -> None:
    data = qwc.build(**{**GOOD, "url": url})
    assert values(data)["AppURL"] == url
    assert valid(data)


# -- what the Web Connector refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name", "code", "word"),
    [
        ({"url": "http://books.example.com/"}, "AppURL", 1010, "https://"),
        ({"url": "http://localhost.example.com/"}, "AppURL", 1010, "https://"),
        ({"url": "ftp://books.example.com/"}, "AppURL", 1010, "https://"),
        ({"url": "books.example.com/qbwc"}, "AppURL", 1010, "host"),
        ({"url": "https:///qbwc"}, "AppURL", 1010, "host"),
        ({"url": "https://192.0.2.7/qbwc"}, "AppURL", 1001, "IP"),
        ({"url": "https://192.0.2.7./qbwc"}, "AppURL", 1001, "IP"),
        ({"url": "https://0x7f.1/"}, "AppURL", 1001, "IP"),
        ({"url": "https://3221225991/"}, "AppURL", 1001, "IP"),
        ({"url": "https://[::1]:8000/"}, "AppURL", 1001, "IP"),
        ({"url": "https://[books/"}, "AppURL", None, "no address"),
        ({"url": "https://books.example.com:99999/"}, "AppURL", None, "no address"),
        ({"url": "https://books.example.com:0/"}, "AppURL", None, "port"),
        ({"url": "https://-books.example.com/"}, "AppURL", None, "no name"),
        ({"url": f"https://{'b' * 64}.example.com/"}, "AppURL", None, "no name"),
        ({"url": "https://annie@books.example.com/"}, "AppURL", None, "user name"),
        ({"url": "https://books.example.com/#top"}, "AppURL", None, "fragment"),
        ({"url": "https://books.example.com/a b"}, "AppURL", None, "' '"),
        ({"url": "https://books.example.com/{file}"}, "AppURL", None, "'{'"),
        ({"url": "https://bücher.example/"}, "AppURL", None, "'ü'"),
        ({"url": "https://books.example.com/100%"}, "AppURL", None, "%25"),
        ({"url": "https://books.example.com/?file[]=1"}, "AppURL", None, "%5B"),
        ({"url": "https://books.example.com/\n"}, "AppURL", None, "U+000A"),
        ({"url": ""}, "AppURL", 1039, "empty"),
        ({"url": "https://books.example.com/\x00"}, "AppURL", None, "U+0000"),
        ({"url": None, "support_url": "https://books.example.com/"}, "AppURL", None, "text"),
        ({"support_url": "https://help.example.com/"}, "AppSupport", 1000, "books.example.com"),
        ({"support_url": "https://192.0.2.7/"}, "AppSupport", 1002, "IP"),
        ({"support_url": "http://books.example.com/"}, "AppSupport", None, "https://"),
        ({"support_url": ""}, "AppSupport", 1039, "empty"),
        ({"certificate_url": "http://books.example.com/"}, "CertURL", 1048, "https://"),
        ({"certificate_url": "http://localhost/"}, "CertURL", 1048, "https://"),
        ({"certificate_url": "https://192.0.2.7/"}, "CertURL", 1048, "IP"),
        ({"certificate_url": ""}, "CertURL", 1048, "host"),
        ({"app_name": " ", "description": "d"}, "AppName", 1039, "empty"),
        ({"app_name": "two\nlines", "description": "d"}, "AppName", None, "one line"),
        ({"app_name": "bell \a", "description": "d"}, "AppName", None, "U+0007"),
        ({"app_name": "half \ud800", "description": "d"}, "AppName", None, "U+D800"),
        ({"app_id": "two\rlines"}, "AppID", None, "one line"),
        ({"app_id": 7}, "AppID", None, "text, not int"),
        ({"description": "two\u2028lines"}, "AppDescription", None, "one line"),
        ({"description": "d" * 81}, "AppDescription", None, "80"),
        ({"description": ""}, "AppDescription", 1039, "empty"),
        ({"username": ""}, "UserName", 1039, "empty"),
        ({"display_name": "two\nlines"}, "AppDisplayName", None, "one line"),
        ({"unique_name": "two\nlines"}, "AppUniqueName", None, "one line"),
        ({"owner_id": "57f3b9b1-86f1-4fcc-b1ee-566de1813d20"}, "OwnerID", None, "uuid.UUID"),
        ({"file_id": None}, "FileID", None, "uuid.UUID"),
        ({"qb_type": "US"}, "QBType", 1065, "QBFS or QBPOS"),
        ({"run_every_n_minutes": 0}, "RunEveryNMinutes", None, "from 1"),
        ({"run_every_n_minutes": 1 << 31}, "RunEveryNMinutes", None, "from 1"),
        ({"run_every_n_seconds": -1}, "RunEveryNSeconds", None, "from 1"),
        ({"run_every_n_seconds": True}, "RunEveryNSeconds", None, "whole number"),
        ({"run_every_n_seconds": 2.5}, "RunEveryNSeconds", None, "whole number"),
        ({"run_every_n_minutes": 1, "run_every_n_seconds": 60}, "Scheduler", None, "one of them"),
        ({"style": "RPC"}, "Style", None, "Document"),
        ({"style": "document"}, "Style", None, "Document or DocWrapped or RPC"),
        ({"auth_flags": 16}, "AuthFlags", None, "0x0 to 0xF"),
        ({"auth_flags": -1}, "AuthFlags", None, "0x0 to 0xF"),
        ({"auth_flags": "0xF"}, "AuthFlags", None, "soap.qwc.AuthFlags"),
        ({"auth_flags": qwc.AuthFlags.PRO, "qb_type": "QBPOS"}, "AuthFlags", None, "QBFS"),
        ({"is_read_only": True}, "IsReadOnly", 1039, "in the server"),
        ({"is_read_only": "false"}, "IsReadOnly", None, "True, False"),
        ({"notify": 1}, "Notify", None, "True, False"),
        ({"unattended_mode": "required"}, "UnattendedModePref", None, "umpRequired"),
        ({"personal_data": ""}, "PersonalDataPref", None, "pdpOptional"),
        ({"unknown": {"Colour": "green"}}, "Colour", None, "one or more elements"),
        ({"unknown": {"Colour": ""}}, "Colour", None, "one or more elements"),
        ({"unknown": {"Colour": "<Color/>"}}, "Colour", None, "one or more elements"),
        ({"unknown": {"Colour": "<Colour/>green"}}, "Colour", None, "outside"),
        ({"unknown": {"Colour": "</unknown><unknown>"}}, "Colour", None, "not the XML"),
        ({"unknown": {"Colour": "<Colour>&green;</Colour>"}}, "Colour", None, "not the XML"),
        ({"unknown": {"AppURL": "<AppURL/>"}}, "AppURL", None, "argument url"),
        ({"unknown": {"Scheduler": "<Scheduler/>"}}, "Scheduler", None, "run_every_n_minutes"),
        ({"app_name": "a" * 70_000, "description": "d"}, "", None, "65536"),
    ],
)
def test_a_value_that_the_web_connector_would_refuse_is_refused_with_its_name_and_code(
    given: dict[str, Any], name: str, code: int | None, word: str
) -> None:
    error = refused(**{"support_url": "https://books.example.com/", **given} if "url" in given else given)
    problem = next(one for one in error.problems if one.name == name)
    assert problem.severity == "error"
    assert problem.code == code
    assert word in problem.reason
    assert error.advice
    if code is not None:
        assert f"QBWC{code}" in str(problem)
        assert qbxml.web_connector_code(code).where == "qwc" or code == 1048


def test_all_problems_are_told_together_and_the_first_is_the_errors_own() -> None:
    error = refused(app_name="", description="Syncs.", url="http://192.0.2.7/", username="", is_read_only=True)
    names = [problem.name for problem in error.problems]
    assert names == ["AppName", "AppURL", "AppURL", "AppSupport", "AppSupport", "UserName", "IsReadOnly"]
    assert (error.name, error.value, error.code, error.line) == ("AppName", "", 1039, None)
    assert error.reason == error.problems[0].reason
    assert all(str(problem) in str(error) for problem in error.problems)


def test_an_error_survives_pickle() -> None:
    error = refused(username="", is_read_only=True)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.problems, again.code) == (str(error), error.problems, error.code)


@pytest.mark.parametrize("host", ["books.example.com", "server", "books\x00", "192.0.2.7", "books.example.com/{"])
def test_a_password_in_an_address_does_not_get_into_the_message(host: str) -> None:
    error = refused(url=f"https://annie:reeds@{host}/")
    assert {"AppURL", "AppSupport"} <= {problem.name for problem in error.problems}
    assert "reeds" not in str(error)
    assert "reeds" not in "".join(problem.value for problem in error.problems)


def test_a_long_value_is_shortened_in_the_message_and_whole_in_the_error() -> None:
    error = refused(description="d" * 500)
    assert error.value == "d" * 500
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"style": "DocWrapped"}, "Style"),
        ({"qb_type": "QBPOS"}, "QBType"),
        ({"url": "https://server/qbwc"}, "AppURL"),
        ({"unknown": {"Colour": "<Colour/>"}}, "Colour"),
    ],
)
def test_what_is_unwise_is_built_and_told_as_a_warning(given: dict[str, Any], name: str) -> None:
    data = qwc.build(**{**GOOD, **given})
    assert [(one.name, one.severity) for one in qwc.problems(data)] == [(name, "warning")]


def test_a_good_file_has_no_problems() -> None:
    assert qwc.problems(qwc.build(**EVERYTHING)) == []


# -- the schema and the rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("AppName", ""),
        ("AppName", "two\nlines"),
        ("AppID", "two\nlines"),
        ("AppURL", "http://books.example.com/"),
        ("AppURL", "https://annie@books.example.com/"),
        ("AppURL", "https://books.example.com/#top"),
        ("AppURL", "http://localhost.example.com/"),
        ("AppDescription", "d" * 81),
        ("AppSupport", ""),
        ("UserName", " "),
        ("OwnerID", "57F3B9B1-86F1-4FCC-B1EE-566DE1813D20"),
        ("FileID", "{57F3B9B1}"),
        ("QBType", "US"),
        ("RunEveryNSeconds", "0"),
        ("RunEveryNSeconds", "2147483648"),
        ("RunEveryNSeconds", "often"),
        ("Style", "Rpc"),
        ("AuthFlags", "15"),
        ("AuthFlags", "0x1F"),
        ("IsReadOnly", "no"),
        ("UnattendedModePref", "ump"),
        ("PersonalDataPref", "pdp"),
        ("AppDisplayName", "two\nlines"),
        ("AppUniqueName", "two\nlines"),
        ("CertURL", "http://localhost/"),
    ],
)
def test_what_the_schema_refuses_is_a_problem_with_its_line(element: str, text: str) -> None:
    data = changed(element, text)
    assert not valid(data)
    found = [one for one in qwc.problems(data) if one.severity == "error"]
    assert element in {one.name for one in found}
    assert all(one.line for one in found)


_LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
_LINE = st.text(_LETTERS, max_size=30)
_TEXT = _LINE.filter(lambda text: bool(text.strip()))
_HOSTS = st.sampled_from(["https://books.example.com", "https://a.example:8443", "http://localhost:8000"])
_PATHS = st.from_regex(r"(/([a-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2}){0,8}){0,3}(\?[a-z0-9=&/?]{0,10})?", fullmatch=True)
_ADDRESSES = st.builds(str.__add__, _HOSTS, st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=8))


@st.composite
def files(draw: st.DrawFn) -> qwc.QwcFile:
    host = draw(_HOSTS)
    minutes = draw(st.none() | st.integers(1, (1 << 31) - 1))
    kind = draw(st.sampled_from(["QBFS", "QBPOS"]))
    flags = st.none() | st.integers(0, 15).map(qwc.AuthFlags)
    return qwc.QwcFile(
        app_name=draw(_TEXT),
        url=host + draw(_PATHS),
        username=draw(_TEXT),
        owner_id=draw(st.uuids()),
        file_id=draw(st.uuids()),
        description=draw(_TEXT),
        support_url=host + draw(_PATHS),
        app_id=draw(_LINE),
        qb_type=kind,  # type: ignore[arg-type]  # drawn from what the type lists
        run_every_n_minutes=minutes,
        run_every_n_seconds=draw(st.none() | st.integers(1, 10_000)) if minutes is None else None,
        style=draw(st.sampled_from(["Document", "DocWrapped", None])),
        auth_flags=draw(flags) if kind == "QBFS" else None,
        is_read_only=draw(st.sampled_from([False, None])),
        unattended_mode=draw(st.sampled_from(["umpRequired", "umpOptional", None])),
        personal_data=draw(st.sampled_from(["pdpNotNeeded", "pdpOptional", None])),
        notify=draw(st.none() | st.booleans()),
        display_name=draw(st.none() | _LINE),
        unique_name=draw(st.none() | _LINE),
        certificate_url=draw(st.sampled_from([None, "https://certificate.example.com/x"])),
    )


@given(files())
def test_what_is_built_is_valid_and_reads_as_what_it_was_built_from(file: qwc.QwcFile) -> None:
    data = file.build()
    assert valid(data)
    assert qwc.parse(data) == file
    assert qwc.parse(data).build() == data
    assert not [problem for problem in qwc.problems(data) if problem.severity == "error"]


@given(
    files(),
    st.sampled_from(["AppName", "AppID", "AppURL", "AppSupport", "CertURL", "OwnerID", "Style"]),
    _LINE | _ADDRESSES,
)
def test_a_file_without_errors_is_valid_against_the_schema(file: qwc.QwcFile, element: str, text: str) -> None:
    root = etree.fromstring(file.build())
    found = root.find(element)
    if found is not None:
        found.text = text
    data = etree.tostring(root)
    assert [one for one in qwc.problems(data) if one.severity == "error"] or valid(data)


# -- reading -----------------------------------------------------------------------------------------------------


def test_reading_gives_back_every_element() -> None:
    assert qwc.parse(qwc.build(**EVERYTHING)) == qwc.QwcFile(**EVERYTHING)


def test_what_is_absent_reads_as_none_and_stays_absent() -> None:
    bare = qwc.build(**GOOD, style=None, is_read_only=None)
    file = qwc.parse(bare)
    assert (file.style, file.is_read_only, file.notify, file.run_every_n_minutes) == (None, None, None, None)
    assert file.build() == bare


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_file_is_read_in_the_encoding_it_names(encoding: str) -> None:
    text = qwc.build(**{**GOOD, "app_name": "Röhricht"}).decode("utf-8")
    written = text.replace("utf-8", encoding.removesuffix("-sig")).encode(encoding)
    assert qwc.parse(written).app_name == "Röhricht"
    assert qwc.parse(text).app_name == "Röhricht"


def test_elements_in_another_order_with_comments_read_the_same() -> None:
    root = etree.fromstring(qwc.build(**EVERYTHING))
    root[:] = reversed(root)
    root.insert(0, etree.Comment("made by hand"))
    assert qwc.parse(etree.tostring(root)) == qwc.QwcFile(**EVERYTHING)


def test_unknown_elements_are_kept_whole_and_written_again() -> None:
    root = etree.fromstring(qwc.build(**GOOD))
    for xml in ("<Colour>gr&amp;en</Colour>", '<Colour a="1">x<b/>y</Colour>', "<Size/>"):
        root.append(etree.fromstring(xml))
    file = qwc.parse(etree.tostring(root))
    assert file.unknown == {"Colour": '<Colour>gr&amp;en</Colour><Colour a="1">x<b/>y</Colour>', "Size": "<Size/>"}
    assert qwc.parse(file.build()) == file
    assert file.build() == file.build()


@pytest.mark.parametrize(
    ("element", "text", "field", "value"),
    [
        ("OwnerID", "57f3b9b1-86f1-4fcc-b1ee-566de1813d20", "owner_id", GOOD["owner_id"]),
        ("FileID", "\n  {B1A53EBA-7D62-4F4A-A6DC-5F8F0B2C8A11}\n", "file_id", GOOD["file_id"]),
        ("IsReadOnly", "True", "is_read_only", True),
        ("Notify", "yes", "notify", False),
        ("AuthFlags", "0X0000000f", "auth_flags", qwc.AuthFlags.ALL),
        ("AuthFlags", "0x10", "auth_flags", 16),
        ("RunEveryNSeconds", " 90 ", "run_every_n_seconds", 90),
        ("AppURL", "http://192.0.2.7/", "url", "http://192.0.2.7/"),
        ("AppDescription", "two\nlines", "description", "two\nlines"),
    ],
)
def test_a_file_that_breaks_a_rule_is_read_all_the_same(element: str, text: str, field: str, value: object) -> None:
    assert getattr(qwc.parse(changed(element, text)), field) == value


def test_what_an_existing_file_does_wrong_is_told_with_lines_and_codes() -> None:
    data = qwc.build(**GOOD).decode()
    data = data.replace(">false<", ">true<").replace("{57F3B9B1", "57F3B9B1").replace("D20}", "D20")
    data = data.replace("<AppSupport>https://books", "<AppSupport>https://help")
    found = {one.name: (one.code, one.line) for one in qwc.problems(data)}
    assert found == {"OwnerID": (None, 9), "IsReadOnly": (1039, 13), "AppSupport": (1000, 7)}


def test_both_intervals_are_read_and_told() -> None:
    data = qwc.build(**GOOD, run_every_n_minutes=5)
    both = data.replace(b"</Scheduler>", b"<RunEveryNSeconds>9</RunEveryNSeconds></Scheduler>")
    file = qwc.parse(both)
    assert (file.run_every_n_minutes, file.run_every_n_seconds) == (5, 9)
    assert [one.name for one in qwc.problems(both)] == ["Scheduler"]


GOOD_TEXT = qwc.build(**GOOD, run_every_n_minutes=5).decode()


@pytest.mark.parametrize(
    ("old", "new", "name", "line", "word"),
    [
        ("<UserName>annie</UserName>\n", "", "UserName", 2, "missing"),
        ("UserName>", "Username>", "UserName", 2, "Username is another name"),
        ("<UserName>", "<UserName>x</UserName><UserName>", "UserName", 8, "twice"),
        ("<UserName>", '<UserName x="1">', "UserName", 8, "attributes"),
        ("annie", "<b/>annie", "UserName", 8, "elements"),
        ("<QBWCXML>", '<QBWCXML version="2">', "QBWCXML", 2, "attributes"),
        ("<UserName>", "stray <UserName>", "QBWCXML", 2, "text"),
        ("<Scheduler>", "<Scheduler><RunNever/>", "RunNever", 12, "Scheduler"),
        ("<Scheduler>", "<Scheduler><RunEveryNMinutes>5</RunEveryNMinutes>", "RunEveryNMinutes", 13, "twice"),
        ("<Scheduler>", "<Scheduler>often", "Scheduler", 12, "text"),
        (">5<", ">five<", "RunEveryNMinutes", 13, "whole number"),
        (">5<", ">٥<", "RunEveryNMinutes", 13, "whole number"),
        ("{57F3B9B1-", "{57F3B9B1", "OwnerID", 9, "GUID"),
        ("QBFS", "US", "QBType", 11, "QBPOS"),
        (">false<", "><", "IsReadOnly", 16, "true or false"),
        ("<Style>", "<AuthFlags>15</AuthFlags><Style>", "AuthFlags", 15, "hexadecimal"),
        ("QBWCXML>", "QBWC>", "", 2, "QBWCXML"),
        ("</QBWCXML>", "", "", 18, "not well-formed"),
        ("<QBWCXML>", "<!DOCTYPE QBWCXML><QBWCXML>", "", 2, "DOCTYPE"),
        ("<QBWCXML>", '<!DOCTYPE q [<!ENTITY a "b">]><QBWCXML>', "", 2, "DOCTYPE"),
        ("annie", "&annie;", "", 8, "not well-formed"),
        ("annie", "&#0;", "", 8, "not well-formed"),
        ("annie", "<b>" * 20 + "</b>" * 20, "", 8, "deeper"),
        ("annie", "a" * 70_000, "", None, "longer than 65536"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_line(
    old: str, new: str, name: str, line: int | None, word: str
) -> None:
    text = GOOD_TEXT.replace(old, new)
    assert text != GOOD_TEXT
    for data in (text, text.encode()):
        with pytest.raises(InvalidQwc) as caught:
            qwc.parse(data)
        error = caught.value
        assert (error.name, error.line) == (name, line)
        assert word in error.reason
        assert line is None or f"line {line}" in str(error)
        assert qwc.problems(data) == list(error.problems)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_nonsense_is_our_error_and_no_other(data: bytes | str) -> None:
    with pytest.raises(InvalidQwc):
        qwc.parse(data)
    assert qwc.problems(data)


@given(st.integers(0, len(GOOD_TEXT)), st.integers(0, 40), st.text(max_size=8))
def test_a_damaged_file_is_read_or_refused_with_our_error(start: int, cut: int, put: str) -> None:
    data = GOOD_TEXT[:start] + put + GOOD_TEXT[start + cut :]
    found = qwc.problems(data)
    try:
        file = qwc.parse(data)
    except InvalidQwc:
        assert [one for one in found if one.severity == "error"]
    else:
        if not [one for one in qwc.problems(file) if one.severity == "error"]:
            assert qwc.parse(file.build()) == file


def test_a_file_is_a_value() -> None:
    file = qwc.QwcFile(**EVERYTHING)
    assert hash(file) == hash(qwc.QwcFile(**EVERYTHING))
    assert pickle.loads(pickle.dumps(file)) == copy.deepcopy(file) == file
    with pytest.raises(AttributeError):
        file.app_name = "other"  # type: ignore[misc]  # it is frozen


# -- identifiers -------------------------------------------------------------------------------------------------


def test_identifiers_never_change() -> None:
    """They stand in company files: another value here breaks every installation there is."""
    assert qwc.identifiers("Swamp and Sons", "annie") == (
        UUID("c040085f-8938-504c-aa75-c7127ae72f6f"),
        UUID("25ba6336-50fc-5580-8d3f-47dc1bccb3be"),
    )
    assert qwc.identifiers("Röhricht", "蘆葦") == (
        UUID("82f6cb95-27c5-5e58-8d1b-59c34b796ffe"),
        UUID("4c2fe393-396b-55b0-9682-578a4a2a618b"),
    )


@given(_TEXT, _TEXT, _TEXT)
def test_the_owner_is_the_applications_and_the_file_the_connections(application: str, one: str, other: str) -> None:
    owner, file = qwc.identifiers(application, one)
    other_owner, other_file = qwc.identifiers(application, other)
    assert owner == other_owner
    assert (file == other_file) == (one == other)
    assert qwc.identifiers(f"{application}.", one)[0] != owner
    assert qwc.identifiers(f"{application}.", one)[1] != file


@pytest.mark.parametrize(
    ("application", "connection", "name"),
    [("", "annie", "OwnerID"), ("Swamp", "", "FileID"), ("\ud800", "annie", "OwnerID")],
)
def test_identifiers_need_names(application: str, connection: str, name: str) -> None:
    with pytest.raises(InvalidQwc) as caught:
        qwc.identifiers(application, connection)
    assert caught.value.name == name
