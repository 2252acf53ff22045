"""The steps of a link, at a server that answers by heart. With the real one they are in ``tests/gateway``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from qbsimulator import Company
from qbsimulator.cli import main
from qbsimulator.connector import (
    ConnectorError,
    HTTPTransport,
    Link,
    TransportError,
    VirtualTime,
    WebConnector,
    WSGITransport,
    connect,
)
from soap.serving import serving
from tests.qbsimulator.connector.helpers import qwc

URL = "https://books.example.com/qbd/auth_sess_client_secret_x?key=pk_live_y"
OPENED = {"accountName": "Swamp", "companyName": "Reed", "step": "opened", "isValid": True, "reason": None}


class Flow:
    """A server with a link. ``state`` is what the link says of itself."""

    def __init__(self) -> None:
        self.state: Any = OPENED
        self.status = "200 OK"
        self.password: Any = {"userName": "u", "password": "reeds"}
        self.file = qwc()
        self.seen: list[tuple[str, str, str]] = []
        self.heads: list[dict[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.seen.append((method, path, environ["QUERY_STRING"]))
        self.heads.append({name: str(value) for name, value in environ.items() if name.startswith("HTTP_")})
        what: Any = self.state
        if path.endswith("/file"):
            what = self.file
        elif path.endswith("/password"):
            what = self.password if method == "POST" else {"error": {"message": "only by POST"}}
        start_response(self.status if path.startswith("/qbd") else "200 OK", [("Content-Type", "x/y")])
        return [what.encode() if isinstance(what, str) else json.dumps(what).encode()]


@pytest.fixture
def flow() -> Flow:
    return Flow()


def link(flow: Flow, url: str = URL) -> Link:
    return Link(url, WSGITransport(flow))


def test_the_steps_are_taken_in_their_order(flow: Flow, tmp_path: Path) -> None:
    connector = WebConnector(transport=WSGITransport(flow), clock=VirtualTime())
    with Company.create(tmp_path / "books.company") as company:
        added = connect(link(flow), connector, company)
    path, key = "/qbd/auth_sess_client_secret_x", "key=pk_live_y"
    assert [one for one in flow.seen if one[1].startswith("/qbd")] == [
        ("GET", path, key),
        ("GET", f"{path}/file", key),
        ("POST", f"{path}/password", key),
    ]
    assert (added.name, added.password, connector.applications) == ("Books", "reeds", [added])
    asked = [head for head, seen in zip(flow.heads, flow.seen, strict=True) if seen[1].startswith("/qbd")]
    assert [head["HTTP_ACCEPT"] for head in asked] == ["application/json", "*/*", "application/json"]
    # What a browser says of where a change comes from.
    assert [head.get("HTTP_ORIGIN") for head in asked] == [None, None, "https://books.example.com"]


def test_how_far_it_is(flow: Flow) -> None:
    flow.state = {**OPENED, "step": "finished", "isValid": False, "quickbooksCompanyName": "Quill", "reason": "Why"}
    progress = link(flow).progress()
    assert (progress.account_name, progress.company_name) == ("Swamp", "Reed")
    assert (progress.step, progress.is_valid) == ("finished", False)
    assert (progress.quickbooks_company_name, progress.reason) == ("Quill", "Why")
    flow.state = {"isValid": "yes", "step": 3}
    progress = link(flow).progress()
    assert (progress.step, progress.is_valid, progress.account_name) == ("", False, "")


@pytest.mark.parametrize(("step", "said"), [("finished", "done"), ("opened", "too old")])
def test_a_link_that_hands_out_nothing_is_not_asked_for_anything(flow: Flow, step: str, said: str) -> None:
    flow.state = {**OPENED, "step": step, "isValid": False}
    with pytest.raises(ConnectorError, match=said):
        connect(link(flow), WebConnector(), "nowhere.company")
    assert len(flow.seen) == 1


def test_where_the_file_can_not_be_added_nothing_is_left(flow: Flow, tmp_path: Path) -> None:
    flow.file = qwc(FileID=None)
    connector = WebConnector(transport=WSGITransport(flow))
    with pytest.raises(ConnectorError, match="QBWC1039"):
        connect(link(flow), connector, tmp_path / "books.company")
    assert connector.applications == []


@pytest.mark.parametrize("state", ["<html>", "[]", "null", '"text"', "[" * 100_000])
def test_a_page_that_is_no_link(flow: Flow, state: str) -> None:
    flow.state = state
    with pytest.raises(ConnectorError, match="no JSON object"):
        link(flow).progress()


@pytest.mark.parametrize("given", [{}, {"password": ""}, {"password": None}, {"password": 7}])
def test_a_link_without_a_password(flow: Flow, given: Any) -> None:
    flow.password = given
    with pytest.raises(ConnectorError, match="gave none"):
        link(flow).password()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"error": {"message": "There is no such link."}}, "410: There is no such link."),
        ({"error": "none"}, "410: Gone"),
        ("<html>", "410: Gone"),
        ([], "410: Gone"),
    ],
)
def test_what_the_server_says_is_passed_on(flow: Flow, state: Any, said: str) -> None:
    flow.state, flow.status = state, "410 Gone"
    with pytest.raises(ConnectorError, match=said):
        link(flow).progress()


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a/b", "https:///qbd/x", "https://a", "https://a/", "https://[/x", "http://a/\u00e9"]
)
def test_what_is_no_address(flow: Flow, url: str) -> None:
    with pytest.raises(ConnectorError, match="authFlowUrl"):
        link(flow, url)
    assert flow.seen == []


def test_a_server_that_is_not_there() -> None:
    nobody = Link("http://localhost:1/qbd/x?key=y", HTTPTransport())
    with pytest.raises(ConnectorError, match="could not be opened"):
        nobody.progress()


def test_over_http(flow: Flow) -> None:
    with serving(lambda _: flow) as url:
        there = Link(f"{url}qbd/x?key=y", HTTPTransport())
        assert (there.progress().step, there.password()) == ("opened", "reeds")
        assert there.file() == flow.file.encode()
        # Its body is sent at once: no leave is asked for.
        answer = HTTPTransport(continue_patience=60.0).visit("POST", f"{url}qbd/x/password", body=b"{}")
        assert answer.status == 200
    with pytest.raises(TransportError):
        HTTPTransport().visit("GET", f"{url}qbd/x")


def test_a_wrong_link_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["connect", "secret", "--company", str(tmp_path / "books.company")]) == 4
    said = capsys.readouterr().err
    assert ("authFlowUrl" in said, "secret" in said, said.count("\n")) == (True, False, 1)
