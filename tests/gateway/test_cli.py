from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

import soap
from qbgateway.cli import main
from soap.testing.connector import ModelConnector
from soap.testing.quickbooks import ModelQuickBooks
from soap.testing.wire import WireEndpoint

from .helpers import Books

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in an empty folder: exit code, output, complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def called(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


def test_a_first_run_needs_nothing_but_a_name(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", "Swamp & Sons")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["account", "secret", "publishable"]
    assert sorted(path.name for path in (tmp_path / "gateway").iterdir() if path.suffix in ("", ".db")) == [
        "gateway.db",
        "secret",
    ]


def test_accounts_and_keys(run: Run) -> None:
    made = json.loads(run("init", "Swamp & Sons", "--json")[1])
    other = json.loads(run("accounts", "create", "Reed & Co.", "--redirect-host", "example.com", "--json")[1])
    assert [one["name"] for one in json.loads(run("accounts", "list", "--json")[1])] == ["Swamp & Sons", "Reed & Co."]
    keys = json.loads(run("keys", "create", other["account"], "--read-only", "--numbers", "inferred", "--json")[1])
    assert keys["secret key"].startswith("sk_live_")
    assert keys["publishable key"].startswith("pk_live_")
    secret, _ = json.loads(run("keys", "list", other["account"], "--json")[1])
    assert secret["ends in"] == f"...{keys['secret key'][-4:]}"
    assert (secret["limits"], secret["revoked"]) == ("read-only", None)
    assert run("keys", "revoke", other["account"], secret["key"])[0] == 0
    assert json.loads(run("keys", "list", other["account"], "--json")[1])[0]["revoked"]
    # Another account's key is none of theirs.
    code, _, err = run("keys", "revoke", made["account"], secret["key"])
    assert (code, "no key" in err) == (1, True)
    for command in ("end-users", "connections"):
        assert json.loads(run(command, made["account"], "--json")[1]) == []
        code, out, err = run(command, "nobody")
        assert (code, out, err) == (1, "", "qbgateway: There is no account 'nobody'.\n")


def test_what_can_not_be_used_is_told_in_a_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = run("init", "A", "--database", "mysql://x")
    assert (code, err.count("\n")) == (3, 1)
    code, _, err = run("init", "A", "--database", "a secret and no address")
    assert (code, "secret" in err) == (3, False)
    (tmp_path / "file").write_text("")
    assert run("init", "A", "--data", "file")[0] == 3
    monkeypatch.setenv("QBGATEWAY_SECRET", "short")
    assert run("init", "A")[0] == 3


def test_a_postgresql_is_upgraded_by_command(run: Run, postgresql: Callable[[], URL]) -> None:
    where = postgresql().render_as_string(hide_password=False)
    code, _, err = run("accounts", "list", "--database", where)
    assert (code, "python -m qbgateway db upgrade" in err) == (3, True)
    assert run("db", "upgrade", "--database", where)[0] == 0
    assert run("accounts", "list", "--database", where) == (0, "", "")


def test_requests_are_sent_and_looked_at(run: Run, tmp_path: Path) -> None:
    """Another program has the Web Connector's endpoint: the command and it meet in the database."""
    made = json.loads(run("init", "Swamp & Sons", "--json")[1])
    books = Books(f"sqlite:///{tmp_path / 'gateway' / 'gateway.db'}", account_id=made["account"])
    end_user = books.end_user()
    assert run("requests", "list", made["account"], end_user.id) == (0, "", "")
    code, _, err = run("send", made["account"], end_user.id, '{"HostQueryRq": {}}', "--no-wait")
    assert (code, "nobody" in err.lower()) == (1, True)
    computer = books.connected(end_user)
    assert computer.update()
    add = "<QBXML><QBXMLMsgsRq onError='stopOnError'><CustomerAddRq requestID='7'><CustomerAdd><Name>Annie</Name>"
    add += "</CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>"
    code, out, id_ = run("send", made["account"], end_user.id, add, "--no-wait")
    assert (code, out) == (0, "")
    assert computer.update()
    code, out, _ = run("requests", "show", made["account"], id_.strip(), "--json")
    assert [one["state"] for one in json.loads(out)] == ["queued", "sent", "done"]
    assert "Annie" in run("requests", "show", made["account"], id_.strip(), "--values")[1]
    _, _, other = run("send", made["account"], end_user.id, '{"CustomerQueryRq": {}}', "--no-wait")
    assert run("requests", "cancel", made["account"], other.strip())[1] == "cancelled\n"
    assert run("requests", "resolve", made["account"], other.strip(), "done")[0] == 1
    listed = json.loads(run("requests", "list", made["account"], end_user.id, "--json")[1])
    assert [one["state"] for one in listed] == ["cancelled", "done", "done"]
    code, out, err = run("send", made["account"], end_user.id, '{"CustomerQueryRq": {}}', "--wait", "0.1")
    assert (code, out, "not sent" in err) == (4, "", True)
    for wrong in ("{", "[]", "<QBXML/>", '{"CustomerQwertyRq": {}}'):
        assert run("send", made["account"], end_user.id, wrong)[0] == 1, wrong
    code, _, err = run("requests", "show", made["account"], "nothing")
    assert (code, err) == (1, "qbgateway: There is no request 'nothing'.\n")
    books.close()


class Served:
    """A server in a process of its own."""

    ending = False

    def __init__(self, port: int) -> None:
        self.port = port

    def __call__(self, method: str, path: str, key: str = "", body: Any = None) -> Any:
        """Call the API, and return the body of its answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30.0)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        reply = line.getresponse()
        content = reply.read()
        line.close()
        assert reply.status == 200, content
        return json.loads(content) if reply.headers["Content-Type"].startswith("application/json") else content


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "qbgateway", "serve", "--port", "0", "--data", str(folder), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield Served(int(line.split("localhost:")[1].split("/")[0]))
        finally:
            process.terminate()
            _, log = process.communicate(timeout=30.0)
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "ERROR" not in log


@pytest.mark.slow
def test_the_five_steps_with_a_server_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key, an end user, a link, the person at the computer, a request; the Web Connector's call is held."""
    folder = tmp_path / "data"
    assert main(["init", "Swamp & Sons", "--data", str(folder), "--json"]) == 0
    keys = json.loads(capsys.readouterr().out)
    key = keys["secret key"]
    with serving(folder) as served:
        end_user = served("POST", "/v1/end-users", key, {"companyName": "A", "sourceId": "s", "email": "a@b"})
        given = {"publishableKey": keys["publishable key"], "endUserId": end_user["id"]}
        link = served("POST", "/v1/auth-sessions", key, given)["authFlowUrl"]
        assert link.startswith(f"http://localhost:{served.port}/qbd/")
        page, _, query = link.partition(f":{served.port}")[2].partition("?")
        secrets = served("POST", f"{page}/password?{query}")
        file = soap.qwc.parse(served("GET", f"{page}/file?{query}"))
        assert file.url == f"http://localhost:{served.port}/qbwc"
        owner_id, file_id = (f"{{{str(one).upper()}}}" for one in (file.owner_id, file.file_id))
        quickbooks, endpoint = ModelQuickBooks(owner_id, file_id), WireEndpoint(lambda: served)
        connector = ModelConnector(lambda: endpoint, quickbooks, file.username, secrets["password"])
        with ThreadPoolExecutor(1) as pool:
            # Its calls are held: the update goes on until there is no such end user any more.
            update = pool.submit(connector.session)
            path = f"/v1/end-users/{end_user['id']}/request/quickbooks_desktop"
            for _ in range(1000):
                if served("GET", f"{page}?{query}")["step"] == "finished":
                    break
            added = served("POST", path, key, {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie"}}})
            found = served("POST", path, key, {"CustomerQueryRq": {}})
            assert found["CustomerQueryRs"]["CustomerRet"] == [added["CustomerAddRs"]["CustomerRet"]]
            assert not update.done()
            assert served("DELETE", f"/v1/end-users/{end_user['id']}", key)["deleted"] is True
            assert update.result(30.0)
            assert not connector.session(), "nvu"
        endpoint.close()
