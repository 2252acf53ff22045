"""What the endpoint tells about its calls: log lines, transcripts, figures; and what it never tells."""

from __future__ import annotations

import io
import json
import logging
from typing import Any
from xml.sax.saxutils import escape

import pytest
from prometheus_client import CollectorRegistry

import soap
from soap import transcript
from soap.metrics import Metrics
from soap.observing import CALLS, CallRecord, observed
from tests.soap.helpers import answer_to_text, call

PASSWORD = "reeds"


def envelope(name: str, **arguments: str) -> bytes:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in arguments.items())
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{name} xmlns="http://developer.intuit.com/">{inner}</{name}></soap:Body></soap:Envelope>'
    ).encode()


class Session:
    """A whole session over WSGI, every record of it kept."""

    def __init__(self, *observers: Any) -> None:
        self.records: list[CallRecord] = []
        self.queue = soap.MemoryQueue()
        self.app = soap.application(
            queue=self.queue,
            authenticator=soap.single_user("annie", PASSWORD),
            url="https://books.example.com/qbwc",
            observers=[self.records.append, *observers],
        )

    def run(self) -> str:
        self.queue.enqueue("annie", {"CustomerQueryRq": {"FullName": ["Annie's Alligators"]}})
        reply = call(self.app, envelope("authenticate", strUserName="annie", strPassword=PASSWORD))
        ticket = reply.tree.xpath("string(//*[local-name()='string'][1])")
        sent = call(self.app, envelope("sendRequestXML", ticket=ticket, qbXMLMajorVers="13", qbXMLMinorVers="0"))
        text = str(sent.tree.xpath("string(//*[local-name()='Body'])")).strip()
        call(self.app, envelope("receiveResponseXML", ticket=ticket, response=answer_to_text(text)))
        call(self.app, envelope("closeConnection", ticket=ticket))
        return str(ticket)


def test_each_call_is_told_with_its_connection_and_without_secrets() -> None:
    session = Session()
    ticket = session.run()
    assert [record.call for record in session.records] == [
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "closeConnection",
    ]
    assert {record.connection for record in session.records} == {"annie"}
    assert session.records[2].answer == 100
    told = repr(session.records)
    assert PASSWORD not in told
    assert ticket not in told


def test_a_call_without_a_ticket_belongs_to_nobody() -> None:
    session = Session()
    call(session.app, envelope("closeConnection", ticket="nobody's"))
    assert session.records[0].connection == ""


def test_each_call_is_logged_in_a_line_with_fields_and_without_values(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="soap.calls"):
        Session().run()
    lines = [record for record in caplog.records if record.name == "soap.calls"]
    assert [line.qbwc_call for line in lines][:2] == ["authenticate", "sendRequestXML"]  # type: ignore[attr-defined]
    assert all("Annie's Alligators" not in line.getMessage() for line in lines)


def test_an_observer_that_raises_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    def broken(record: CallRecord) -> None:
        raise RuntimeError("disk full")

    session = Session(broken)
    session.run()
    assert session.queue.find("annie")[0].state is soap.State.DONE
    assert "an observer of authenticate failed" in caplog.text


def test_a_call_that_fails_is_told_as_failed() -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            def method(*_: Any) -> Any:
                raise LookupError("no store")

            return method

    records: list[CallRecord] = []
    with pytest.raises(LookupError):
        observed(Broken(), [records.append]).server_version()  # type: ignore[arg-type]
    assert records[0].failure == "LookupError"


def test_every_call_of_the_endpoint_is_in_the_table() -> None:
    assert all(hasattr(soap.Endpoint, name) for name in CALLS)


# --- transcripts


def lines_of(*, values: bool) -> tuple[list[dict[str, Any]], str]:
    out = io.StringIO()
    Session(transcript.Transcript(out.write, values=values)).run()
    return [json.loads(line) for line in out.getvalue().splitlines()], out.getvalue()


def test_a_transcript_shows_fields_and_masks_values() -> None:
    lines, text = lines_of(values=False)
    assert [line["call"] for line in lines] == [
        "authenticate",
        "sendRequestXML",
        "receiveResponseXML",
        "closeConnection",
    ]
    assert "<FullName>…</FullName>" in lines[1]["answer"]
    assert "Alligators" not in text
    assert 'statusCode="0"' in lines[2]["arguments"]["response"]


def test_a_transcript_with_values_still_has_no_secrets() -> None:
    lines, text = lines_of(values=True)
    assert "Annie" in lines[1]["answer"]
    assert PASSWORD not in text
    assert lines[1]["arguments"]["ticket"] == "***"


def test_masking_leaves_no_value_of_any_fixture() -> None:
    document = "<?xml version='1.0' ?><QBXML><A x='secret1' statusCode='0'>\n<B>secret2 &amp; 3</B>\n</A>\n</QBXML>"
    masked = transcript.masked(document)
    assert "secret" not in masked
    assert "statusCode='0'" in masked
    assert masked.count("\n") == document.count("\n")


def test_a_transcript_reads_as_text() -> None:
    _, text = lines_of(values=False)
    shown = transcript.as_text(text.splitlines())
    assert "sendRequestXML  annie" in shown
    assert "\n      <QBXML>" in shown
    assert transcript.as_text([]) == ""


# --- figures


def test_figures_count_calls_and_requests_and_name_nobody() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    session = Session(metrics)
    metrics.watch(session.queue, session.app)
    session.run()
    assert registry.get_sample_value("openqbd_calls_total", {"call": "sendRequestXML", "outcome": "answered"}) == 1
    assert registry.get_sample_value("openqbd_calls_total", {"call": "authenticate", "outcome": "signed in"}) == 1
    assert registry.get_sample_value("openqbd_requests_finished_total", {"state": "done"}) == 1
    assert registry.get_sample_value("openqbd_call_seconds_count", {"call": "receiveResponseXML"}) == 1
    assert registry.get_sample_value("openqbd_held_calls") == 0
    labels = {value for family in registry.collect() for sample in family.samples for value in sample.labels.values()}
    assert "annie" not in labels
