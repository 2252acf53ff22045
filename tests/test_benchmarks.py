"""The benchmarks measure what they say: documents that are valid, floors that do the same. No times are judged."""

from __future__ import annotations

import html
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree

import qbxml
from benchmarks import __main__ as command
from benchmarks import databases, decoding, documents, encoding, endpoint, floors, held, measure, peers, queue, table
from soap import SQLQueue, State

SCHEMA = decoding.SCHEMA
XSD = etree.XMLSchema(etree.fromstring(SCHEMA.xsd().encode()))

DOCUMENTS = decoding.small_documents(quick=True)
CASES = encoding.cases(quick=True)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_valid(name: str) -> None:
    data = DOCUMENTS[name]
    assert XSD.validate(etree.fromstring(data)), XSD.error_log
    assert SCHEMA.validate(data) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_have_the_form_that_quickbooks_writes(name: str) -> None:
    lines = DOCUMENTS[name].decode().split("\n")
    assert lines[0] == '<?xml version="1.0" ?>'
    # Only a note may go on over lines.
    assert [line for line in lines[1:-1] if not line.startswith("<") and not line.endswith("</Notes>")] == []
    assert not any(line.endswith("/>") and not line.endswith(" />") for line in lines)


@pytest.mark.parametrize(("name", "values", "floor"), CASES, ids=[case[0] for case in CASES])
def test_what_is_read_is_what_was_written(name: str, values: dict[str, documents.Values], floor: object) -> None:
    content = SCHEMA.parse(DOCUMENTS[name], strict=True)[0].content
    assert content == next(iter(values.values()))


@pytest.mark.parametrize(("name", "values", "floor"), CASES, ids=[case[0] for case in CASES])
def test_the_floor_of_writing_writes_the_same(
    name: str, values: dict[str, documents.Values], floor: measure.Call
) -> None:
    expected = floor()
    assert isinstance(expected, bytes)
    for given in (values, encoding.shuffled(values, Random(1))):
        built = SCHEMA.build(qbxml.Response([given]))
        assert html.unescape(built.decode()) == expected.decode()


def test_the_floor_of_requests_writes_the_same() -> None:
    given, floor = encoding.adds(100)
    expected = floor().decode()
    assert html.unescape(SCHEMA.build(given).decode()) == expected
    assert html.unescape(SCHEMA.build(encoding.typed(given)).decode()) == expected
    assert SCHEMA.validate(SCHEMA.build(given)) == []


def test_a_larger_document_repeats_customers_under_new_list_ids() -> None:
    count = documents.DISTINCT + 50
    records = SCHEMA.parse(documents.customer_document(count))[0].records
    assert len({record["ListID"] for record in records}) == count
    assert {**records[-1], "ListID": ""} == {**documents.customer(49), "ListID": ""}


def test_an_endless_document_is_one_document() -> None:
    source = documents.Endless(1)
    size = len(documents.customer_document(documents.DISTINCT))
    data = b"".join(iter(lambda: source.read(4096), b""))
    assert len(data) == size
    assert len(SCHEMA.parse(data)[0].records) == source.customers
    assert floors.iterated(documents.Endless(1), "CustomerRet") == source.customers
    several = documents.Endless(2 * size)
    assert sum(1 for _, record in SCHEMA.iterparse(several) if record is not None) == several.customers


#: xmlschema takes seconds to make a schema of all of qbXML.
_SLOW = {"xmlschema": pytest.mark.slow}


@pytest.mark.parametrize("name", [pytest.param(name, marks=_SLOW.get(name, ())) for name in peers.PEERS])
def test_typed_peers_read_the_same(name: str) -> None:
    try:
        peer = peers.PEERS[name]()
    except ImportError:
        pytest.skip(f"{name} is not installed")
    found = peer.read(documents.customer_document(20))
    if peer.compared is not None:
        assert peer.compared(found) == documents.customers(20)
    assert etree.fromstring(peer.write(found)).findtext(".//CustomerRet/ListID") == documents.customer(0)["ListID"]


def test_a_program_in_a_fresh_process_answers_in_json() -> None:
    assert measure.fresh("print('first'); print([1, 2])") == [1, 2]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        measure.fresh("1 / 0")


