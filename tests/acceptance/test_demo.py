"""`make demo`, as somebody runs it who has just got the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def printed() -> str:
    """What the demo prints, run from another folder."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "demo" / "first_request.py")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT.parent,
        timeout=120,
        check=False,
    )
    assert (ran.stderr, ran.returncode) == ("", 0)
    return ran.stdout


def test_the_demo_reads_the_customer_of_the_first_steps(printed: str) -> None:
    answer = printed.partition("\nCustomerQueryRs: ")[2].partition("\nInvoiceQueryRs: ")[0]
    values = dict(re.findall(r"^ +(\w+) +(.+?)(?:  \(\w+\))?$", answer, re.MULTILINE))
    assert values == {
        "ListID": "80000001-1693947446",
        "TimeCreated": "2023-09-05T13:57:26-07:00",
        "TimeModified": "2023-09-17T18:13:59-07:00",
        "EditSequence": "1694999639",
        "Name": "Annie's Alligators",
        "FullName": "Annie's Alligators",
        "IsActive": "true",
        "Sublevel": "0",
        "Balance": "35693.49",
        "TotalBalance": "35693.49",
        "JobStatus": "None",
    }


def test_the_demo_sends_four_requests_that_are_valid_and_the_last_one_comes_from_the_first_answer(
    printed: str,
) -> None:
    valid = re.findall(r"QuickBooks: (\w+) is valid qbXML 13\.0", printed)
    assert valid == ["CustomerQueryRq", "InvoiceQueryRq", "InvoiceAddRq", "CustomerModRq"]
    sent = printed.partition("<CustomerModRq")[2].partition("</CustomerModRq>")[0]
    assert "<EditSequence>1694999639</EditSequence>" in sent
    assert "<Phone>555-0142</Phone>" in sent


def test_the_demo_tells_every_call_and_the_figures_rise_to_100(printed: str) -> None:
    calls = re.findall(r"^  (\w+)\(", printed, re.MULTILINE)
    assert calls == [
        "serverVersion",
        "clientVersion",
        "authenticate",
        *["sendRequestXML", "receiveResponseXML"] * 4,
        "closeConnection",
    ]
    assert re.findall(r"receiveResponseXML\(.*->  (-?\d+)$", printed, re.MULTILINE) == [
        "33",  # of three: the fourth comes from this answer
        "50",
        "75",
        "100",
    ]


def test_the_demo_shows_what_was_written_to_the_company_file(printed: str) -> None:
    assert "4 of 4 requests are done." in printed
    modified = printed.partition("\nCustomerModRs: ")[2]
    assert re.search(r"EditSequence +1695054617", modified)
    added = printed.partition("\nInvoiceAddRs: ")[2].partition("\nCustomerModRs: ")[0]
    assert re.search(r"BalanceRemaining +150\.00  \(Decimal\)", added)
