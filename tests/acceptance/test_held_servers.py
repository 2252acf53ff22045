"""Calls that wait, on the servers that the docs name: a request reaches the call that waits, at once.

The servers are processes of their own; the caller writes its envelopes by hand, and shares no code with ``soap/``.
"""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from time import monotonic

import pytest

from tests.acceptance.test_embedding import PASSWORD, free_address, wait_for
from tests.test_docs import ROOT

PROGRAM = """
import os
import soap
import soap.serving

queue = soap.MemoryQueue()
endpoint = soap.application(
    queue=queue,
    authenticator=soap.single_user("annie", os.environ["QBWC_PASSWORD"]),
    url="http://localhost/qbwc",
    options=soap.Options(hold=60.0),
)
if os.environ.get("DRAINS"):
    soap.serving.drain_on_sigterm(endpoint)


def app(environ, start_response):
    if environ["PATH_INFO"] != "/job":
        return endpoint(environ, start_response)
    result = queue.result(queue.enqueue("annie", {"CustomerQueryRq": {"MaxReturned": 1}}), timeout=30)
    body = result.state.value.encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""

SERVERS = {
    "waitress": ["-m", "waitress", "--threads=8"],
    "gunicorn-gthread": ["-m", "gunicorn", "--worker-class=gthread", "--threads=8"],
    "gunicorn-gevent": ["-m", "gunicorn", "--worker-class=gevent"],
}


class Connector:
    """The least Web Connector: one ticket, and a QuickBooks that finds nothing."""

    def __init__(self, address: str) -> None:
        self.address = address
        strings = re.findall(
            r"<[^>]*string>([^<]*)</", self.call("authenticate", strUserName="annie", strPassword=PASSWORD)
        )
        self.ticket = strings[0]

    def post(self, path: str, body: str) -> str:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request("POST", path, body, {"Content-Type": "text/xml; charset=utf-8"})
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def call(self, name: str, **arguments: str) -> str:
        inner = "".join(f"<{key}>{value}</{key}>" for key, value in arguments.items())
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<{name} xmlns="http://developer.intuit.com/">{inner}</{name}></s:Body></s:Envelope>'
        )
        return self.post("/", envelope)

    def ask(self) -> str:
        return unescape(self.call("sendRequestXML", ticket=self.ticket, qbXMLMajorVers="13", qbXMLMinorVers="0"))

    def answer(self, asked: str) -> None:
        ((name, id_),) = re.findall(r'<(\w+)Rq requestID="([^"]+)"', asked)
        answer = f'<{name}Rs requestID="{id_}" statusCode="1" statusSeverity="Info" statusMessage="none" />'
        document = f'<?xml version="1.0" ?><QBXML><QBXMLMsgsRs>{answer}</QBXMLMsgsRs></QBXML>'
        text = document.replace("<", "&lt;").replace(">", "&gt;")
        self.call("receiveResponseXML", ticket=self.ticket, response=text)


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    name, drains = request.param
    (tmp_path / "books.py").write_text(PROGRAM, "utf-8")
    address = free_address()
    place = f"--listen={address}" if name == "waitress" else f"--bind={address}"
    environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "QBWC_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    if drains:
        environment["DRAINS"] = "yes"
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *SERVERS[name], place, "books:app"],
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(address, process, log)
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def holding(connector: Connector) -> tuple[threading.Thread, list[str]]:
    """A call that waits, and what it will have been answered."""
    first = connector.ask()
    assert "HostQueryRq" in first
    connector.answer(first)
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(connector.ask()))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "the call is not held"
    return thread, answers


@pytest.mark.parametrize("server", [(name, False) for name in SERVERS], indirect=True, ids=list(SERVERS))
def test_a_request_reaches_the_call_that_waits(server: tuple[str, subprocess.Popen[bytes]]) -> None:
    address, _ = server
    connector = Connector(address)
    thread, answers = holding(connector)
    states: list[str] = []
    begun = monotonic()
    job = threading.Thread(target=lambda: states.append(connector.post("/job", "go")))
    job.start()
    thread.join(20)
    assert monotonic() - begun < 20, "it waited for the end of the hold"
    assert "CustomerQueryRq" in answers[0]
    connector.answer(answers[0])
    job.join(20)
    assert states == ["done"]


@pytest.mark.parametrize(
    "server",
    [("gunicorn-gthread", True), ("gunicorn-gevent", True)],
    indirect=True,
    ids=["gunicorn-gthread", "gunicorn-gevent"],
)
def test_gunicorn_that_is_told_to_end_answers_the_calls_that_wait(
    server: tuple[str, subprocess.Popen[bytes]],
) -> None:
    address, process = server
    thread, answers = holding(Connector(address))
    process.send_signal(signal.SIGTERM)
    thread.join(10)
    assert not thread.is_alive()
    assert "HostQueryRq" in answers[0]
    assert process.wait(20) == 0
