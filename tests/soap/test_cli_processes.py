"""``python -m soap``: a whole update with real processes; serve and work."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from soap.cli.running import endpoint_at
from tests.commands import Run
from tests.soap.commands import CUSTOMERS, STAMP, Processes, eventually
from tests.soap.helpers import FIXTURES
from tests.stand_ins import RecordedQuickBooks, Step, WebConnector

HANDLERS = """
import pathlib

def note(result):
    pathlib.Path("writing").write_text(result.id)
    pathlib.Path("writing").rename("noted")
"""


#: One that goes on until it is told to end.
WAITS = """
import pathlib, time

def waits(result):
    print("begun", flush=True)
    pathlib.Path("begun").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    pathlib.Path("ended").touch()
"""


def get(url: str, method: str = "GET") -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


@pytest.mark.slow
def test_a_whole_update_with_real_processes(processes: Processes, tmp_path: Path) -> None:
    (tmp_path / "handlers.py").write_text(HANDLERS)
    password = processes.run("connection", "add", "books", "--user", "annie", *STAMP).line
    quickbooks = RecordedQuickBooks(FIXTURES / "qbxml")
    with (
        processes.running("work", "--handlers", "handlers:note", until="note"),
        processes.running("serve", "--port", "0", until="http://localhost:") as said,
    ):
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        assert processes.run("qwc", "books", "--url", url).code == 0
        waiting = processes.start("enqueue", "books", CUSTOMERS, "--wait", "60", "--handler", "note")
        found = eventually(lambda: processes.run("requests", "books", "--json").json)
        assert found[0]["state"] == "queued"
        steps = list(WebConnector(f"{url}?wsdl", quickbooks, "annie", password).update())
        assert steps[-1].answer == "OK"
        out, err = waiting.communicate(timeout=60)
        assert (waiting.returncode, err) == (0, "")
        (record,) = json.loads(out)["CustomerQueryRs"]["CustomerRet"]
        assert record["FullName"] == "Annie's Alligators"
        told = processes.run("show", found[0]["id"], "--json").json
        assert (told["state"], told["attempts"]) == ("done", 1)
        assert eventually((tmp_path / "noted").exists)
    assert (tmp_path / "noted").read_text() == found[0]["id"]
    assert password not in processes.told


def test_serve_has_a_page_for_people_beside_the_endpoint(processes: Processes) -> None:
    with processes.running("serve", "--port", "0", "--url", "https://b.example/qbwc", until="b.example") as said:
        assert said == "the endpoint is at https://b.example/qbwc (stop with Ctrl-C)\n"
    with processes.running("serve", "--port", "0", until="/qbwc") as said:
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        assert url.encode() in get(f"{url}?wsdl")[2]
        assert get(f"{url}/?wsdl")[0] == 200
        root = url.removesuffix("qbwc")
        status, kind, page = get(root)
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert b"OpenQBD" in page
        assert get(root, "HEAD") == (200, "text/html; charset=utf-8", b"")
        assert get(root, "POST")[0] == 405
        assert get(f"{root}elsewhere")[0] == 404


@pytest.mark.slow
def test_a_held_call_is_answered_at_once_when_a_request_comes_and_when_the_server_ends(processes: Processes) -> None:
    password = processes.run("connection", "add", "books", "--user", "annie", *STAMP).line
    with processes.running("serve", "--port", "0", "--hold", "60", until="/qbwc") as said:
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        quickbooks = RecordedQuickBooks(FIXTURES / "qbxml")
        steps = WebConnector(f"{url}?wsdl", quickbooks, "annie", password).update()
        told: list[Step] = []

        def run_update() -> None:
            with contextlib.suppress(OSError):  # the server ends before the update does
                for step in steps:
                    told.append(step)

        thread = threading.Thread(target=run_update)
        thread.start()
        # The first call is answered at once, with something harmless; what is next is held, for nothing waits.
        assert eventually(lambda: told and told[-1].call == "receiveResponseXML")
        count = len(told)
        thread.join(1)
        assert len(told) == count
        ran = processes.run("enqueue", "books", CUSTOMERS, "--wait", "30")
        assert ran.code == 0
        assert "CustomerQueryRs" in ran.json
        thread.join(1)
        assert len(told) == count + 2  # held again
        began = time.monotonic()
    thread.join(30)
    assert time.monotonic() - began < 30
    sent = [str(step.answer) for step in told if step.call == "sendRequestXML"]
    asked = [re.findall(r"<(Host|Customer)QueryRq", text) for text in sent]
    assert asked == [["Host"], ["Customer"], ["Host"]]


@pytest.mark.slow
def test_serve_calls_handlers_and_one_that_takes_its_time_keeps_no_call_waiting(
    processes: Processes, tmp_path: Path
) -> None:
    (tmp_path / "handlers.py").write_text(WAITS)
    password = processes.run("connection", "add", "books", "--user", "annie", *STAMP).line
    serve = ["serve", "--port", "0", "--hold", "60", "--handlers", "waits=handlers:waits"]
    with processes.running(*serve, until="/qbwc") as said:
        url = re.findall(r"http://localhost:\d+/qbwc", said)[0]
        steps = WebConnector(f"{url}?wsdl", RecordedQuickBooks(FIXTURES / "qbxml"), "annie", password).update()

        def run_update() -> None:
            with contextlib.suppress(OSError):  # the server ends before the update does
                list(steps)

        thread = threading.Thread(target=run_update)
        thread.start()
        assert processes.run("enqueue", "books", CUSTOMERS, "--handler", "waits", "--wait", "30").code == 0
        assert eventually((tmp_path / "begun").exists)
        assert processes.run("enqueue", "books", CUSTOMERS, "--wait", "30").code == 0
        assert not (tmp_path / "ended").exists()
        (tmp_path / "go").touch()
        assert eventually((tmp_path / "ended").exists)
    thread.join(30)


def test_serve_says_which_handler_it_cannot_load(processes: Processes) -> None:
    ran = processes.run("serve", "--port", "0", "--handlers", "no.such.module:x")
    assert (ran.code, ran.out) == (1, "")
    assert "no.such.module:x" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_serve_says_when_the_port_is_taken(processes: Processes) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = processes.run("serve", "--port", port)
    assert (ran.code, ran.out) == (3, "")
    assert port in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("module", "arguments", "code", "said"),
    [
        ("gevent", ["serve"], 3, "openqbd[serve]"),
        ("sqlalchemy", ["requests", "books"], 3, "openqbd[sql]"),
        ("argon2", ["connection", "add", "carl", "--user", "carl", "--password", "chosen"], 1, "openqbd[soap]"),
    ],
)
def test_what_is_not_installed_is_said_with_what_brings_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, module: str, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_serve_says_what_no_proxy_is(processes: Processes) -> None:
    ran = processes.run("serve", "--port", "0", "--trusted-proxy", "nonsense")
    assert (ran.code, ran.out) == (1, "")
    assert "nonsense" in ran.err


@pytest.mark.parametrize("spec", ["nonsense", "no.such.module:x", "json:no_such", "json:__name__"])
def test_work_says_which_handler_it_cannot_load(empty: Run, spec: str) -> None:
    ran = empty("work", "--handlers", spec)
    assert (ran.code, ran.out) == (1, "")
    assert spec in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(processes: Processes) -> None:
    with processes.start("wsdl", "https://books.example.com/qbwc") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize(
    ("address", "endpoint_url"),
    [
        ("http://127.0.0.1:8080/", "http://localhost:8080/qbwc"),
        ("http://0.0.0.0:80/", "http://localhost:80/qbwc"),
        ("http://[::1]:8080/", "http://localhost:8080/qbwc"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080/qbwc"),
        ("http://books.example.com:8080/", "http://books.example.com:8080/qbwc"),
    ],
)
def test_the_address_is_one_that_the_web_connector_takes_where_there_is_one(address: str, endpoint_url: str) -> None:
    assert endpoint_at(address) == endpoint_url
