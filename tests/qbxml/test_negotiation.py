from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbxml.errors import QbxmlError, UnknownVersion
from qbxml.negotiation import VersionNotOffered, negotiate
from qbxml.versions import VERSIONS

LISTED_TO_13 = list(VERSIONS[: VERSIONS.index("13.0") + 1])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_highest_version_may_come_as_two_numbers_or_as_text(version: str) -> None:
    major, minor = version.split(".")
    assert negotiate((int(major), int(minor))) == version
    assert negotiate(version) == version
    assert negotiate(f" {version} ") == version


@pytest.mark.parametrize("version", VERSIONS)
def test_a_highest_version_offers_itself_and_every_older_one(version: str) -> None:
    rank = VERSIONS.index(version)
    for wanted in VERSIONS[: rank + 1]:
        assert negotiate(version, wanted) == wanted
    for wanted in VERSIONS[rank + 1 :]:
        with pytest.raises(VersionNotOffered):
            negotiate(version, wanted)


def test_versions_are_compared_as_numbers_not_as_text() -> None:
    assert negotiate(["9.0", "10.0", "2.1"]) == "10.0"
    assert negotiate("10.0", "9.0") == "9.0"


@pytest.mark.parametrize("offered", [(17, 0), (34, 1), "17.0", "99.9", ["16.0", "17.0"], ["17.0"]])
def test_an_offer_above_our_newest_version_gives_our_newest(offered: Any) -> None:
    assert negotiate(offered) == "16.0"
    assert negotiate(offered, "16.0") == "16.0"


@pytest.mark.parametrize(("offered", "best"), [((12, 5), "12.0"), ("6.5", "6.1"), ((1, 7), "1.1"), ("13", "13.0")])
def test_a_highest_version_between_two_known_ones_gives_the_lower(offered: Any, best: str) -> None:
    assert negotiate(offered) == best


def test_two_numbers_may_be_a_list_as_json_has_it() -> None:
    numbers: Any = [13, 0]
    assert negotiate(numbers) == "13.0"


def test_a_host_record_offers_what_it_lists() -> None:
    host = {"ProductName": "QuickBooks Enterprise Solutions", "SupportedQBXMLVersion": LISTED_TO_13}
    assert negotiate(host) == "13.0"
    assert negotiate(host, "8.0") == "8.0"


def test_a_host_record_may_hold_one_version_as_plain_text() -> None:
    assert negotiate({"SupportedQBXMLVersion": "12.0"}) == "12.0"
    with pytest.raises(VersionNotOffered):
        negotiate({"SupportedQBXMLVersion": "12.0"}, "11.0")


@pytest.mark.parametrize("form", [list, tuple, set, frozenset, iter])
def test_any_iterable_of_versions_will_do(form: Any) -> None:
    assert negotiate(form(LISTED_TO_13)) == "13.0"


def test_a_list_offers_only_what_it_names() -> None:
    assert negotiate(["6.0", "13.0"], "6.0") == "6.0"
    with pytest.raises(VersionNotOffered):
        negotiate(["6.0", "13.0"], "8.0")


def test_vocabularies_of_their_own_are_passed_over() -> None:
    assert negotiate(["1.0", "2.0", "CA2.0", "CA3.0", "UK2.0", "3.0"]) == "3.0"
    assert negotiate({"SupportedQBXMLVersion": ["2.0", "CA3.0"]}) == "2.0"


def test_a_version_that_is_not_offered_is_refused_with_all_the_facts() -> None:
    with pytest.raises(VersionNotOffered) as caught:
        negotiate(["6.0", "7.0", "CA3.0"], "14.0")
    error = caught.value
    assert isinstance(error, QbxmlError)
    assert error.wanted == "14.0"
    assert error.usable == ("6.0", "7.0")
    assert error.offered == ["6.0", "7.0", "CA3.0"]
    assert str(error) == (
        "qbXML 14.0 is wanted, but QuickBooks offers 6.0, 7.0; "
        "use a version that QuickBooks offers, or install a QuickBooks that offers the one you need."
    )


