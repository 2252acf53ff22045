"""Runs of the whole: the endpoint in a process that is killed, the simulator before it; and that the judge can see."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator import Company
from qbsimulator.campaign import run_chunk, runs
from soap.testing.judging import Kind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="servers are started by fork"),
]


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'queue.sqlite'}"


def test_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    tally = run_chunk(url(tmp_path), range(1000, 1003), tmp_path)
    assert [one.text for one in tally.violations] == []
    assert tally.writes > 10
    assert tally.executed > 10


def tampered(monkeypatch: pytest.MonkeyPatch, tamper: Callable[[Company, Any], dict[str, Any]]) -> None:
    """Have something done to a receipt in one company after all came to rest, before it is judged."""
    judge = runs._Run.judge

    def judged(run: Any) -> None:
        for place in run.places.values():
            company = place.company
            (answer,) = qbxml.parse(company.process(qbxml.build([{"SalesReceiptQueryRq": {"IncludeLineItems": True}}])))
            for record in answer.records[:1]:
                (done,) = qbxml.parse(company.process(qbxml.build([tamper(company, record)])))
                assert done.status_code == 0, done.status_message
        judge(run)

    monkeypatch.setattr(runs._Run, "judge", judged)


def test_what_is_lost_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tampered(
        monkeypatch,
        lambda company, record: {"TxnDelRq": {"TxnDelType": "SalesReceipt", "TxnID": record["TxnID"]}},
    )
    tally = run_chunk(url(tmp_path), range(2000, 2002), tmp_path)
    assert {one.kind for one in tally.violations} == {Kind.LOST}
    assert "said to be done, and not there" in tally.violations[0].text


def test_what_is_done_twice_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def again(company: Company, record: Any) -> dict[str, Any]:
        line = {"ItemRef": {"FullName": "Work"}, "Amount": "1.00"}
        add = {"CustomerRef": {"FullName": "Ann"}, "Memo": record["Memo"], "SalesReceiptLineAdd": [line]}
        return {"SalesReceiptAddRq": {"SalesReceiptAdd": add}}

    tampered(monkeypatch, again)
    tally = run_chunk(url(tmp_path), range(2000, 2002), tmp_path)
    assert {one.kind for one in tally.violations} == {Kind.TWICE}
