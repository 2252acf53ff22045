"""``qbsimulator connect``: a program is tried from its key to an invoice, and nobody touches a window."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import soap
from qbsimulator import Company, VirtualTime, WebConnector, WSGITransport
from qbsimulator.cli import main
from qbsimulator.connector import ConnectorError, Link, connect
from soap.serving import serving

from .helpers import Books, Caller
from .test_cli import serving as served


def a_link(call: Any, publishable_key: str) -> tuple[str, str]:
    """The id of an end user, and the link that was made for it."""
    given = {"companyName": "Big & Sons", "sourceId": "src-1", "email": "bob@bigco.example"}
    end_user = call("POST", "/v1/end-users", given)
    session = call("POST", "/v1/auth-sessions", {"publishableKey": publishable_key, "endUserId": end_user["id"]})
    return end_user["id"], session["authFlowUrl"]


def test_in_one_process_without_a_port(books: Books, tmp_path: Path) -> None:
    app = books.application(options=soap.Options())
    caller = Caller(app, books.keys.secret_text)

    def call(*arguments: Any) -> Any:
        return caller(*arguments).get_json()

    end_user, url = a_link(call, books.keys.publishable_text)
    transport = WSGITransport(app)
    link = Link(url, transport)
    assert (link.progress().step, link.progress().account_name) == ("opened", "Swamp & Sons")
    with Company.create(tmp_path / "books.company") as company:
        connector = WebConnector(transport=transport, clock=VirtualTime())
        added = connect(link, connector, company)
        assert added.name == "Swamp & Sons \u2013 Big & Sons"
        assert link.progress().step == "password_made"
        assert connector.update(added).ok
        assert (link.progress().step, link.progress().is_valid) == ("finished", False)
        assert link.progress().quickbooks_company_name == company.settings.company_name
        with pytest.raises(ConnectorError, match="it is done"):
            connect(link, connector, company)
        path = f"/v1/end-users/{end_user}/request/quickbooks_desktop"
        asked = caller("POST", path, {"CustomerAddRq": {"CustomerAdd": {"Name": "A"}}}, Prefer="respond-async")
        assert connector.update(added).ok
        done = call("GET", asked.headers["Location"])
        assert done["answer"]["CustomerAddRs"]["CustomerRet"]["FullName"] == "A"


def test_a_second_link_repairs_what_the_first_made(books: Books, tmp_path: Path) -> None:
    app = books.application(options=soap.Options())
    caller = Caller(app, books.keys.secret_text)
    transport = WSGITransport(app)
    connector = WebConnector(transport=transport, clock=VirtualTime())
    given = {"publishableKey": books.keys.publishable_text, "endUserId": books.end_user().id}
    with Company.create(tmp_path / "books.company") as company:
        passwords = []
        for _ in range(2):
            link = Link(caller("POST", "/v1/auth-sessions", given).get_json()["authFlowUrl"], transport)
            passwords.append(connect(link, connector, company).password)
            assert connector.update(connector.applications[0]).ok
        assert len(connector.applications) == 1
        assert len(set(passwords)) == 2


def test_a_link_of_another_account_is_refused(books: Books) -> None:
    app = books.application()
    other = books.gateway.accounts.create("Other")
    keys = books.gateway.accounts.create_keys(other.id)
    _, url = a_link(lambda *a: Caller(app, books.keys.secret_text)(*a).get_json(), books.keys.publishable_text)
    link = Link(url.replace(books.keys.publishable_text, keys.publishable_text), WSGITransport(app))
    with pytest.raises(ConnectorError, match="404"):
        link.progress()


# -- the command -------------------------------------------------------------------------------------------------


@contextmanager
def at_localhost(books: Books) -> Iterator[tuple[str, str]]:
    """The gateway over HTTP, and a link of its; the Web Connector's calls are not held."""

    def made(url: str) -> Any:
        here = url.replace("127.0.0.1", "localhost").rstrip("/")
        object.__setattr__(books.gateway.settings, "public_url", here)
        return books.application(options=soap.Options())

    with serving(made) as url:
        app = books.application()
        end_user, link = a_link(
            lambda *a: Caller(app, books.keys.secret_text)(*a).get_json(), books.keys.publishable_text
        )
        assert link.startswith(url.replace("127.0.0.1", "localhost"))
        yield end_user, link