def test_a_row_says_whether_its_goal_is_met() -> None:
    assert measure.Row("decode", "one", 2.0, goal=2.2).met is True
    assert measure.Row("decode", "one", 2.3, goal=2.2).met is False
    assert measure.Row("decode", "one", 2.3).met is None
    assert measure.Row("growth", "one", -20.0, "%", goal=15).met is False
    assert measure.Row("queue", "one", 0.5, goal=0.4, least=True).met is True
    assert measure.Row("queue", "one", 0.3, goal=0.4, least=True).met is False
    assert "MISSED" in table.lines([measure.Row("decode", "one", 2.3, goal=2.2)])[2]


def test_the_command_prints_a_table_and_writes_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def rows(quick: bool) -> list[measure.Row]:
        return [measure.ratio("decode", "tiny", lambda: sum(range(50)), lambda: sum(range(50)), samples=3)]

    monkeypatch.setattr(measure, "SHORTEST", 0.0001)
    monkeypatch.setitem(command.PARTS, "decode", rows)
    written = tmp_path / "found.json"
    assert command.main(["--quick", "--only", "decode", "--json", str(written)]) == 0
    out = capsys.readouterr().out
    assert "tiny" in out
    assert "libxml2" in out
    found = json.loads(written.read_text(encoding="utf-8"))
    assert found["machine"]["lxml"]
    assert [row["name"] for row in found["rows"]] == ["tiny"]


def test_a_peer_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> peers.Peer:
        raise ImportError

    monkeypatch.setattr(measure, "SHORTEST", 0.0001)
    monkeypatch.setattr(peers, "PEERS", {"nothing": missing})
    assert [row.note for row in peers.rows(quick=True) if row.name == "nothing"] == ["not installed"]


# --- the endpoint


def test_an_answer_is_stored_with_all_its_records_and_the_floor_gives_the_same_answers() -> None:
    case = endpoint.Answered(endpoint.customers(5000))
    case.prepare()
    reply = case.ours()
    result = case.result()
    assert result.state is State.DONE
    assert len(result.records) == 4
    # The floor has the namespaces declared in another order, and all else as we have it.
    told = [etree.fromstring(one).xpath("string(//*[local-name()='Body'])") for one in (reply, case.nothing())]
    assert told == ["100", "100"]
    endpoint.session(case.bare)
    row = endpoint.received(1, 5000)
    assert row.value is not None
    assert row.value > 0


@pytest.mark.slow
def test_large_answers_pass() -> None:
    rows = list(endpoint.large(1))
    assert [row.unit for row in rows] == ["x"] * 4
    assert all(row.value is not None and row.ours for row in rows)


@pytest.mark.parametrize(
    "opened",
    [
        databases.sqlite,
        pytest.param(databases.postgresql, marks=[pytest.mark.slow, pytest.mark.xdist_group("postgresql")]),
    ],
)
def test_jobs_are_done_on_both_databases(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "JOBS", 2)
    with opened() as database:
        made = SQLQueue(database.new())
        queue.job(made, "one")
        assert [result.state for result in made.find("one")] == [State.DONE]
        rows = [queue.alone(database, made, 1), queue.together(database, made, 1)]
        rows += queue.claims(database, made, 0.1)
        assert {result.state for result in made.find()} == {State.DONE}
        made.close()
        rows += queue.growth(database, 300, 1, few=100)
        assert len(rows) == 7
        assert all(row.value is not None and row.value > 0 for row in rows)


def test_a_queue_is_filled_with_requests_like_any_other() -> None:
    with databases.sqlite() as database:
        made = SQLQueue(database.new())
        first = queue.enqueue(made, "annie")
        databases.fill(database, made, "annie", 20)
        found = made.find("annie")
        assert found[0].id == first
        assert len(found) == made.waiting("annie") == 21
        assert len({result.id for result in found}) == 21
        assert made.history(found[-1].id)[0].state is State.QUEUED
        for _ in range(2):
            queue.settle(made, "annie", queue.claim(made, "annie"))
        made.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the kernel is asked about the server")
def test_calls_are_held_and_answered() -> None:
    rows = {row.name.rpartition(", ")[2]: row for row in held.held(5, 0.5)}
    assert list(rows) == [
        "memory for each",
        "wake-ups at rest",
        "CPU at rest",
        "p50",
        "p99",
        "jobs at saturation",
        "SIGTERM",
    ]
    assert rows["p99"].value is not None
    assert 0 < rows["p99"].value < 10_000
    assert rows["jobs at saturation"].value


@pytest.mark.slow
@pytest.mark.xdist_group("postgresql")
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the kernel is asked about the server")
def test_calls_are_held_by_one_process_and_answered_by_the_help_of_another() -> None:
    assert [row.unit for row in held.across(2, 0.5)] == ["ms", "ms"]
