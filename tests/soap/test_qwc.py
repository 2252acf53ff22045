"""soap/qwc.py: the file that makes an endpoint known to the Web Connector."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from qbxml._files import read_schema_file
from soap import InvalidQwc, qwc

GOOD: dict[str, Any] = {
    "app_name": "Reeds & Ponds",
    "url": "https://books.example.com/qbwc?tenant=1&file=2",
    "username": "annie",
    "owner_id": UUID("57f3b9b1-86f1-4fcc-b1ee-566de1813d20"),
    "file_id": UUID("b1a53eba-7d62-4f4a-a6dc-5f8f0b2c8a11"),
}


def values(data: bytes) -> dict[str, str]:
    return {str(child.tag): child.text or "" for child in etree.fromstring(data)}


def test_a_file_says_what_it_was_given_and_has_no_password() -> None:
    made = values(qwc(**GOOD))
    assert made == {
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


def test_a_file_is_valid_against_the_schema() -> None:
    schema = etree.XMLSchema(etree.fromstring(read_schema_file("qwc.xsd")))
    made = etree.fromstring(qwc(**GOOD, run_every_n_minutes=5, app_id="x", description="Syncs."))
    schema.assertValid(made)
    assert made.findtext("Scheduler/RunEveryNMinutes") == "5"


def test_the_same_values_make_the_same_file() -> None:
    assert qwc(**GOOD) == qwc(**GOOD)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"url": "http://books.example.com/"}, "AppURL"),
        ({"url": "ftp://books.example.com/"}, "AppURL"),
        ({"url": "https://192.0.2.7/qbwc"}, "AppURL"),
        ({"url": "http://[::1]:8000/"}, "AppURL"),
        ({"url": "https://[books/"}, "AppURL"),
        ({"url": ""}, "AppURL"),
        ({"support_url": "https://help.example.com/"}, "AppSupport"),
        ({"app_name": " "}, "AppName"),
        ({"app_name": "two\nlines"}, "AppName"),
        ({"app_name": "bell \a"}, "AppName"),
        ({"username": ""}, "UserName"),
        ({"run_every_n_minutes": 0}, "RunEveryNMinutes"),
    ],
)
def test_a_value_that_the_web_connector_would_refuse_is_refused_with_its_name(
    changed: dict[str, Any], name: str
) -> None:
    with pytest.raises(InvalidQwc) as caught:
        qwc(**{**GOOD, **changed})
    assert caught.value.name == name
    assert name in str(caught.value)
    assert caught.value.advice


def test_http_is_allowed_on_localhost() -> None:
    made = values(qwc(**{**GOOD, "url": "http://localhost:8000/qbwc"}))
    assert made["AppURL"] == "http://localhost:8000/qbwc"
