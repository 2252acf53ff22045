"""Many threads at once, from the first use of a schema on: the same results as one after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

import qbxml
from qbxml import schema as schema_module
from qbxml import testing

THREADS = 8
NAMES = ("Customer", "Invoice", "Bill", "JournalEntry", "Item", "Account", "Vendor", "CustomDetailReport")


@pytest.fixture
def _nothing_compiled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No schema is known yet, and threads take turns as often as they can."""
    monkeypatch.setattr(schema_module, "_SCHEMAS", {})
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def work(seed: int) -> list[Any]:
    """Some of everything: build, read, validate, with schemas that others use at the same time."""
    found: list[Any] = []
    for turn in range(len(NAMES)):
        name = f"{NAMES[(turn + seed) % len(NAMES)]}Query"
        schema = qbxml.Schema("13.0", "US")
        answer = qbxml.Response([{f"{name}Rs": testing.sample(f"{name}Rs", "13.0", "US")}])
        document = qbxml.build(answer, schema=schema)
        response = qbxml.parse(document, schema=schema)
        request = qbxml.build({f"{name}Rq": testing.sample(f"{name}Rq", "13.0", "US")})
        wrong = request.replace(b"<", b"<x", 1) if name.startswith("J") else document.replace(b"Ref>", b"Fer>")
        try:
            problems = [str(problem) for problem in qbxml.validate(wrong, "13.0", "US")]
        except qbxml.ParseError as error:
            problems = [str(error)]
        found.append((name, document, [message.content for message in response], request, problems))
    return sorted(found, key=lambda one: str(one[0]))


@pytest.mark.usefixtures("_nothing_compiled")
def test_threads_come_to_the_same_results(monkeypatch: pytest.MonkeyPatch) -> None:
    barrier = Barrier(THREADS)

    def begin(seed: int) -> list[Any]:
        barrier.wait()
        return work(seed)

    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(begin, range(THREADS)))
    monkeypatch.setattr(schema_module, "_SCHEMAS", {})
    alone = work(0)
    for found in together:
        assert found == alone


@pytest.mark.usefixtures("_nothing_compiled")
def test_threads_share_one_schema() -> None:
    barrier = Barrier(THREADS)

    def make(_: int) -> tuple[qbxml.Schema, Any, Any]:
        barrier.wait()
        schema = qbxml.Schema("16.0", "UK")
        return schema, schema.record("InvoiceRet"), schema.messages["InvoiceQuery"].request

    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(make, range(THREADS)))
    assert len({id(schema) for schema, _, _ in made}) == 1
    assert len({id(record) for _, record, _ in made}) == 1


def test_one_document_read_by_all() -> None:
    document = qbxml.build(
        qbxml.Response([{"InvoiceQueryRs": testing.sample("InvoiceQueryRs", seed=1)}]), version="16.0", edition=None
    )
    wanted = qbxml.parse(document)
    with ThreadPoolExecutor(THREADS) as pool:
        for response in pool.map(qbxml.parse, [document] * 40):
            assert response == wanted
