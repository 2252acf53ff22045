"""Transactions at the edges: amounts and days out of reach, items that no line takes, groups with gaps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import Shop, ref


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Quantity": "9999999999", "Rate": "9999999999"}]}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Quantity": "0.00001", "Amount": "9999999.00"}]}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Work"), "Amount": "9999999999999.00"}] * 2}),
        ("Invoice", {"InvoiceLineAdd": [{"ItemRef": ref("Lamp"), "Quantity": "9999999999", "Rate": "0"}]}),
        ("Charge", {"ItemRef": ref("Work"), "Quantity": "9999999999", "Rate": "9999999999"}),
    ],
)
def test_an_amount_or_a_rate_that_is_too_long_is_refused(shop: Shop, kind: str, fields: dict[str, Any]) -> None:
    answer = shop.try_txn(kind, CustomerRef=ref("Ann"), **fields)
    dear = {"ItemRef": ref("Lamp"), "Quantity": "9999999999", "Rate": "0"}
    assert answer.status_code == (
        0 if fields.get("InvoiceLineAdd") == [dear] else 3045 if "0.00001" in str(fields) else 3040
    )


@pytest.mark.parametrize("days", [2_000_000_000, -2_000_000_000, 4_000_000])
def test_terms_beyond_the_calendar_are_due_at_its_end(shop: Shop, days: int) -> None:
    terms = {"StdDueDays": days, "StdDiscountDays": days, "DiscountPct": "2.0"}
    shop.add("StandardTerms", {"Name": "Long", **terms})
    invoice = shop.invoice(TermsRef=ref("Long"))
    end = "9999-12-31" if days > 0 else "0001-01-01"
    assert (str(invoice["DueDate"]), str(invoice["SuggestedDiscountDate"])) == (end, end)


def test_terms_by_the_day_end_with_the_calendar(shop: Shop) -> None:
    shop.add("DateDrivenTerms", {"Name": "Fifth", "DayOfMonthDue": 5, "DueNextMonthDays": 30})
    invoice = shop.invoice(TermsRef=ref("Fifth"), TxnDate="9999-12-31")
    assert str(invoice["DueDate"]) == "9999-12-31"


def test_a_group_may_have_a_line_of_nothing(shop: Shop) -> None:
    parts = [{"Quantity": "2"}, {"ItemRef": ref("Work"), "Quantity": "1"}]
    shop.add("ItemGroup", {"Name": "Gap", "ItemGroupLine": parts})
    group = {"ItemGroupRef": ref("Gap")}
    invoice = shop.txn("Invoice", CustomerRef=ref("Ann"), InvoiceLineGroupAdd=[group])
    order = shop.txn("PurchaseOrder", VendorRef=ref("Office Inc"), PurchaseOrderLineGroupAdd=[group])
    assert len(invoice["InvoiceLineGroupRet"][0]["InvoiceLineRet"]) == 1
    assert len(order["PurchaseOrderLineGroupRet"][0]["PurchaseOrderLineRet"]) == 1


@pytest.mark.parametrize("item", ["Ten off", "Five dollars", "Subtotal", "Paid at once", "State tax", "Both taxes"])
def test_a_statement_charge_is_for_something(shop: Shop, item: str) -> None:
    assert shop.try_txn("Charge", CustomerRef=ref("Ann"), ItemRef=ref(item)).status_code == 3280
