"""Estimates and sales orders: their lines are taken over, counted, linked, and let go."""

from __future__ import annotations

from typing import Any

from qbxml import Record
from tests.qbsimulator.helpers import status
from tests.qbsimulator.ledger.shop import Shop, ref


def order(shop: Shop, *lines: dict[str, Any], kind: str = "SalesOrder", customer: str = "Ann", **fields: Any) -> Record:
    given = {f"{kind}LineAdd": list(lines)} if lines else {}
    return shop.txn(kind, **{"CustomerRef": ref(customer), **given, **fields})


def line(item: str, **fields: Any) -> dict[str, Any]:
    return {"ItemRef": ref(item), **fields}


def whole(shop: Shop, *orders: Record, customer: str = "Ann", **fields: Any) -> Any:
    linked = {"LinkToTxnID": [one["TxnID"] for one in orders]}
    return shop.try_txn("Invoice", **{"CustomerRef": ref(customer), **linked, **fields})


def of_line(record: Record, number: int, **fields: Any) -> dict[str, Any]:
    name = f"{record.name.removesuffix('Ret')}LineRet"
    return {**fields, "LinkToTxn": {"TxnID": record["TxnID"], "TxnLineID": record[name][number]["TxnLineID"]}}


def part(shop: Shop, *lines: dict[str, Any], **fields: Any) -> Any:
    return shop.try_txn("Invoice", **{"CustomerRef": ref("Ann"), "InvoiceLineAdd": list(lines), **fields})


def shown(record: Record, *names: str) -> list[list[str]]:
    lines = record[f"{record.name.removesuffix('Ret')}LineRet"]
    return [[str(one.get(name)) for name in names] for one in lines]


