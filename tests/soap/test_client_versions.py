"""Which releases of the Web Connector are welcome."""

from __future__ import annotations

import pytest

from soap import ClientVersions
from soap.client_versions import parsed


@pytest.mark.parametrize("version", ["2.3.0.207", "2.3.0.215", "34.0.10003.85", "2.10", "3"])
def test_a_version_that_is_new_enough_is_welcome(version: str) -> None:
    assert ClientVersions(minimum="2.3", recommended="2.3.0.207").answer(version) == ""


@pytest.mark.parametrize("version", ["2.2.0.71", "2.0.0.139", "1.9.9.9", "0"])
def test_below_the_minimum_the_web_connector_is_told_which_release_is_needed(version: str) -> None:
    assert ClientVersions(minimum="2.3", recommended="2.3.0.207").answer(version) == "O:2.3"


def test_below_the_recommended_release_there_is_a_warning() -> None:
    answer = ClientVersions(minimum="2.2", recommended="2.3.0.207").answer("2.3.0.206")
    assert answer.startswith("W:")
    assert "2.3.0.207" in answer


def test_versions_compare_number_by_number() -> None:
    assert ClientVersions(minimum="2.9").answer("2.10") == ""
    assert ClientVersions(minimum="2.10").answer("2.9") == "O:2.10"
    assert ClientVersions(minimum="34").answer("2.3.0.215") == "O:34"


def test_zeros_at_the_end_make_no_difference() -> None:
    assert ClientVersions(minimum="2.3.0.0").answer("2.3") == ""
    assert parsed("2.0.0") == (2,)
    assert parsed("0.0") == (0,)


@pytest.mark.parametrize(
    "version", ["", " ", "two", "2.x", "2..3", "-1", "2.3 beta", "²", "٢", "9" * 12, "2." + "1" * 400, "\x00"]
)
def test_a_version_that_cannot_be_read_is_welcome(version: str) -> None:
    assert ClientVersions(minimum="2.3", recommended="99").answer(version) == ""


def test_without_a_policy_everybody_is_welcome() -> None:
    assert ClientVersions().answer("0.1") == ""


@pytest.mark.parametrize("name", ["minimum", "recommended"])
def test_a_policy_that_cannot_be_read_is_refused_at_once(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 'two'"):
        ClientVersions(**{name: "two"})
