"""The endpoint over HTTP on this machine, called by zeep, which shares no code with it."""

from __future__ import annotations

import http.client
import io
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import zeep
from lxml import etree

from soap import Account, MemoryQueue, Refusal, State, application, single_user, wsdl
from soap.serving import serve, serving
from tests.soap.helpers import PASSWORD, USERNAME, answer_to_text, soap_fixture
from tests.soap.test_observing import envelope

READ = {"CustomerQueryRq": {"MaxReturned": 10}}
WRITE = {"CustomerAddRq": {"CustomerAdd": {"Name": "Annie's Alligators & Söhne <1>"}}}


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def url(queue: MemoryQueue) -> Iterator[str]:
    authenticator = single_user(USERNAME, PASSWORD)
    with serving(lambda url: application(queue=queue, authenticator=authenticator, url=url)) as url:
        yield url


def client(url: str) -> Any:
    """A client made from the WSDL that the server serves, whose address it then uses."""
    return zeep.Client(f"{url}?wsdl").service


def update(service: Any) -> list[int]:
    """One update, with every request answered well; the figures that were told."""
    ticket, work = service.authenticate(USERNAME, PASSWORD)
    told: list[int] = []
    while work is None and (not told or 0 <= told[-1] < 100):
        text = service.sendRequestXML(ticket, "", r"C:\Books\Acme.qbw", "US", 16, 0)
        told.append(service.receiveResponseXML(ticket, answer_to_text(text), "", ""))
    service.closeConnection(ticket)
    return told


def test_a_client_made_from_the_wsdl_holds_a_whole_conversation(url: str, queue: MemoryQueue) -> None:
    entries = [queue.enqueue(USERNAME, request) for request in (READ, WRITE)]
    service = client(url)
    assert service.serverVersion().startswith("OpenQBD")
    assert service.clientVersion("34.0.1003.97") is None  # an empty element
    assert update(service) == [50, 100]
    assert [queue.result(entry).state for entry in entries] == [State.DONE] * 2
    assert service.authenticate(USERNAME, PASSWORD) == [None, "none"]
    assert service.authenticate(USERNAME, "wrong") == [None, "nvu"]
    assert service.connectionError("x", "0x80040408", "Could not start QuickBooks.") == "done"
    assert "does not know" in service.getLastError("x")


def test_what_is_handed_out_arrives_as_it_was_stored(url: str, queue: MemoryQueue) -> None:
    entry = queue.enqueue(USERNAME, WRITE)
    service = client(url)
    ticket, _ = service.authenticate(USERNAME, PASSWORD)
    assert service.sendRequestXML(ticket, "", "", "US", 16, 0) == queue.result(entry).text


def test_a_client_made_from_the_wsdl_in_the_schemas_folder_is_understood_too(url: str) -> None:
    made = zeep.Client(io.BytesIO(wsdl(url)))
    assert made.service.closeConnection("x") == "OK"


def test_several_connections_are_served_at_once_and_no_answer_goes_astray() -> None:
    queue = MemoryQueue()
    names = [f"user-{number}" for number in range(4)]
    entries = {name: [queue.enqueue(name, READ) for _ in range(5)] for name in names}
    told: dict[str, list[int]] = {}

    class Everybody:
        def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
            return Account(username) if password == PASSWORD else Refusal.NOT_VALID_USER

    def run(name: str, url: str) -> None:
        service = client(url)
        ticket, _ = service.authenticate(name, PASSWORD)
        told[name] = []
        while not told[name] or 0 <= told[name][-1] < 100:
            text = service.sendRequestXML(ticket, "", "", "US", 16, 0)
            told[name].append(service.receiveResponseXML(ticket, answer_to_text(text), "", ""))

    with serving(lambda url: application(queue=queue, authenticator=Everybody(), url=url)) as url:
        threads = [threading.Thread(target=run, args=(name, url)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert told == {name: [20, 40, 60, 80, 100] for name in names}
    for name in names:
        assert [queue.result(entry).state for entry in entries[name]] == [State.DONE] * 5


def test_a_client_that_expects_100_continue_is_answered(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    body = soap_fixture("closeConnection")
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '"http://developer.intuit.com/closeConnection"',
        "Expect": "100-continue",
    }
    connection.request("POST", "/", body, headers)
    reply = connection.getresponse()
    assert reply.status == 200
    assert b"closeConnectionResult>OK<" in reply.read()
    connection.close()


# --- gevent's server, in a process of its own, for it takes the place of threads

SERVER = """
import soap.serving
soap.serving.prepare()
import soap
queue = soap.MemoryQueue()
app = soap.application(
    queue=queue,
    authenticator=soap.single_user("c", "p"),
    url="http://localhost/qbwc",
    options=soap.Options(hold=60.0),
)
soap.serving.serve(app, port=0, on_ready=lambda url: print(url, flush=True), drain=app.drain)
print("ended", flush=True)
"""


def post(url: str, body: bytes) -> str:
    request = urllib.request.Request(url, body, {"Content-Type": "text/xml; charset=utf-8"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(etree.fromstring(answer.read()).xpath("string(//*[local-name()='Body'])")).strip()


def test_sigterm_answers_every_held_call() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        tickets = []
        for _ in range(3):
            body = envelope("authenticate", strUserName="c", strPassword="p")
            request = urllib.request.Request(url, body, {"Content-Type": "text/xml"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                tree = etree.fromstring(answer.read())
            tickets.append(str(tree.xpath("string(//*[local-name()='string'][1])")))
        ticket = tickets[-1]
        asks = envelope("sendRequestXML", ticket=ticket, qbXMLMajorVers="13", qbXMLMinorVers="0")
        first = post(url, asks)
        assert "HostQueryRq" in first
        post(url, envelope("receiveResponseXML", ticket=ticket, response=answer_to_text(first)))
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(post(url, asks)))
        thread.start()
        thread.join(0.7)
        assert thread.is_alive(), "the call is not held"
        process.send_signal(signal.SIGTERM)
        thread.join(10)
        assert not thread.is_alive()
        assert "HostQueryRq" in answers[0]
        assert process.stdout.readline().strip() == "ended"
        assert process.wait(10) == 0


def test_serve_wants_to_be_prepared() -> None:
    with pytest.raises(RuntimeError, match="prepare"):
        serve(lambda environ, start_response: [])