def test_an_order_is_filled_in(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board", Quantity="2"))
    assert (made["IsManuallyClosed"], made["IsFullyInvoiced"]) == (False, False)
    assert shown(made, "Invoiced", "IsManuallyClosed") == [["0", "False"], ["0", "False"]]


def test_an_invoice_takes_over_a_whole_order(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3", Rate="45.00"), {"Desc": "a word"}, line("Board", Quantity="2.5"))
    shop.time.pass_(3)
    billed = whole(shop, made).records[0]
    names = ("Desc", "Quantity", "Rate", "Amount")
    assert shown(billed, *names) == [
        ["Good work", "3", "45.00", "135.00"],
        ["a word", "None", "None", "None"],
        ["A board", "2.5", "20.00", "50.00"],
    ]
    new = shop.now(made)
    assert shown(new, "Invoiced") == [["3"], ["None"], ["2.5"]]
    assert new["IsFullyInvoiced"] is True
    assert new["EditSequence"] == made["EditSequence"]
    assert new["TimeModified"] > made["TimeModified"]
    (link,) = new["LinkedTxn"]
    assert [str(link[name]) for name in ("TxnID", "TxnType", "LinkType", "Amount")] == [
        *(billed["TxnID"], "Invoice", "QUANTYPE", "185.00"),
    ]
    (back,) = shop.now(billed)["LinkedTxn"]
    assert (back["TxnID"], back["TxnType"], back["LinkType"]) == (made["TxnID"], "SalesOrder", "QUANTYPE")
    assert "LinkedTxn" not in billed


def test_an_order_is_billed_bit_by_bit(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board", Quantity="2"))
    first = part(shop, of_line(made, 0, Quantity="1")).records[0]
    assert shown(first, "Quantity", "Amount") == [["1", "50.00"]]
    assert shown(shop.now(made), "Invoiced") == [["1"], ["0"]]
    rest = whole(shop, made).records[0]
    assert shown(rest, "Quantity", "Amount") == [["2", "100.00"], ["2", "40.00"]]
    assert shop.now(made)["IsFullyInvoiced"] is True


def test_a_line_says_more_of_what_it_takes_over(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"))
    for given, expected in (
        ({"Rate": "60.00", "Quantity": "1", "Desc": "night work"}, ["night work", "1", "60.00", "60.00"]),
        ({"Amount": "33.00", "Quantity": "1"}, ["Good work", "1", "33.00", "33.00"]),
        ({"Amount": "70.00"}, ["Good work", "1", "70.00", "70.00"]),
    ):
        answer = part(shop, of_line(made, 0, **given))
        assert shown(answer.records[0], "Desc", "Quantity", "Rate", "Amount") == [expected]


def test_a_closed_order_is_left_out_with_a_warning(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"))
    whole(shop, made)
    warned = (570, f'Unable to link to transaction "{made["TxnID"]}" because it has already been closed.')
    answer = whole(shop, made, InvoiceLineAdd=[line("Board")])
    assert (status(answer), answer.status_severity) == (warned, "Warn")
    assert shown(answer.records[0], "Amount") == [["20.00"]]
    assert whole(shop, made).status_code == 3180
    own = of_line(made, 0, **line("Work", Quantity="1"))
    answer = part(shop, own)
    assert status(answer) == warned
    assert "LinkedTxn" not in shop.now(answer.records[0])


def test_an_order_that_was_closed_by_hand_is_closed(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board"))
    given = [{"TxnLineID": made["SalesOrderLineRet"][0]["TxnLineID"], "IsManuallyClosed": True}]
    given.append({"TxnLineID": made["SalesOrderLineRet"][1]["TxnLineID"]})
    new = shop.changed(made, SalesOrderLineMod=given)
    assert shown(whole(shop, new).records[0], "Desc") == [["A board"]]
    other = order(shop, line("Work"), IsManuallyClosed=True)
    assert whole(shop, other, InvoiceLineAdd=[line("Board")]).status_code == 570


def test_what_is_not_there_or_somebody_elses_is_not_found(shop: Shop) -> None:
    made, invoice = order(shop, line("Work")), shop.invoice()
    assert whole(shop, made, customer="Bob").status_code == 3120
    assert whole(shop, invoice).status_code == 3120
    assert whole(shop, {"TxnID": "FFFF-1700000000"}).status_code == 3120  # type: ignore[arg-type]
    unknown = {"TxnID": made["TxnID"], "TxnLineID": "FFFF-1700000000"}
    assert part(shop, {"LinkToTxn": unknown}).status_code == 3120


def test_a_deleted_or_voided_invoice_opens_the_order(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"))
    for undo in (shop.remove, shop.void):
        billed = whole(shop, made).records[0]
        assert shop.now(made)["IsFullyInvoiced"] is True
        assert undo(billed).status_code == 0
        assert shown(shop.now(made), "Invoiced") == [["0"]]
        assert "LinkedTxn" not in shop.now(made)


def test_a_mod_of_an_invoice_keeps_its_links(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board", Quantity="2"))
    billed = whole(shop, made).records[0]
    billed = shop.changed(billed, Memo="later")
    assert shown(shop.now(made), "Invoiced") == [["3"], ["2"]]
    first = {"TxnLineID": billed["InvoiceLineRet"][0]["TxnLineID"], "Quantity": "1"}
    shop.changed(billed, InvoiceLineMod=[first])
    assert shown(shop.now(made), "Invoiced") == [["1"], ["0"]]
    assert shop.now(made)["IsFullyInvoiced"] is False


def test_a_line_that_leaves_an_order_takes_its_link_away(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board", Quantity="2"))
    billed = part(shop, of_line(made, 1)).records[0]
    first = made["SalesOrderLineRet"][0]["TxnLineID"]
    shop.changed(shop.now(made), SalesOrderLineMod=[{"TxnLineID": first}])
    assert "LinkedTxn" not in shop.now(billed)


def test_a_deleted_order_leaves_the_invoice(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"))
    billed = whole(shop, made).records[0]
    assert shop.remove(made).status_code == 0
    assert "LinkedTxn" not in shop.now(billed)
    assert shop.balance("Ann", "Customer") == "150.00"


def test_groups_are_taken_over_as_they_stand(shop: Shop) -> None:
    made = order(shop, SalesOrderLineGroupAdd=[{"ItemGroupRef": ref("Shelf"), "Quantity": "2"}])
    billed = whole(shop, made, InvoiceLineAdd=[line("Freight")]).records[0]
    (group,) = billed["InvoiceLineGroupRet"]
    inner = [[str(one[name]) for name in ("Quantity", "Amount")] for one in group["InvoiceLineRet"]]
    assert inner == [["4", "200.00"], ["10", "200.00"]]
    assert [str(one["Invoiced"]) for one in shop.now(made)["SalesOrderLineGroupRet"][0]["SalesOrderLineRet"]] == [
        *("4", "10"),
    ]
    assert shop.now(made)["IsFullyInvoiced"] is True
    assert shown(billed, "Amount") == [["15.00"]]


def test_an_estimate_is_billed_as_a_whole(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Ten off"), kind="Estimate")
    billed = whole(shop, made).records[0]
    assert shown(billed, "Amount") == [["150.00"], ["-15.00"]]
    (link,) = shop.now(made)["LinkedTxn"]
    assert (link["TxnID"], link["LinkType"], str(link["Amount"])) == (billed["TxnID"], "QUANTYPE", "135.00")
    assert whole(shop, made, InvoiceLineAdd=[line("Board")]).status_code == 570


def test_an_estimate_is_billed_in_parts_where_that_is_on(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), kind="Estimate")
    shop.company.configure(uses_progress_invoicing=True)
    assert part(shop, of_line(made, 0, Quantity="1")).status_code == 0
    assert shown(whole(shop, made).records[0], "Quantity") == [["2"]]
    assert whole(shop, made, InvoiceLineAdd=[line("Board")]).status_code == 570


def test_an_estimate_that_is_inactive_is_closed(shop: Shop) -> None:
    made = order(shop, line("Work"), kind="Estimate", IsActive=False)
    assert whole(shop, made, InvoiceLineAdd=[line("Board")]).status_code == 570


def test_fixed_amounts_and_percentages_are_taken_over(shop: Shop) -> None:
    made = order(shop, line("Advice", Amount="80.55"), line("Subtotal"), line("Ten off"), line("Five dollars"))
    billed = whole(shop, made).records[0]
    assert shown(billed, "Amount") == [["80.55"], ["80.55"], ["-8.06"], ["-5.00"]]
    assert shop.now(made)["IsFullyInvoiced"] is True


def test_nothing_is_taken_over_twice(shop: Shop) -> None:
    made = order(shop, line("Work", Quantity="3"), line("Board", Quantity="2"))
    answer = whole(shop, made, made)
    assert answer.status_code == 570
    assert shown(answer.records[0], "Quantity") == [["3"], ["2"]]
    other = order(shop, line("Work", Quantity="3"))
    answer = part(shop, of_line(other, 0, Quantity="1"), of_line(other, 0), of_line(other, 0))
    assert answer.status_code == 570
    assert shown(answer.records[0], "Quantity") == [["1"], ["2"]]
    assert shop.now(other)["IsFullyInvoiced"] is True