def test_once(books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "books.company")
    assert main(["create", file, "--name", "Quillfeather"]) == 0
    with at_localhost(books) as (_, url):
        assert main(["connect", url, "--company", file, "--once"]) == 0
        said = capsys.readouterr().out
        assert "the application was added" in said
        assert said.count("connected: Quillfeather") == 1
        assert "pk_live_" not in said
        # The link is done.
        assert main(["connect", url, "--company", file, "--once"]) == 4
        assert "it is done" in capsys.readouterr().err


def test_a_company_file_that_is_not_there(books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with at_localhost(books) as (_, url):
        assert main(["connect", url, "--company", str(tmp_path / "none.company"), "--once"]) == 4
    assert "QBWC1025" in capsys.readouterr().err


def test_an_update_that_fails_is_told_with_what_the_link_says(
    books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "books.company")
    assert main(["create", file]) == 0
    with at_localhost(books) as (_, url):
        fault = ["--fault", "open-hresult=0x80040408"]
        assert main(["connect", url, "--company", file, "--once", *fault]) == 4
        said = capsys.readouterr().out
        assert "the link says: " in said
        assert "connected" not in said
        # The link is as good as before.
        assert main(["connect", url, "--company", file, "--once"]) == 0


def test_what_was_connected_can_be_kept(books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, home = str(tmp_path / "books.company"), str(tmp_path / "home")
    assert main(["create", file]) == 0
    with at_localhost(books) as (_, url):
        assert main(["connect", url, "--company", file, "--once", "--home", home]) == 0
        assert main(["update", "--home", home]) == 0
    assert "connected" in capsys.readouterr().out


class Connected:
    """``qbsimulator connect`` in a process of its own. ``said`` are its lines."""

    def __init__(self, link: str, company: Path) -> None:
        command = [sys.executable, "-m", "qbsimulator", "connect", link, "--company", str(company)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said: list[str] = []
        self.is_connected = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if " connected: " in line:
                self.is_connected.set()

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20.0)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def connectors() -> Iterator[list[Connected]]:
    """Those that are put in are ended at last: after their server, so that no call of theirs is cut off."""
    made: list[Connected] = []
    try:
        yield made
    finally:
        for one in made:
            one.end()


@pytest.mark.slow
def test_from_a_key_to_an_invoice_without_hands(tmp_path: Path) -> None:
    """Every process as it is run by a person: ``init``, ``serve``, ``create``, ``connect``."""

    def said(*command: str) -> str:
        return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=True).stdout

    data = tmp_path / "gateway"
    keys = re.findall(r"[sp]k_live_\w+", said("qbgateway", "init", "Swamp & Sons", "--data", str(data)))
    company = tmp_path / "books.company"
    said("qbsimulator", "create", str(company), "--name", "Quillfeather")
    with connectors() as running, served(data) as server:

        def call(method: str, path: str, body: Any = None) -> Any:
            return server(method, path, keys[0], body)

        end_user, link = a_link(call, keys[1])

        def ask(name: str, body: Any) -> Any:
            answer = call("POST", f"/v1/end-users/{end_user}/request/quickbooks_desktop", {f"{name}Rq": body})
            return answer[f"{name}Rs"]

        connector = Connected(link, company)
        running.append(connector)
        assert connector.is_connected.wait(30.0), connector.said
        ask("AccountAdd", {"AccountAdd": {"Name": "Sales", "AccountType": "Income"}})
        sold = {"SalesOrPurchase": {"Price": "10.00", "AccountRef": {"FullName": "Sales"}}}
        ask("ItemServiceAdd", {"ItemServiceAdd": {"Name": "Design", **sold}})
        ask("CustomerAdd", {"CustomerAdd": {"Name": "Annie's Alligators"}})
        lines = [{"ItemRef": {"FullName": "Design"}, "Quantity": 2}]
        of = {"CustomerRef": {"FullName": "Annie's Alligators"}}
        added = ask("InvoiceAdd", {"InvoiceAdd": {**of, "InvoiceLineAdd": lines}})["InvoiceRet"]
        assert added["Subtotal"] == "20.00"
        found = ask("InvoiceQuery", {"MaxReturned": 10})["InvoiceRet"]
        assert [one["TxnID"] for one in found] == [added["TxnID"]]
    assert any("connected: Quillfeather" in line for line in connector.said)
    assert connector.process.returncode == 0
    assert connector.said[-1].endswith("ended\n")
