"""Journal entries: debits and credits, their order, their numbers, receivables and payables among them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.qbsimulator.ledger.shop import Shop, ref


def side(account: str, amount: str | None = None, name: str | None = None, **fields: Any) -> dict[str, Any]:
    line: dict[str, Any] = {"AccountRef": ref(account), **fields}
    if amount is not None:
        line["Amount"] = amount
    return line if name is None else {**line, "EntityRef": ref(name)}


def entry(shop: Shop, debits: list[dict[str, Any]], credits: list[dict[str, Any]], **fields: Any) -> Any:
    return shop.txn("JournalEntry", JournalDebitLine=debits, JournalCreditLine=credits, **fields)


def refused(shop: Shop, debits: list[dict[str, Any]], credits: list[dict[str, Any]]) -> tuple[int, str]:
    answer = shop.try_txn("JournalEntry", JournalDebitLine=debits, JournalCreditLine=credits)
    return answer.status_code, answer.status_message


def changed_lines(shop: Shop, record: Any, *lines: dict[str, Any]) -> Any:
    return shop.change(record, JournalLineMod=list(lines))


@pytest.fixture
def rent(shop: Shop) -> Any:
    return entry(shop, [side("Rent", "40.00"), side("Supplies", "2.50")], [side("Checking", "42.50")])


def test_an_entry_posts_as_it_is_written(shop: Shop, rent: Any) -> None:
    assert rent["TxnID"] == "1-1700000000"
    ids = [one["TxnLineID"] for one in (*rent["JournalDebitLine"], *rent["JournalCreditLine"])]
    assert ids == ["2-1700000000", "3-1700000000", "4-1700000000"]  # no number is passed over
    assert rent["IsAdjustment"] is False
    assert (str(rent["TxnDate"]), rent["RefNumber"], rent["TxnNumber"]) == ("2023-11-14", "1", 1)
    assert [shop.balance(one) for one in ("Rent", "Supplies", "Checking")] == ["40.00", "2.50", "-42.50"]


def test_lines_keep_the_order_of_the_document(shop: Shop) -> None:
    answer = shop.raw(
        "<JournalEntryAddRq><JournalEntryAdd>"
        "<JournalCreditLine><AccountRef><FullName>Checking</FullName></AccountRef><Amount>5.00</Amount></JournalCreditLine>"
        "<JournalDebitLine><AccountRef><FullName>Rent</FullName></AccountRef><Amount>9.00</Amount></JournalDebitLine>"
        "<JournalCreditLine><AccountRef><FullName>Savings</FullName></AccountRef><Amount>4.00</Amount></JournalCreditLine>"
        "</JournalEntryAdd></JournalEntryAddRq>"
    ).decode()
    names = ("Checking", "Rent", "Savings")
    places = [answer.index(f"<FullName>{name}</FullName>") for name in names]
    assert places == sorted(places)


def test_lines_come_only_when_they_are_asked_for(shop: Shop, rent: Any) -> None:
    plain = shop.one("JournalEntryQuery", {"TxnID": [rent["TxnID"]]}).records[0]
    assert not {"JournalDebitLine", "JournalCreditLine"} & set(plain)
    assert len(shop.now(rent)["JournalDebitLine"]) == 2


def test_an_unbalanced_entry_is_no_date_range(shop: Shop) -> None:
    code, message = refused(shop, [side("Rent", "40.00")], [side("Checking", "39.99")])
    assert code == 3180
    assert message.startswith("There was an error when saving a JournalEntry.  QuickBooks error message: ")
    shop.company.configure(unbalanced_journal=3210)
    assert refused(shop, [side("Rent", "40.00")], [side("Checking", "39.99")])[0] == 3210
    assert shop.balance("Rent") == "0.00"


def test_an_entry_that_moves_nothing_is_empty(shop: Shop) -> None:
    assert refused(shop, [side("Rent", "0.00")], [side("Checking", "0.00")])[0] == 3180
    assert refused(shop, [side("Rent")], [side("Checking")])[0] == 3180


def test_an_amount_needs_an_account(shop: Shop) -> None:
    assert refused(shop, [{"Amount": "1.00"}], [side("Checking", "1.00")]) == (
        3150,
        'There is a missing element: "AccountRef"',
    )


def test_a_line_may_be_a_memo_alone(shop: Shop) -> None:
    lines = [side("Rent", "1.00"), {"Memo": "see the lease"}]
    made = entry(shop, lines, [side("Checking", "1.00")])
    assert made["JournalDebitLine"][1]["Memo"] == "see the lease"


@pytest.mark.parametrize(
    ("account", "name", "code"),
    [
        ("Accounts Receivable", None, 3150),
        ("Accounts Receivable", "Lumber Ltd", 3140),
        ("Accounts Payable", None, 3150),
        ("Accounts Payable", "Ann", 3140),
    ],
)
def test_open_accounts_need_their_names(shop: Shop, account: str, name: str | None, code: int) -> None:
    shop.add("Account", {"Name": "Accounts Receivable", "AccountType": "AccountsReceivable"})
    shop.add("Account", {"Name": "Accounts Payable", "AccountType": "AccountsPayable"})
    assert refused(shop, [side(account, "5.00", name)], [side("Sales", "5.00")])[0] == code


def test_accounts_that_take_no_postings_are_refused(shop: Shop) -> None:
    shop.add("Account", {"Name": "Orders", "AccountType": "NonPosting"})
    assert refused(shop, [side("Orders", "5.00")], [side("Sales", "5.00")])[0] == 3140


def test_what_is_unknown_is_refused(shop: Shop) -> None:
    code, message = refused(shop, [side("Nowhere", "5.00")], [side("Sales", "5.00")])
    assert code == 3140
    assert message.startswith('There is an invalid reference to QuickBooks Account "Nowhere" in the JournalEntry line.')


def test_receivables_and_payables_move_the_balances_of_names(shop: Shop) -> None:
    shop.add("Account", {"Name": "Debtors", "AccountType": "AccountsReceivable"})
    shop.add("Account", {"Name": "Creditors", "AccountType": "AccountsPayable"})
    before = shop.one("CustomerQuery", {"FullName": ["Ann"]}).records[0]
    shop.time.pass_(5)
    entry(shop, [side("Debtors", "30.00", "Ann"), side("Debtors", "20.00", "Bob")], [side("Sales", "50.00")])
    entry(shop, [side("Rent", "7.00")], [side("Creditors", "7.00", "Lumber Ltd")])
    assert [shop.balance(one, "Customer") for one in ("Ann", "Bob")] == ["30.00", "20.00"]
    assert shop.balance("Lumber Ltd", "Vendor") == shop.balance("Creditors") == "7.00"
    after = shop.again(before)
    assert after["EditSequence"] == before["EditSequence"]
    assert after["TimeModified"] > before["TimeModified"]


def test_each_receivable_line_is_a_part_of_its_own(shop: Shop) -> None:
    shop.add("Account", {"Name": "Debtors", "AccountType": "AccountsReceivable"})
    lines = [side("Debtors", "30.00", "Ann"), side("Debtors", "20.00", "Ann")]
    made = entry(shop, lines, [side("Sales", "50.00")])
    parts = shop.company.transactions.store.parts(made["TxnID"])
    assert [(one.line, one.open) for one in parts] == [
        (made["JournalDebitLine"][0]["TxnLineID"], 3000),
        (made["JournalDebitLine"][1]["TxnLineID"], 2000),
    ]


def test_entries_need_no_numbers(shop: Shop) -> None:
    shop.company.configure(numbers_journal_entries=False)
    assert "RefNumber" not in entry(shop, [side("Rent", "1.00")], [side("Checking", "1.00")])
    given = entry(shop, [side("Rent", "1.00")], [side("Checking", "1.00")], RefNumber="A7", IsAdjustment=True)
    assert (given["RefNumber"], given["IsAdjustment"]) == ("A7", True)


def test_currencies_are_refused(shop: Shop) -> None:
    sides = {"JournalDebitLine": [side("Rent", "1.00")], "JournalCreditLine": [side("Checking", "1.00")]}
    assert shop.try_txn("JournalEntry", IsAmountsEnteredInHomeCurrency=True, **sides).status_code == 3250


# -- changing ----------------------------------------------------------------------------------------------------


def test_a_change_without_lines_keeps_them(shop: Shop, rent: Any) -> None:
    new = shop.changed(rent, IsAdjustment=True, RefNumber="7")
    assert (new["IsAdjustment"], new["RefNumber"]) == (True, "7")
    assert new["JournalDebitLine"] == rent["JournalDebitLine"]
    assert new["EditSequence"] == "1700000001"


def test_a_change_with_lines_has_all_of_them(shop: Shop, rent: Any) -> None:
    first, second = (one["TxnLineID"] for one in rent["JournalDebitLine"])
    paid = rent["JournalCreditLine"][0]["TxnLineID"]
    answer = changed_lines(
        shop,
        rent,
        {"TxnLineID": first, "Amount": "41.00"},
        {"TxnLineID": "-1", "JournalLineType": "Credit", **side("Savings", "1.00")},
        {"TxnLineID": paid, "Amount": "40.00"},
    )
    assert answer.status_code == 0, answer.status_message
    new = answer.records[0]
    assert [one["TxnLineID"] for one in new["JournalDebitLine"]] == [first]
    assert second not in str(new)
    assert [one["AccountRef"]["FullName"] for one in new["JournalCreditLine"]] == ["Savings", "Checking"]
    balances = [shop.balance(one) for one in ("Rent", "Supplies", "Savings", "Checking")]
    assert balances == ["41.00", "0.00", "-1.00", "-40.00"]


def test_a_line_may_change_its_side(shop: Shop) -> None:
    made = entry(shop, [side("Rent", "5.00")], [side("Checking", "5.00")])
    debit, credit = made["JournalDebitLine"][0]["TxnLineID"], made["JournalCreditLine"][0]["TxnLineID"]
    sides = ({"TxnLineID": debit, "JournalLineType": "Credit"}, {"TxnLineID": credit, "JournalLineType": "Debit"})
    new = changed_lines(shop, made, *sides).records[0]
    assert (new["JournalDebitLine"][0]["TxnLineID"], new["JournalCreditLine"][0]["TxnLineID"]) == (credit, debit)
    assert [shop.balance(one) for one in ("Rent", "Checking")] == ["-5.00", "5.00"]


def test_what_a_change_may_not_do(shop: Shop, rent: Any) -> None:
    first, second = (one["TxnLineID"] for one in rent["JournalDebitLine"])
    paid = rent["JournalCreditLine"][0]["TxnLineID"]
    assert changed_lines(shop, rent, {"TxnLineID": first}, {"TxnLineID": paid}).status_code == 3180  # out of balance
    assert changed_lines(shop, rent, {"TxnLineID": second}, {"TxnLineID": first}).status_code == 3290
    assert changed_lines(shop, rent, {"TxnLineID": "FFFF-1700000000"}).status_code == 3120
    assert changed_lines(shop, rent, {"TxnLineID": "-1", **side("Rent", "1.00")}).status_code == 3150
    assert shop.now(rent)["EditSequence"] == rent["EditSequence"]


def test_an_old_edit_sequence_is_refused(shop: Shop, rent: Any) -> None:
    shop.changed(rent, RefNumber="7")
    answer = shop.change(rent, RefNumber="8")
    assert answer.status_code == 3200
    assert answer.records[0]["RefNumber"] == "7"


# -- deleting and voiding ----------------------------------------------------------------------------------------


def test_deleting_an_entry_takes_everything_back(shop: Shop, rent: Any) -> None:
    assert shop.remove(rent).status_code == 0
    assert [shop.balance(one) for one in ("Rent", "Supplies", "Checking")] == ["0.00", "0.00", "0.00"]
    assert shop.one("JournalEntryQuery", {"TxnID": [rent["TxnID"]]}).status_code == 500


def test_voiding_an_entry_keeps_its_lines(shop: Shop, rent: Any) -> None:
    assert shop.void(rent).status_code == 0
    new = shop.now(rent)
    assert [str(one["Amount"]) for one in new["JournalDebitLine"]] == ["0.00", "0.00"]
    assert shop.balance("Checking") == "0.00"


# -- what is owed by an entry ------------------------------------------------------------------------------------


@pytest.fixture
def owed(shop: Shop) -> Any:
    """Ann owes 30.00 and 20.00 by two lines of one entry."""
    shop.add("Account", {"Name": "Debtors", "AccountType": "AccountsReceivable"})
    lines = [side("Debtors", "30.00", "Ann"), side("Debtors", "20.00", "Ann")]
    return entry(shop, lines, [side("Sales", "50.00")])


def pay(shop: Shop, record: Any, amount: str) -> Any:
    given = [{"TxnID": record["TxnID"], "PaymentAmount": amount}]
    return shop.txn("ReceivePayment", CustomerRef=ref("Ann"), TotalAmount=amount, AppliedToTxnAdd=given)


def left(shop: Shop, record: Any) -> list[int]:
    return [one.open for one in shop.company.transactions.store.parts(record["TxnID"])]


def test_an_entry_is_paid(shop: Shop, owed: Any) -> None:
    payment = pay(shop, owed, "35.00")
    assert left(shop, owed) == [0, 1500]
    assert shop.balance("Ann", "Customer") == "15.00"
    assert shop.now(owed)["EditSequence"] == owed["EditSequence"]
    assert shop.remove(payment).status_code == 0
    assert left(shop, owed) == [3000, 2000]


def test_what_is_paid_can_not_be_taken_back_by_a_change(shop: Shop, owed: Any) -> None:
    pay(shop, owed, "35.00")
    first, second = (one["TxnLineID"] for one in owed["JournalDebitLine"])
    sold = owed["JournalCreditLine"][0]["TxnLineID"]
    gone = ({"TxnLineID": second, "Amount": "50.00"}, {"TxnLineID": sold})
    assert changed_lines(shop, owed, *gone).status_code == 3180
    less = ({"TxnLineID": first, "Amount": "29.99"}, {"TxnLineID": second, "Amount": "20.01"}, {"TxnLineID": sold})
    assert changed_lines(shop, owed, *less).status_code == 3180
    another = ({"TxnLineID": first, "EntityRef": ref("Bob")}, {"TxnLineID": second}, {"TxnLineID": sold})
    assert changed_lines(shop, owed, *another).status_code == 3180
    more = ({"TxnLineID": first}, {"TxnLineID": second, "Amount": "25.00"}, {"TxnLineID": sold, "Amount": "55.00"})
    assert changed_lines(shop, owed, *more).status_code == 0
    assert left(shop, owed) == [0, 2000]


def test_a_void_entry_leaves_its_payment_unapplied(shop: Shop, owed: Any) -> None:
    payment = pay(shop, owed, "35.00")
    assert shop.void(owed).status_code == 0
    assert str(shop.now(payment)["UnusedPayment"]) == "35.00"
    assert shop.balance("Ann", "Customer") == "-35.00"


def test_classes_need_their_preference(shop: Shop) -> None:
    shop.company.configure(uses_classes=False)
    lines = [side("Rent", "1.00", ClassRef=ref("North"))]
    assert refused(shop, lines, [side("Checking", "1.00")])[0] == 3250
