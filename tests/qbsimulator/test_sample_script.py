"""The script of the sample company, before anything runs it: what it asks for, when, and that it is always the same."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator.kinds import ENTITIES
from qbsimulator.sample import TODAY, plan, steps
from qbsimulator.sample.lists import ANNIE_MADE
from qbsimulator.sample.people import ANNIE, CUSTOMERS, VENDORS
from qbsimulator.sample.step import ZONE, Of, Step

#: Where an answer holds a text of its own, any will do to judge a request's form.
_STAND_IN = {"EditSequence": "1"}


@pytest.fixture(scope="module")
def script() -> list[Step]:
    return steps()


def _stand_in(of: Of) -> str:
    return _STAND_IN.get(str(of.path[-1]), "1-1")


def _body(step: Step) -> dict[str, Any]:
    """What a step adds or changes."""
    inner = step.content.get(step.name.removesuffix("Rq"), step.content)
    assert isinstance(inner, dict)
    return inner


def test_the_script_is_the_same_each_time(script: list[Step]) -> None:
    assert steps() == script


def test_the_script_does_not_hang_on_the_order_of_sets() -> None:
    program = (
        "import hashlib; from qbsimulator.sample import steps;print(hashlib.sha256(repr(steps()).encode()).hexdigest())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("0", "1")
    }
    assert told == {hashlib.sha256(repr(steps()).encode()).hexdigest()}


def test_another_seed_is_another_history() -> None:
    assert steps(1) != steps(2)


@pytest.mark.parametrize("version", ["13.0", "16.0"])
def test_every_request_fits_the_schema(script: list[Step], version: str) -> None:
    problems = {
        step.key: found
        for step in script
        if (found := qbxml.validate(step.request(_stand_in), version=version, edition="US"))
    }
    assert problems == {}


def test_every_step_has_a_second_of_its_own_and_none_is_in_the_future(script: list[Step]) -> None:
    times = [step.at for step in script]
    assert times == sorted(set(times))
    assert times[-1] < TODAY


def test_a_step_takes_from_earlier_answers_only(script: list[Step]) -> None:
    known: set[str] = set()

    def earlier(of: Of) -> str:
        assert of.key in known, of
        return _stand_in(of)

    for step in script:
        step.request(earlier)
        if step.name.endswith(("AddRq", "ModRq")) and step.name != "ClearedStatusModRq":
            known.add(step.key)


def test_no_two_things_that_are_added_have_the_same_key(script: list[Step]) -> None:
    keys = Counter(step.key for step in script if step.name.endswith("AddRq"))
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_company_is_of_the_size_of_a_small_builder(script: list[Step]) -> None:
    kinds = Counter(step.name.removesuffix("Rq") for step in script)
    assert kinds["CustomerAdd"] == 50
    assert kinds["VendorAdd"] == 45
    assert 100 <= kinds["AccountAdd"] + kinds["SpecialAccountAdd"] <= 120
    assert {kind for kind in kinds if kind.startswith("Item") and kind.endswith("Add")} == {
        *("ItemServiceAdd", "ItemNonInventoryAdd", "ItemOtherChargeAdd", "ItemInventoryAdd", "ItemReceiptAdd"),
        *("ItemInventoryAssemblyAdd", "ItemFixedAssetAdd", "ItemSubtotalAdd", "ItemDiscountAdd", "ItemPaymentAdd"),
        *("ItemSalesTaxAdd", "ItemSalesTaxGroupAdd", "ItemGroupAdd"),
    }


#: How many of each kind of transaction there are at least.
LEAST = {
    "EstimateAdd": 20,
    "SalesOrderAdd": 6,
    "InvoiceAdd": 60,
    "SalesReceiptAdd": 15,
    "CreditMemoAdd": 4,
    "ChargeAdd": 5,
    "ReceivePaymentAdd": 60,
    "DepositAdd": 40,
    "ARRefundCreditCardAdd": 1,
    "PurchaseOrderAdd": 12,
    "ItemReceiptAdd": 6,
    "BillAdd": 100,
    "VendorCreditAdd": 2,
    "BillPaymentCheckAdd": 80,
    "BillPaymentCreditCardAdd": 5,
    "CheckAdd": 150,
    "CreditCardChargeAdd": 60,
    "CreditCardCreditAdd": 1,
    "JournalEntryAdd": 30,
    "TransferAdd": 50,
    "SalesTaxPaymentCheckAdd": 15,
    "TimeTrackingAdd": 40,
    "VehicleMileageAdd": 8,
    "TxnVoid": 4,
    "TxnDel": 4,
    "ClearedStatusMod": 13,
}


@pytest.mark.parametrize("kind", LEAST)
def test_there_are_transactions_of_each_kind(script: list[Step], kind: str) -> None:
    found = sum(step.name == f"{kind}Rq" for step in script)
    assert LEAST[kind] <= found <= 2 * LEAST[kind]


def test_invoices_are_made_in_several_ways(script: list[Step]) -> None:
    invoices = [_body(step) for step in script if step.name == "InvoiceAddRq"]
    lines = [line for one in invoices for line in one.get("InvoiceLineAdd", [])]
    assert sum("LinkToTxnID" in one for one in invoices) >= 5
    assert sum("LinkToTxn" in line for line in lines) >= 4
    assert any("SetCredit" in one for one in invoices)
    assert any("InvoiceLineGroupAdd" in one for one in invoices)
    assert sum("ClassRef" in one for one in invoices) >= 10


def test_payments_are_made_in_several_ways(script: list[Step]) -> None:
    payments = [_body(step) for step in script if step.name == "ReceivePaymentAddRq"]
    applied = [one["AppliedToTxnAdd"] for one in payments if "AppliedToTxnAdd" in one]
    assert sum(one.get("IsAutoApply", False) for one in payments) >= 10
    assert any(len(each) > 1 for each in applied)
    assert any("DiscountAmount" in one for each in applied for one in each)
    assert any("SetCredit" in one for each in applied for one in each)


def test_nothing_is_entered_before_its_day(script: list[Step]) -> None:
    early = []
    for step in script:
        entered = datetime.fromtimestamp(step.at, ZONE).date().isoformat()
        if entered < _body(step).get("TxnDate", ""):
            early.append(step.key)
    assert early == []


def test_days_are_within_the_two_years(script: list[Step]) -> None:
    days = sorted(str(_body(step)["TxnDate"]) for step in script if "TxnDate" in _body(step))
    assert days[0] == "2022-01-01"
    assert "2023-12-01" < days[-1] <= "2023-12-15"


# -- the first customer ----------------------------------------------------------------------------------------------


def _of_annie(script: list[Step]) -> list[Step]:
    return [step for step in script if ANNIE in repr(step)]


def test_the_first_entity_is_the_customer_of_the_first_steps(script: list[Step]) -> None:
    kinds = [f"{kind}AddRq" for kind in ENTITIES]
    entities = [step for step in script if step.name in kinds]
    assert entities[0].key == f"Customer {ANNIE}"
    assert entities[0].at == ANNIE_MADE == 1693947446


def test_the_last_that_happens_to_her_is_her_own_change(script: list[Step]) -> None:
    last = _of_annie(script)[-1]
    assert (last.name, last.at) == ("CustomerModRq", 1694999639)
    hers = {step.key for step in _of_annie(script)}
    later = [step for step in script if step.at > 1694999639]
    taken: set[str] = set()

    def note(of: Of) -> str:
        taken.add(of.key)
        return _stand_in(of)

    for step in later:
        step.request(note)
    assert taken
    assert not hers & taken


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _worth(lines: list[dict[str, Any]], percent: Decimal) -> Decimal:
    """What lines come to with tax, by the prices in the request alone."""
    taxable = {item.name for item in plan.ITEMS if item.taxable}
    amounts = []
    for one in lines:
        worth = one["Amount"] if "Amount" in one else _cents(Decimal(one["Quantity"]) * Decimal(one["Rate"]))
        amounts.append((one["ItemRef"]["FullName"], Decimal(worth)))
    tax = _cents(sum((amount for item, amount in amounts if item in taxable), Decimal()) * percent / 100)
    return sum((amount for _, amount in amounts), Decimal()) + tax


def test_what_she_owes_follows_from_the_requests_of_her(script: list[Step]) -> None:
    percent = sum((Decimal(plan.TAXES[one][0]) for one in plan.TAX_GROUPS["Port Ellery"]), Decimal())
    assert percent == Decimal("8.25")
    owed = Decimal()
    for step in _of_annie(script):
        body = _body(step)
        if step.name == "InvoiceAddRq":
            assert body["ItemSalesTaxRef"] == {"FullName": "Port Ellery"}
            owed += _worth(body["InvoiceLineAdd"], percent)
        elif step.name == "CreditMemoAddRq":
            owed -= _worth(body["CreditMemoLineAdd"], percent)
        elif step.name == "ReceivePaymentAddRq":
            owed -= Decimal(body["TotalAmount"])
        else:
            assert step.name in ("CustomerAddRq", "CustomerModRq")
    assert owed == Decimal("35693.49")


# -- names -----------------------------------------------------------------------------------------------------------


def test_names_and_numbers_are_nobodys(script: list[Step]) -> None:
    for step in script:
        body = _body(step)
        for field in ("Phone", "Email"):
            if field in body:
                assert body[field].startswith("707-555-0") or body[field].endswith("@example.com")


def test_every_customer_and_vendor_of_the_tables_is_added(script: list[Step]) -> None:
    keys = {step.key for step in script}
    assert {f"Customer {one.name}" for one in CUSTOMERS} <= keys
    assert {f"Vendor {one}" for one in VENDORS} <= keys


# -- its page --------------------------------------------------------------------------------------------------------


def test_its_page_counts_what_the_script_makes(script: list[Step]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator-sample.md").read_text()
    page = page.partition("## What is in it")[2]
    told = {kind: int(count) for kind, count in re.findall(r"^\| `(\w+)` \| (\d+) \|$", page, re.MULTILINE)}
    kinds = Counter(step.name.removesuffix("Rq") for step in script)
    assert told == {kind: count for kind, count in kinds.items() if kind in told or kind.endswith("Add")}
