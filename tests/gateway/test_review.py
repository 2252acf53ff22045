"""What a second reader looked for: odd calls, calls of one moment, and what may be said of a request that was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qbgateway.tokens import new_key

from .helpers import Books, Computer, error_of

INVALID = (400, "INVALID_REQUEST_ERROR", "PARAMETERS_INVALID")


@pytest.fixture
def computer(books: Books) -> Computer:
    made = books.connected(books.end_user())
    assert made.update()
    return made


def path_of(computer: Computer) -> str:
    return f"/v1/end-users/{computer.end_user.id}/request/quickbooks_desktop"


# -- odd calls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["1e999999999", "-1E+9999999", "1e-999999999", "0.1e5000", "1e99999999999999999999"])
def test_a_short_number_is_never_written_out_to_a_long_one(books: Books, computer: Computer, number: str) -> None:
    """A dozen bytes that would become a thousand million digits of text."""
    body = b'{"CustomerAddRq":{"CustomerAdd":{"Name":%s}}}' % number.encode()
    answer = books.caller()("POST", path_of(computer), body)
    assert error_of(answer) == INVALID
    assert len(answer.data) < 1000


def test_a_number_that_a_text_can_be_goes_with_all_its_digits(books: Books, computer: Computer) -> None:
    body = b'{"CustomerAddRq":{"CustomerAdd":{"Name":12345678901234567890.50}}}'
    added = books.caller().ask(computer, body)
    assert added.get_json()["CustomerAddRs"]["CustomerRet"]["Name"] == "12345678901234567890.50"


def test_a_version_of_a_client_that_no_client_has(books: Books) -> None:
    answer = books.caller(**{"User-Agent": f"conductor-node/{'9' * 5000}.1"})("GET", "/v1/end_users")
    assert answer.status_code == 200
    assert answer.get_json()["objectType"] == "list"


@pytest.mark.parametrize("query", ["{key}", "{key}=1", "a=1&a={key}", "a={key}"])
def test_a_secret_key_in_an_address_is_refused_and_not_repeated(books: Books, query: str) -> None:
    key = new_key("sk_live_")
    answer = books.caller()("GET", f"/v1/end-users?{query.format(key=key)}")
    assert error_of(answer) == INVALID
    assert "Revoke" in answer.get_json()["error"]["message"]
    assert key.encode() not in answer.data


def test_a_body_full_of_unknown_names_has_a_short_answer(books: Books) -> None:
    body = json.dumps({f"unknown{number}": 1 for number in range(20_000)}).encode()
    answer = books.caller()("POST", "/v1/end-users", body)
    assert error_of(answer) == INVALID
    assert len(answer.data) < 10_000
    assert "more" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    "content", [{"CustomerAdd": {f"X{n}": 1 for n in range(5000)}}, {f"X{n}": 1 for n in range(5000)}]
)
def test_a_request_full_of_unknown_names_has_a_short_answer(books: Books, computer: Computer, content: Any) -> None:
    answer = books.caller()("POST", path_of(computer), {"CustomerAddRq": content})
    assert error_of(answer) == INVALID
    assert len(answer.data) < 30_000