@pytest.mark.parametrize("wanted", ["13.5", "17.0", "CA3.0", "", "13"])
def test_wanting_a_version_that_does_not_exist_is_another_error(wanted: str) -> None:
    with pytest.raises(UnknownVersion) as caught:
        negotiate((16, 0), wanted)
    assert caught.value.version == wanted
    assert caught.value.known == VERSIONS


@pytest.mark.parametrize(
    "offered",
    [
        "",
        "garbage",
        "CA3.0",
        "0.9",
        "13.0.1",
        "-13.0",
        "١٣.٠",
        (0, 9),
        (0, 0),
        (-1, 0),
        (13,),
        (13, 0, 0),
        ("x", None),
        (13.0, 0.0),
        (),
        [],
        ["CA3.0"],
        [None, 5],
        {},
        {"SupportedQBXMLVersion": []},
        {"SupportedQBXMLVersion": None},
        {"SupportedQBXMLVersion": ""},
        {"SupportedQBXMLVersion": 13},
        {"ProductName": "QuickBooks Pro"},
        None,
        13,
        13.0,
        b"13.0",
        ["x" * 1000],
    ],
    ids=repr,
)
@pytest.mark.parametrize("wanted", [None, "13.0"])
def test_an_offer_without_a_usable_version_is_refused_in_clear_words(offered: Any, wanted: str | None) -> None:
    with pytest.raises(VersionNotOffered, match=r"no SupportedQBXMLVersion|no qbXML version from 1\.0 to") as caught:
        negotiate(offered, wanted)
    assert caught.value.usable == ()
    assert caught.value.wanted == wanted
    assert len(str(caught.value)) < 350


def test_a_record_of_another_kind_is_named_as_the_reason() -> None:
    with pytest.raises(VersionNotOffered, match="the record has no SupportedQBXMLVersion"):
        negotiate({"CompanyName": "Bike Shed"})


def test_an_iterator_that_offers_nothing_is_shown_by_its_contents() -> None:
    with pytest.raises(VersionNotOffered, match=r"\['CA3\.0'\]") as caught:
        negotiate(iter(["CA3.0"]))
    assert caught.value.offered == ["CA3.0"]


def test_the_error_survives_pickling() -> None:
    with pytest.raises(VersionNotOffered) as caught:
        negotiate((6, 0), "8.0")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert (again.offered, again.usable, again.wanted) == ((6, 0), caught.value.usable, "8.0")


@given(st.sets(st.sampled_from(VERSIONS), min_size=1), st.sampled_from(VERSIONS))
def test_of_a_list_the_newest_is_taken_or_exactly_the_wanted_one(offered: set[str], wanted: str) -> None:
    assert negotiate(offered) == max(offered, key=VERSIONS.index)
    if wanted in offered:
        assert negotiate(offered, wanted) == wanted
    else:
        with pytest.raises(VersionNotOffered):
            negotiate(offered, wanted)


@given(st.tuples(st.integers(), st.integers()) | st.tuples(st.integers(-1, 20), st.integers(-1, 20)))
def test_a_highest_version_never_gives_a_higher_one(offered: tuple[int, int]) -> None:
    try:
        version = negotiate(offered)
    except VersionNotOffered:
        assert offered < (1, 0)
    else:
        major, minor = version.split(".")
        assert (int(major), int(minor)) <= offered


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("SupportedQBXMLVersion"), inner),
    )
)
def test_whatever_is_offered_gives_a_known_version_or_our_own_error(offered: Any) -> None:
    try:
        version = negotiate(offered)
    except VersionNotOffered:
        with pytest.raises(VersionNotOffered):
            negotiate(offered, "1.0")
    else:
        assert negotiate(offered, version) == version
