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
        [sys.executable, "-W", "error", str(ROOT / "demo" / "company.py")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT.parent,
        timeout=300,
        check=False,
    )
    assert (ran.stderr, ran.returncode) == ("", 0)
    return ran.stdout


def test_the_demo_reads_the_customer_of_the_first_steps(printed: str) -> None:
    told = printed.partition("What came back:")[2]
    assert "ListID 80000001-1693947446, EditSequence 1694999639, FullName Annie's Alligators, Balance 35693.49" in told


def test_the_demo_loses_an_answer_and_it_is_recovered(printed: str) -> None:
    assert printed.count("LOST") == 1
    lost = printed.partition("Update 2")[0].rpartition("sendRequestXML  ->  ")[2].partition("\n")[0]
    assert lost == "CustomerAddRq, InvoiceAddRq"
    for name in lost.split(", "):
        assert f"  {name:<28} Status OK: its answer was lost, and QuickBooks remembered what it had done" in printed
    assert printed.rstrip().endswith("9 of 9 requests are done; of 2 the answer was lost and recovered.")


def test_the_demo_reads_all_customers_by_an_iterator(printed: str) -> None:
    assert printed.count("  CustomerQueryRq  ") == 4
    found = re.search(r"^([0-9]+) customers and jobs were read page by page", printed, re.MULTILINE)
    assert found is not None
    assert int(found[1]) >= 45


def test_the_demo_invoices_is_paid_and_changes_a_record_safely(printed: str) -> None:
    told = printed.partition("What came back:")[2]
    assert "FullName Marsh & Daughters, Phone 555-0142, Balance 368.00" in told
    assert re.search(r"BalanceRemaining 368\.00\n(.*\n)*.*TotalAmount 184\.00", told)


def test_the_demo_prints_a_balance_sheet_that_balances(printed: str) -> None:
    totals = dict(re.findall(r"^  (TOTAL [A-Z &]+?) +([0-9.]+)$", printed, re.MULTILINE))
    assert totals["TOTAL ASSETS"] == totals["TOTAL LIABILITIES & EQUITY"]
