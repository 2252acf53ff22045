"""TransactionQuery: transactions of all kinds in rows of one shape."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref


class Trade:
    """A few transactions of several kinds, by name."""

    def __init__(self, shop: Shop) -> None:
        day = {"TxnDate": "2023-11-01"}
        self.invoice = shop.invoice("Bob:Kitchen", "100.00", TxnDate="2023-10-01", RefNumber="A1", Memo="kitchen")
        self.estimate = shop.txn(
            "Estimate", CustomerRef=ref("Ann"), TxnDate="2023-10-02", EstimateLineAdd=[{"ItemRef": ref("Work")}]
        )
        sides = {
            "JournalDebitLine": [
                {"AccountRef": ref("Rent"), "Amount": "7.00", "Memo": "rent", "ClassRef": ref("North")}
            ],
            "JournalCreditLine": [
                {"AccountRef": ref("Checking"), "Amount": "5.00"},
                {"AccountRef": ref("Savings"), "Amount": "2.00"},
            ],
        }
        self.entry = shop.txn("JournalEntry", TxnDate="2023-10-03", RefNumber="7", **sides)
        accounts = {"TransferFromAccountRef": ref("Checking"), "TransferToAccountRef": ref("Savings")}
        self.transfer = shop.txn("Transfer", **accounts, Amount="30.00", TxnDate="2023-10-04")
        lines = [{"ItemRef": ref("Work"), "Quantity": "2"}, {"ItemRef": ref("Board")}]
        self.sale = shop.txn("SalesReceipt", CustomerRef=ref("Ann"), **day, RefNumber="a1", SalesReceiptLineAdd=lines)
        shop.time.pass_(100)
        deposits = [{"PaymentTxnID": self.sale["TxnID"]}]
        self.deposit = shop.txn(
            "Deposit", DepositToAccountRef=ref("Checking"), TxnDate="2023-11-02", DepositLineAdd=deposits
        )
        self.names = {one["TxnID"]: name for name, one in vars(self).items()}


@pytest.fixture
def trade(shop: Shop) -> Trade:
    return Trade(shop)


def asked(shop: Shop, **filters: Any) -> list[Record]:
    return shop.one("TransactionQuery", filters).records


def found(shop: Shop, trade: Trade, **filters: Any) -> list[str]:
    return [trade.names[one["TxnID"]] for one in asked(shop, **filters)]


ALL = ["invoice", "estimate", "entry", "transfer", "sale", "deposit"]


def test_each_transaction_is_a_row(shop: Shop, trade: Trade) -> None:
    rows = asked(shop)
    assert [trade.names[one["TxnID"]] for one in rows] == ALL
    shown = [(one["TxnType"], one.get("AccountRef", {}).get("FullName"), str(one["Amount"])) for one in rows]
    assert shown == [
        ("Invoice", "Accounts Receivable", "100.00"),
        ("Estimate", None, "50.00"),
        ("JournalEntry", "Rent", "7.00"),
        ("Transfer", "Checking", "-30.00"),
        ("SalesReceipt", "Undeposited Funds", "120.00"),
        ("Deposit", "Checking", "120.00"),
    ]
    first = rows[0]
    assert (first["EntityRef"]["FullName"], first["RefNumber"], first["Memo"]) == ("Bob:Kitchen", "A1", "kitchen")
    assert (str(first["TxnDate"]), first["TimeCreated"]) == ("2023-10-01", trade.invoice["TimeCreated"])
    assert not any("TxnLineID" in one for one in rows)


def test_a_row_may_be_a_posting(shop: Shop, trade: Trade) -> None:
    rows = asked(shop, TransactionDetailLevelFilter="AllExceptSummary", TransactionTypeFilter=only("SalesReceipt"))
    lines = [one["TxnLineID"] for one in trade.sale["SalesReceiptLineRet"]]
    assert [(one["TxnLineID"], str(one["Amount"])) for one in rows] == [(lines[0], "-100.00"), (lines[1], "-20.00")]
    every = asked(shop, TransactionDetailLevelFilter="All", TransactionTypeFilter=only("SalesReceipt", "Estimate"))
    assert [str(one["Amount"]) for one in every] == ["50.00", "120.00", "-100.00", "-20.00"]
    entry = asked(shop, TransactionDetailLevelFilter="All", TransactionTypeFilter=only("JournalEntry"))
    assert sum(one["Amount"] for one in entry) == 0
    assert entry[0]["Memo"] == "rent"


def only(*kinds: str) -> dict[str, Any]:
    return {"TxnTypeFilter": list(kinds)}


def test_transactions_by_their_ids(shop: Shop, trade: Trade) -> None:
    both = [trade.entry["TxnID"], trade.invoice["TxnID"]]
    assert found(shop, trade, TxnID=both) == ["entry", "invoice"]
    answer = shop.one("TransactionQuery", {"TxnID": [*both, "FFFF-1700000000"]})
    assert (answer.status_code, len(answer.records)) == (500, 2)


def test_hours_are_no_transactions_here(shop: Shop, trade: Trade) -> None:
    hours = shop.txn("TimeTracking", EntityRef=ref("Eve Worker"), Duration="PT1H")
    assert found(shop, trade) == ALL
    assert shop.one("TransactionQuery", {"TxnID": [hours["TxnID"]]}).status_code == 500


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"TransactionTypeFilter": only("All")}, ALL),
        ({"TransactionTypeFilter": only("Deposit", "Invoice", "Paycheck")}, ["invoice", "deposit"]),
        ({"TransactionPostingStatusFilter": "NonPosting"}, ["estimate"]),
        ({"TransactionPostingStatusFilter": "Posting"}, [one for one in ALL if one != "estimate"]),
        ({"TransactionPaidStatusFilter": "Open"}, ["invoice"]),
        ({"TransactionPaidStatusFilter": "Closed"}, ALL[1:]),
        ({"RefNumber": ["a1"]}, ["invoice", "sale"]),
        ({"RefNumberCaseSensitive": ["a1"]}, ["sale"]),
        ({"RefNumberFilter": {"MatchCriterion": "StartsWith", "RefNumber": "A"}}, ["invoice", "sale"]),
        ({"RefNumberRangeFilter": {"FromRefNumber": "5", "ToRefNumber": "9"}}, ["entry"]),
        (
            {"TransactionDateRangeFilter": {"FromTxnDate": "2023-10-03", "ToTxnDate": "2023-10-31"}},
            ["entry", "transfer"],
        ),
        ({"TransactionDateRangeFilter": {"DateMacro": "ThisMonth"}}, ["sale", "deposit"]),
        ({"TransactionModifiedDateRangeFilter": {"DateMacro": "Yesterday"}}, []),
        ({"TransactionModifiedDateRangeFilter": {"DateMacro": "Today"}}, ALL),
        ({"TransactionEntityFilter": {"FullName": ["Ann"]}}, ["estimate", "sale", "deposit"]),
        ({"TransactionEntityFilter": {"FullName": ["Bob"]}}, []),
        ({"TransactionEntityFilter": {"FullNameWithChildren": "Bob"}}, ["invoice"]),
        ({"TransactionEntityFilter": {"EntityTypeFilter": "Customer"}}, ["invoice", "estimate", "sale", "deposit"]),
        ({"TransactionEntityFilter": {"EntityTypeFilter": "Vendor"}}, []),
        ({"TransactionAccountFilter": {"FullName": ["Savings", "Rent"]}}, ["entry", "transfer"]),
        ({"TransactionAccountFilter": {"AccountTypeFilter": "Bank"}}, ["entry", "transfer", "deposit"]),
        ({"TransactionAccountFilter": {"AccountTypeFilter": "BankAndUF"}}, ["entry", "transfer", "sale", "deposit"]),
        ({"TransactionAccountFilter": {"AccountTypeFilter": "OrdinaryIncome"}}, ["invoice", "sale"]),
        ({"TransactionAccountFilter": {"AccountTypeFilter": "Liability"}}, []),
        ({"TransactionItemFilter": {"FullName": ["Work"]}}, ["estimate", "sale"]),
        ({"TransactionItemFilter": {"ItemTypeFilter": "NonInventory"}}, ["sale"]),
        ({"TransactionItemFilter": {"ItemTypeFilter": "AllExceptFixedAsset"}}, ["invoice", "estimate", "sale"]),
        ({"TransactionClassFilter": {"FullName": ["North"]}}, ["entry"]),
        (
            {"TransactionEntityFilter": {"FullName": ["Ann"]}, "TransactionPostingStatusFilter": "Posting"},
            ["sale", "deposit"],
        ),
    ],
)
def test_filters(shop: Shop, trade: Trade, filters: dict[str, Any], names: list[str]) -> None:
    answer = shop.one("TransactionQuery", filters)
    assert [trade.names[one["TxnID"]] for one in answer.records] == names
    assert answer.status_code == (0 if names else 1)


@pytest.mark.usefixtures("trade")
def test_filters_choose_rows_where_rows_are_asked_for(shop: Shop) -> None:
    rows = asked(
        shop,
        TransactionAccountFilter={"FullName": ["Savings"]},
        TransactionDetailLevelFilter="AllExceptSummary",
    )
    assert [str(one["Amount"]) for one in rows] == ["-2.00", "30.00"]
    item = {"FullName": ["Board"]}
    board = asked(shop, TransactionItemFilter=item, TransactionDetailLevelFilter="All")
    assert [str(one["Amount"]) for one in board] == ["-20.00"]
    mine = asked(shop, TransactionEntityFilter={"FullName": ["Ann"]}, TransactionDetailLevelFilter="AllExceptSummary")
    assert [str(one["Amount"]) for one in mine] == ["-100.00", "-20.00", "-120.00"]


@pytest.mark.usefixtures("trade")
def test_a_range_the_wrong_way_round_is_refused(shop: Shop) -> None:
    dates = {"FromTxnDate": "2023-10-03", "ToTxnDate": "2023-10-02"}
    assert shop.one("TransactionQuery", {"TransactionDateRangeFilter": dates}).status_code == 3030
    numbers = {"FromRefNumber": "9", "ToRefNumber": "5"}
    assert shop.one("TransactionQuery", {"RefNumberRangeFilter": numbers}).status_code == 3031


@pytest.mark.usefixtures("trade")
def test_what_can_not_be_found(shop: Shop) -> None:
    assert shop.one("TransactionQuery", {"RefNumber": ["A1", "none"]}).status_code == 500
    assert shop.one("TransactionQuery", {"TransactionEntityFilter": {"FullName": ["Nobody"]}}).status_code == 3140
    types = {"AccountTypeFilter": "AllowedFor1099"}
    assert shop.one("TransactionQuery", {"TransactionAccountFilter": types}).status_code == 1030


def test_pages_and_counts(shop: Shop, trade: Trade) -> None:
    page = shop.one("TransactionQuery", {"iterator": "Start", "MaxReturned": 4})
    assert [trade.names[one["TxnID"]] for one in page.records] == ALL[:4]
    assert page.iterator_remaining_count == 2
    going_on = {"iterator": "Continue", "iteratorID": page.iterator_id, "MaxReturned": 4}
    rest = shop.one("TransactionQuery", going_on)
    assert [trade.names[one["TxnID"]] for one in rest.records] == ALL[4:]
    assert shop.one("TransactionQuery", going_on).status_code == 3391
    assert len(asked(shop, MaxReturned=2)) == 2
    assert shop.one("TransactionQuery", {"metaData": "MetaDataOnly"}).ret_count == 6


def test_a_void_transaction_moves_nothing(shop: Shop, trade: Trade) -> None:
    shop.void(trade.entry)
    row = asked(shop, TransactionTypeFilter=only("JournalEntry"))[0]
    assert str(row["Amount"]) == "0.00"
    assert "JournalEntry" not in str(asked(shop, TransactionPostingStatusFilter="NonPosting"))


@pytest.mark.parametrize(
    "filters",
    [
        {"TransactionDateRangeFilter": {"DateMacro": "ThisMonth"}},
        {"TransactionModifiedDateRangeFilter": {"DateMacro": "Today"}},
        {"TransactionEntityFilter": {"FullName": ["Ann"]}},
        {"TransactionAccountFilter": {"FullName": ["Savings"]}},
        {"TransactionItemFilter": {"FullName": ["Work"]}},
        {"TransactionClassFilter": {"FullName": ["North"]}},
        {"RefNumber": ["7"]},
    ],
)
@pytest.mark.usefixtures("trade")
def test_nothing_is_read_from_end_to_end(shop: Shop, filters: dict[str, Any]) -> None:
    """Each filter goes by an index: no statement goes over all transactions, postings or uses."""
    sql = shop.company._storage.sql
    asked_of_file: list[str] = []
    sql.set_trace_callback(asked_of_file.append)
    asked(shop, **filters, TransactionDetailLevelFilter="All")
    sql.set_trace_callback(None)
    selects = [one for one in asked_of_file if one.startswith("SELECT") and "transactions" in one]
    assert selects
    for one in selects:
        plan = [str(row[3]) for row in sql.execute(f"EXPLAIN QUERY PLAN {one}")]
        assert not [step for step in plan if step.startswith("SCAN") or step.endswith("(kind=?)")], plan
