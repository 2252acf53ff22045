"""Money in the bank: transfers, deposits, the checks that pay sales tax."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref

# -- transfers ---------------------------------------------------------------------------------------------------


def transfer(shop: Shop, source: str, target: str, amount: str, **fields: Any) -> Any:
    return shop.try_txn(
        "Transfer", TransferFromAccountRef=ref(source), TransferToAccountRef=ref(target), Amount=amount, **fields
    )


def test_a_transfer_moves_money(shop: Shop) -> None:
    made = transfer(shop, "Checking", "Savings", "75.25", Memo="to save").records[0]
    assert [shop.balance(one) for one in ("Checking", "Savings")] == ["-75.25", "75.25"]
    assert (str(made["FromAccountBalance"]), str(made["ToAccountBalance"])) == ("-75.25", "75.25")
    assert (str(made["TxnDate"]), made["Memo"], "RefNumber" in made) == ("2023-11-14", "to save", False)


def test_a_transfer_may_pay_a_debt(shop: Shop) -> None:
    made = transfer(shop, "Checking", "Card", "20.00").records[0]
    assert shop.balance("Card") == str(made["ToAccountBalance"]) == "-20.00"  # a credit on what is owed


@pytest.mark.parametrize("account", ["Sales", "Rent", "Accounts Receivable"])
def test_a_transfer_is_between_accounts_that_hold_money(shop: Shop, account: str) -> None:
    shop.add("Account", {"Name": "Accounts Receivable", "AccountType": "AccountsReceivable"})
    assert transfer(shop, "Checking", account, "1.00").status_code == 3140
    assert transfer(shop, account, "Checking", "1.00").status_code == 3140


def test_a_transfer_needs_all_its_parts(shop: Shop) -> None:
    assert shop.try_txn("Transfer", TransferToAccountRef=ref("Savings"), Amount="1.00").status_code == 3150
    assert shop.try_txn("Transfer", TransferFromAccountRef=ref("Savings"), Amount="1.00").status_code == 3150
    both = {"TransferFromAccountRef": ref("Checking"), "TransferToAccountRef": ref("Savings")}
    assert shop.try_txn("Transfer", **both).status_code == 3150
    assert shop.try_txn("Transfer", **both, Amount="0.00").status_code == 3180


def test_a_transfer_is_changed_and_stays(shop: Shop) -> None:
    made = transfer(shop, "Checking", "Savings", "75.25").records[0]
    new = shop.changed(made, Amount="70.00", TransferToAccountRef=ref("Card"))
    assert new["EditSequence"] == "1700000001"
    assert [shop.balance(one) for one in ("Checking", "Savings", "Card")] == ["-70.00", "0.00", "-70.00"]
    # No TxnDelType has it.
    content = f"<TxnDelType>Transfer</TxnDelType><TxnID>{new['TxnID']}</TxnID>"
    assert b'statusCode="3110"' in shop.raw(f"<TxnDelRq>{content}</TxnDelRq>")


# -- deposits ----------------------------------------------------------------------------------------------------


def deposit(shop: Shop, *lines: dict[str, Any], **fields: Any) -> Any:
    given = {"DepositToAccountRef": ref("Checking"), "DepositLineAdd": list(lines), **fields}
    return shop.try_txn("Deposit", **given)


def money(account: str, amount: str, name: str | None = None, **fields: Any) -> dict[str, Any]:
    line = {"AccountRef": ref(account), "Amount": amount, **fields}
    return line if name is None else {"EntityRef": ref(name), **line}


@pytest.fixture
def sale(shop: Shop) -> Record:
    """Money for 50.00 in Undeposited Funds."""
    return shop.txn(
        "SalesReceipt",
        CustomerRef=ref("Ann"),
        CheckNumber="7733",
        PaymentMethodRef=ref("Check"),
        Memo="work",
        SalesReceiptLineAdd=[{"ItemRef": ref("Work")}],
    )


def waiting(shop: Shop) -> list[tuple[str, str]]:
    found = shop.one("ReceivePaymentToDepositQuery").records
    return [(str(one["TxnID"]), str(one["Amount"])) for one in found]


def test_money_from_elsewhere_is_deposited(shop: Shop) -> None:
    made = deposit(shop, money("Capital", "500.00", Memo="mine"), money("Interest", "1.20")).records[0]
    assert (str(made["DepositTotal"]), str(made["TxnDate"])) == ("501.20", "2023-11-14")
    assert [str(one["Amount"]) for one in made["DepositLineRet"]] == ["500.00", "1.20"]
    assert [shop.balance(one) for one in ("Checking", "Capital", "Interest")] == ["501.20", "500.00", "1.20"]


def test_a_payment_is_deposited(shop: Shop, sale: Record) -> None:
    listed = shop.one("ReceivePaymentToDepositQuery").records[0]
    assert (listed["TxnID"], listed["TxnType"], str(listed["Amount"])) == (sale["TxnID"], "SalesReceipt", "50.00")
    assert listed["CustomerRef"]["FullName"] == "Ann"
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}).records[0]
    line = made["DepositLineRet"][0]
    assert (line["TxnType"], line["TxnID"], str(line["Amount"])) == ("SalesReceipt", sale["TxnID"], "50.00")
    assert line["PaymentTxnLineID"] == listed["TxnLineID"]
    assert (line["EntityRef"]["FullName"], line["AccountRef"]["FullName"]) == ("Ann", "Undeposited Funds")
    assert (line["CheckNumber"], line["PaymentMethodRef"]["FullName"], line["Memo"]) == ("7733", "Check", "work")
    assert [shop.balance(one) for one in ("Checking", "Undeposited Funds")] == ["50.00", "0.00"]
    assert shop.one("ReceivePaymentToDepositQuery").status_code == 1


def test_a_line_may_say_otherwise_than_the_payment(shop: Shop, sale: Record) -> None:
    own = {"OverrideMemo": "till", "OverrideCheckNumber": "1", "OverrideClassRef": ref("North")}
    line = deposit(shop, {"PaymentTxnID": sale["TxnID"], **own}).records[0]["DepositLineRet"][0]
    assert (line["Memo"], line["CheckNumber"], line["ClassRef"]["FullName"]) == ("till", "1", "North")


def test_a_payment_is_in_one_deposit_only(shop: Shop, sale: Record) -> None:
    payment = {"PaymentTxnID": sale["TxnID"]}
    assert deposit(shop, payment, payment).status_code == 3120
    assert deposit(shop, payment).status_code == 0
    assert deposit(shop, payment).status_code == 3120
    assert shop.balance("Checking") == "50.00"


def test_what_does_not_wait_is_not_deposited(shop: Shop, sale: Record) -> None:
    bank = shop.txn(
        "SalesReceipt",
        CustomerRef=ref("Ann"),
        DepositToAccountRef=ref("Checking"),
        SalesReceiptLineAdd=[{"ItemRef": ref("Work")}],
    )
    assert deposit(shop, {"PaymentTxnID": bank["TxnID"]}).status_code == 3120
    assert deposit(shop, {"PaymentTxnID": "FFFF-1700000000"}).status_code == 3120
    assert deposit(shop, {"PaymentTxnID": "nothing"}).status_code == 3000
    wrong = {"PaymentTxnID": sale["TxnID"], "PaymentTxnLineID": "FFFF-1700000000"}
    assert deposit(shop, wrong).status_code == 3120


def test_a_line_of_a_journal_entry_is_deposited(shop: Shop, sale: Record) -> None:
    lines = [money("Undeposited Funds", "3.00", "Bob"), money("Undeposited Funds", "4.00", "Ann")]
    entry = shop.txn("JournalEntry", JournalDebitLine=lines, JournalCreditLine=[money("Sales", "7.00")])
    first, second = (one["TxnLineID"] for one in entry["JournalDebitLine"])
    # Without a line the first one is taken.
    made = deposit(shop, {"PaymentTxnID": entry["TxnID"]}).records[0]["DepositLineRet"][0]
    assert (made["PaymentTxnLineID"], str(made["Amount"]), made["EntityRef"]["FullName"]) == (first, "3.00", "Bob")
    assert waiting(shop) == [(sale["TxnID"], "50.00"), (entry["TxnID"], "4.00")]
    chosen = {"PaymentTxnID": entry["TxnID"], "PaymentTxnLineID": second}
    assert str(deposit(shop, chosen).records[0]["DepositTotal"]) == "4.00"


def test_cash_is_taken_back(shop: Shop, sale: Record) -> None:
    shop.add("Account", {"Name": "Till", "AccountType": "Bank"})
    back = {"AccountRef": ref("Till"), "Amount": "20.00", "Memo": "for change"}
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}, CashBackInfoAdd=back).records[0]
    assert str(made["DepositTotal"]) == "30.00"
    assert (made["CashBackInfoRet"]["AccountRef"]["FullName"], made["CashBackInfoRet"]["Memo"]) == (
        "Till",
        "for change",
    )
    assert [shop.balance(one) for one in ("Checking", "Till", "Undeposited Funds")] == ["30.00", "20.00", "0.00"]
    new = shop.changed(made, CashBackInfoMod={"Amount": "5.00"})
    assert new["CashBackInfoRet"]["TxnLineID"] == made["CashBackInfoRet"]["TxnLineID"]
    assert [shop.balance(one) for one in ("Checking", "Till")] == ["45.00", "5.00"]


def test_a_deposit_may_be_of_a_customers_money(shop: Shop) -> None:
    shop.invoice("Ann")
    assert deposit(shop, money("Accounts Receivable", "30.00", "Ann")).status_code == 0
    assert shop.balance("Ann", "Customer") == shop.balance("Accounts Receivable") == "70.00"
    assert deposit(shop, money("Accounts Receivable", "30.00")).status_code == 3150
    assert deposit(shop, money("Accounts Receivable", "30.00", "Lumber Ltd")).status_code == 3140


def test_what_a_deposit_needs(shop: Shop) -> None:
    assert deposit(shop).status_code == 3180
    assert deposit(shop, money("Capital", "0.00")).status_code == 3180
    assert deposit(shop, {"AccountRef": ref("Capital")}).status_code == 3150
    assert deposit(shop, money("Capital", "1.00"), DepositToAccountRef=ref("Sales")).status_code == 3140
    assert deposit(shop, money("Capital", "1.00"), CashBackInfoAdd={"AccountRef": ref("Savings")}).status_code == 3150


def test_a_changed_deposit_frees_its_payments(shop: Shop, sale: Record) -> None:
    other = shop.txn("SalesReceipt", CustomerRef=ref("Bob"), SalesReceiptLineAdd=[{"ItemRef": ref("Advice")}])
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}, money("Capital", "1.00")).records[0]
    first, second = (one["TxnLineID"] for one in made["DepositLineRet"])
    kept = shop.changed(
        made, DepositLineMod=[{"TxnLineID": first}, {"TxnLineID": "-1", "PaymentTxnID": other["TxnID"]}]
    )
    assert [str(one["Amount"]) for one in kept["DepositLineRet"]] == ["50.00", "80.00"]
    assert second not in str(kept)
    assert (shop.balance("Checking"), waiting(shop)) == ("130.00", [])
    new = shop.changed(kept, DepositLineMod=[{"TxnLineID": kept["DepositLineRet"][1]["TxnLineID"]}])
    assert (str(new["DepositTotal"]), waiting(shop)) == ("80.00", [(sale["TxnID"], "50.00")])


def test_a_line_may_become_another(shop: Shop, sale: Record) -> None:
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}).records[0]
    line = made["DepositLineRet"][0]["TxnLineID"]
    own = shop.changed(made, DepositLineMod=[{"TxnLineID": line, **money("Capital", "9.00")}])
    assert "TxnID" not in own["DepositLineRet"][0]
    assert waiting(shop) == [(sale["TxnID"], "50.00")]
    back = shop.changed(own, DepositLineMod=[{"TxnLineID": line, "PaymentTxnID": sale["TxnID"]}])
    assert (back["DepositLineRet"][0]["TxnLineID"], str(back["DepositTotal"])) == (line, "50.00")
    assert waiting(shop) == []


def test_a_change_of_the_header_keeps_the_lines(shop: Shop, sale: Record) -> None:
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}).records[0]
    new = shop.changed(made, DepositToAccountRef=ref("Savings"), Memo="moved")
    assert new["DepositLineRet"] == made["DepositLineRet"]
    assert [shop.balance(one) for one in ("Checking", "Savings")] == ["0.00", "50.00"]


def test_a_deleted_deposit_frees_its_payments(shop: Shop, sale: Record) -> None:
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}).records[0]
    assert shop.remove(sale).status_code == 3160
    assert shop.remove(made).status_code == 0
    assert [shop.balance(one) for one in ("Checking", "Undeposited Funds")] == ["0.00", "50.00"]
    assert waiting(shop) == [(sale["TxnID"], "50.00")]
    assert shop.remove(sale).status_code == 0


def test_a_void_deposit_frees_its_payments_for_good(shop: Shop, sale: Record) -> None:
    made = deposit(shop, {"PaymentTxnID": sale["TxnID"]}).records[0]
    assert shop.void(made).status_code == 0
    assert waiting(shop) == [(sale["TxnID"], "50.00")]
    assert str(shop.now(made)["DepositTotal"]) == "0.00"
    assert deposit(shop, {"PaymentTxnID": sale["TxnID"]}).status_code == 0


def test_a_deposit_moves_the_time_of_its_payments_and_no_more(shop: Shop, sale: Record) -> None:
    shop.time.pass_(60)
    deposit(shop, {"PaymentTxnID": sale["TxnID"]})
    after = shop.now(sale)
    assert after["TimeModified"] > sale["TimeModified"]
    assert after["EditSequence"] == sale["EditSequence"]


def test_what_is_in_a_deposit_keeps_its_amount(shop: Shop, sale: Record) -> None:
    deposit(shop, {"PaymentTxnID": sale["TxnID"]})
    line = shop.now(sale)["SalesReceiptLineRet"][0]["TxnLineID"]
    assert shop.change(sale, SalesReceiptLineMod=[{"TxnLineID": line, "Quantity": "2"}]).status_code == 3170
    assert shop.change(sale, DepositToAccountRef=ref("Savings")).status_code == 3170
    assert shop.change(sale, Memo="in the bank").status_code == 0


# -- sales tax ---------------------------------------------------------------------------------------------------


def tax_check(shop: Shop, *lines: tuple[str, str], **fields: Any) -> Any:
    given = [{"ItemSalesTaxRef": ref(item), "Amount": amount} for item, amount in lines]
    known = {"PayeeEntityRef": ref("State"), "TxnDate": "2023-12-20", "BankAccountRef": ref("Checking")}
    number = {} if {"RefNumber", "IsToBePrinted"} & set(fields) else {"IsToBePrinted": False}
    return shop.try_txn("SalesTaxPaymentCheck", **known, **number, **fields, SalesTaxPaymentCheckLineAdd=given)


def test_a_check_pays_sales_tax(shop: Shop) -> None:
    taxed = [{"ItemRef": ref("Work"), "Amount": "100.00"}]
    shop.txn("Invoice", CustomerRef=ref("Taxed"), InvoiceLineAdd=taxed)
    made = tax_check(shop, ("State tax", "6.25"), RefNumber="301").records[0]
    assert (str(made["Amount"]), made["RefNumber"]) == ("6.25", "301")
    assert [shop.balance(one) for one in ("Checking", "Sales Tax Payable")] == ["-6.25", "2.00"]
    assert shop.balance("State", "Vendor") == "0.00"
    posted = shop.company.transactions.store.postings(made["TxnID"])
    assert len({one.entity for one in posted}) == 1


def test_a_check_to_be_printed_has_no_number(shop: Shop) -> None:
    made = tax_check(shop, ("State tax", "1.00"), IsToBePrinted=True).records[0]
    assert "RefNumber" not in made
    new = shop.changed(made, RefNumber="17")
    assert (new["RefNumber"], new["IsToBePrinted"]) == ("17", False)
    assert [str(one["Amount"]) for one in new["SalesTaxPaymentCheckLineRet"]] == ["1.00"]


def test_sales_tax_is_paid_by_a_bank_to_a_vendor(shop: Shop) -> None:
    assert tax_check(shop, ("State tax", "0.00")).status_code == 3180
    assert tax_check(shop, ("Work", "1.00")).status_code == 3140
    line = [{"ItemSalesTaxRef": ref("State tax"), "Amount": "1.00"}]
    known = {"TxnDate": "2023-12-20", "IsToBePrinted": True, "SalesTaxPaymentCheckLineAdd": line}
    for payee, bank in (("Ann", "Checking"), ("State", "Sales")):
        given = {"PayeeEntityRef": ref(payee), "BankAccountRef": ref(bank), **known}
        assert shop.try_txn("SalesTaxPaymentCheck", **given).status_code == 3140


def test_a_tax_check_goes_and_is_not_voided(shop: Shop) -> None:
    made = tax_check(shop, ("State tax", "1.00"), ("City tax", "2.00")).records[0]
    content = f"<TxnVoidType>SalesTaxPaymentCheck</TxnVoidType><TxnID>{made['TxnID']}</TxnID>"
    assert b'statusCode="3110"' in shop.raw(f"<TxnVoidRq>{content}</TxnVoidRq>")
    assert shop.remove(made).status_code == 0
    assert [shop.balance(one) for one in ("Checking", "Sales Tax Payable")] == ["0.00", "0.00"]


def test_without_sales_tax_there_is_none_to_pay(shop: Shop) -> None:
    shop.company.configure(uses_sales_tax=False)
    assert tax_check(shop, ("State tax", "1.00")).status_code == 3250
    shop.company.configure(uses_sales_tax=True)


def test_what_is_owed_for_sales_tax(shop: Shop) -> None:
    assert shop.one("SalesTaxPayableQuery").status_code == 1
    sold = [{"ItemRef": ref("Work"), "Amount": "100.00"}]
    shop.txn("Invoice", CustomerRef=ref("Taxed"), TxnDate="2023-10-05", InvoiceLineAdd=sold)
    shop.txn("SalesReceipt", CustomerRef=ref("Taxed"), TxnDate="2023-11-05", SalesReceiptLineAdd=sold)
    tax_check(shop, ("City tax", "1.50"))

    def owed(**fields: Any) -> list[tuple[str, str, str]]:
        found = shop.one("SalesTaxPayableQuery", fields).records
        return [
            (one["PayeeEntityRef"]["FullName"], str(line["Amount"]), str(one["Amount"]))
            for one in found
            for line in one["SalesTaxPayableLineRet"]
        ]

    # The check was written to the state, whatever tax it names.
    assert owed() == [("City", "4.00", "4.00"), ("State", "12.50", "11.00"), ("State", "-1.50", "11.00")]
    assert owed(AsOfDate="2023-10-31") == [("City", "2.00", "2.00"), ("State", "6.25", "6.25")]
    assert shop.one("SalesTaxPayableQuery", {"AsOfDate": "2023-09-30"}).status_code == 1
    assert shop.one("SalesTaxPayableQuery", {"metaData": "MetaDataOnly"}).ret_count == 2


# -- within one message set --------------------------------------------------------------------------------------


def test_a_sale_is_brought_to_the_bank_in_the_set_that_adds_it(shop: Shop) -> None:
    line = "<SalesReceiptLineAdd><ItemRef><FullName>Work</FullName></ItemRef></SalesReceiptLineAdd>"
    sale = f"<CustomerRef><FullName>Ann</FullName></CustomerRef>{line}"
    bank = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"
    answer = shop.raw(
        f'<SalesReceiptAddRq><SalesReceiptAdd defMacro="TxnID:sale">{sale}</SalesReceiptAdd></SalesReceiptAddRq>'
        f'<DepositAddRq><DepositAdd>{bank}<DepositLineAdd><PaymentTxnID useMacro="TxnID:sale"/></DepositLineAdd>'
        "</DepositAdd></DepositAddRq>"
    )
    assert answer.count(b'statusCode="0"') == 2
    assert shop.balance("Checking") == "50.00"


def test_a_line_of_an_entry_is_named_in_the_set_that_adds_it(shop: Shop) -> None:
    def side(name: str, account: str, amount: str, macro: str = "") -> str:
        inner = f"<AccountRef><FullName>{account}</FullName></AccountRef><Amount>{amount}</Amount>"
        return f"<Journal{name}Line{macro}>{inner}</Journal{name}Line>"

    shop.txn("SalesReceipt", CustomerRef=ref("Ann"), SalesReceiptLineAdd=[{"ItemRef": ref("Work")}])
    second = ' defMacro="TxnLineID:second"'
    debits = side("Debit", "Undeposited Funds", "1.00") + side("Debit", "Undeposited Funds", "2.00", second)
    entry = f"{debits}{side('Credit', 'Sales', '3.00')}"
    bank = "<DepositToAccountRef><FullName>Checking</FullName></DepositToAccountRef>"
    line = '<PaymentTxnID useMacro="TxnID:entry"/><PaymentTxnLineID useMacro="TxnLineID:second"/>'
    answer = shop.raw(
        f'<JournalEntryAddRq><JournalEntryAdd defMacro="TxnID:entry">{entry}</JournalEntryAdd></JournalEntryAddRq>'
        f"<DepositAddRq><DepositAdd>{bank}<DepositLineAdd>{line}</DepositLineAdd></DepositAdd></DepositAddRq>"
    )
    assert answer.count(b'statusCode="0"') == 2
    assert shop.balance("Checking") == "2.00"
