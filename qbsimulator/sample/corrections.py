"""What went wrong in the sample company's books and was put right: changes, voids, deletions; and what was reconciled.

Each kind of change happens to documents made for it, or in fields that nothing else depends on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from . import people
from .diary import LAST, Diary, workday
from .sales import Line, Sold
from .step import Content, Of, add, mod, moment, ref

#: The last change of the first customer, after which nothing happens to her.
ANNIE_CHANGED = moment("2023-09-17T18:13:59")


class Corrections:
    """Writes them into the diary."""

    def __init__(self, diary: Diary, sold: Sold) -> None:
        self._diary = diary
        self._sold = sold

    def write(self) -> None:
        """All of it."""
        checked = mod("Customer", f"Customer {people.ANNIE}", {"Notes": ""})
        self._diary.note(date(2023, 9, 17), f"Customer {people.ANNIE}", checked, at=ANNIE_CHANGED)
        self._jobs()
        self._lists()
        self._changed_sales()
        self._changed_purchases()
        self._changed_office()
        self._voided()
        self._deleted()
        self._reconciled()

    def _add(self, day: str, key: str, kind: str, content: Content) -> None:
        self._diary.note(date.fromisoformat(day), key, add(kind, {"TxnDate": day, **content}))

    def _mod(self, day: str, key: str, kind: str, content: Content) -> None:
        self._diary.note(date.fromisoformat(day), key, mod(kind, key, content))

    # -- lists -------------------------------------------------------------------------------------------------------

    def _jobs(self) -> None:
        """Jobs are closed a month after the last invoice."""
        for name, (begin, last) in self._sold.jobs.items():
            end = workday(last + timedelta(days=30))
            if end <= LAST:
                done = {"JobStatus": "Closed", "JobStartDate": begin.isoformat(), "JobEndDate": end.isoformat()}
                self._diary.note(end, f"Customer {name}", mod("Customer", f"Customer {name}", done))
            else:
                going = {"JobStatus": "InProgress", "JobStartDate": begin.isoformat()}
                self._diary.note(begin, f"Customer {name}", mod("Customer", f"Customer {name}", going))

    def _lists(self) -> None:
        self._mod("2023-10-03", "Vendor Swiftlet Couriers", "Vendor", {"Phone": "707-555-0199"})
        self._mod("2023-11-01", "Employee Piet Marlowe-Stone", "Employee", {"JobTitle": "Lead Carpenter"})
        price = {"Desc": "Plans and drawings, by the hour", "Price": "92.00"}
        self._mod("2023-12-14", "ItemService Design", "ItemService", {"SalesOrPurchaseMod": price})
        self._mod("2023-12-11", "Customer Rushforde, Clem", "Customer", {"IsActive": False})
        day = date(2023, 9, 21)
        self._diary.note(day, "Class Remodell", add("Class", {"Name": "Remodell"}))
        gone = {"ListDelType": "Class", "ListID": Of("Class Remodell", "ListID")}
        self._diary.note(day, "deleted class", ("ListDelRq", gone))

    # -- changes -----------------------------------------------------------------------------------------------------

    def _changed_sales(self) -> None:
        key, name = "invoice corrected", "Abbotsrook, Della"
        lines = [Line("Labor:Carpentry", Decimal(6)), Line("Lumber:Trim", Decimal(40))]
        content: Content = {"CustomerRef": ref(name), "InvoiceLineAdd": [line.request() for line in lines]}
        self._add("2023-02-06", key, "Invoice", content)
        kept = [{"TxnLineID": Of(key, "InvoiceLineRet", place, "TxnLineID")} for place in range(2)]
        more = {"TxnLineID": "-1", **Line("Paint", Decimal(3)).request()}
        self._mod("2023-02-08", key, "Invoice", {"Memo": "Paint was forgotten", "InvoiceLineMod": [*kept, more]})
        self._add(
            "2023-10-02",
            "estimate lost",
            "Estimate",
            {"CustomerRef": ref(name), "EstimateLineAdd": [Line("Stone", Decimal(60)).request()]},
        )
        self._mod("2023-10-30", "estimate lost", "Estimate", {"IsActive": False, "Memo": "Went to somebody else"})
        self._mod("2023-12-08", "sales order 6", "SalesOrder", {"Memo": "To be delivered in January"})
        self._mod("2023-11-21", "credit memo 3", "CreditMemo", {"Memo": "Two knobs of the wrong colour"})
        self._mod("2023-04-04", "payment ahead", "ReceivePayment", {"Memo": "Deposit on windows"})

    def _changed_purchases(self) -> None:
        key = "bill lawyer"
        line: Content = {"AccountRef": ref("Professional Fees:Legal"), "Amount": "840.00"}
        content: Content = {"VendorRef": ref("Vellum and Wray, Attorneys"), "RefNumber": "V-2231"}
        self._add("2023-11-27", key, "Bill", {**content, "ExpenseLineAdd": [line]})
        changed = {"TxnLineID": Of(key, "ExpenseLineRet", 0, "TxnLineID"), "Amount": "790.00"}
        self._mod("2023-11-29", key, "Bill", {"Memo": "An hour less", "ExpenseLineMod": [changed]})
        self._mod("2023-12-05", "purchase order 13", "PurchaseOrder", {"VendorMsg": "Please deliver before noon"})
        self._mod("2023-11-15", "vendor credit 2", "VendorCredit", {"Memo": "Sent back, cracked"})
        key = "charge tools"
        lines = [{"AccountRef": ref("Small Tools"), "Amount": amount} for amount in ("64.20", "18.75")]
        content = {"AccountRef": ref("Business Card"), "PayeeEntityRef": ref("Brassmoth Hardware Supply")}
        self._add("2023-10-24", key, "CreditCardCharge", {**content, "ExpenseLineAdd": lines})
        line = {"AccountRef": ref("Small Tools"), "Amount": "18.75"}
        self._add("2023-10-26", "credit tools", "CreditCardCredit", {**content, "ExpenseLineAdd": [line]})
        kept = [{"TxnLineID": Of(key, "ExpenseLineRet", place, "TxnLineID")} for place in range(2)]
        split = {"TxnLineID": "-1", "AccountRef": ref("Office Supplies"), "Amount": "7.50"}
        self._mod("2023-10-25", key, "CreditCardCharge", {"ExpenseLineMod": [kept[0], split, kept[1]]})

    def _changed_office(self) -> None:
        key = "check chamber"
        line: Content = {"AccountRef": ref("Dues and Subscriptions"), "Amount": "210.00"}
        content: Content = {"AccountRef": ref("Checking"), "PayeeEntityRef": ref("Builders' Circle of Marrow")}
        self._add("2023-10-11", key, "Check", {**content, "ExpenseLineAdd": [line]})
        self._mod("2023-10-12", key, "Check", {"Memo": "Dues for 2024"})
        key = "Supplies on hand"
        debit = {"AccountRef": ref("Prepaid Insurance:Liability"), "Amount": "460.00", "Memo": key}
        credit = {"AccountRef": ref("Insurance:General Liability"), "Amount": "460.00", "Memo": key}
        self._add("2023-10-31", key, "JournalEntry", {"JournalDebitLine": [debit], "JournalCreditLine": [credit]})
        lines = []
        for side in ("JournalDebitLine", "JournalCreditLine"):
            lines.append({"TxnLineID": Of(key, side, 0, "TxnLineID"), "Amount": "480.00"})
        self._mod("2023-11-02", key, "JournalEntry", {"JournalLineMod": lines})
        debit = {"AccountRef": ref("Accounts Receivable"), "Amount": "95.00", "EntityRef": ref("Dunmarrow, Petra")}
        credit = {"AccountRef": ref("Service Calls"), "Amount": "95.00", "Memo": "Billed by hand"}
        content = {"JournalDebitLine": [debit], "JournalCreditLine": [credit]}
        self._add("2023-11-10", "Billed by hand", "JournalEntry", content)
        key = "time supervision"
        content = {"EntityRef": ref("Desmond Aldwick"), "ItemServiceRef": ref("Supervision"), "Duration": "PT3H0M"}
        content["CustomerRef"] = ref("Nettlebury, Iris")
        self._add("2023-11-06", key, "TimeTracking", content)
        changed = {"EntityRef": ref("Desmond Aldwick"), "Duration": "PT3H30M", "Notes": "With the drive"}
        self._mod("2023-11-07", key, "TimeTracking", changed)
        key = "transfer to savings"
        accounts = {"TransferFromAccountRef": ref("Checking"), "TransferToAccountRef": ref("Savings")}
        self._add("2023-11-13", key, "Transfer", {**accounts, "Amount": "2500.00"})
        self._mod("2023-11-14", key, "Transfer", {"Amount": "3000.00", "Memo": "Reserve for taxes"})

    # -- voids and deletions -----------------------------------------------------------------------------------------

    def _void(self, day: str, key: str, kind: str) -> None:
        content: Content = {"TxnVoidType": kind, "TxnID": Of(key, "TxnID")}
        self._diary.note(date.fromisoformat(day), f"void {key}", ("TxnVoidRq", content))

    def _delete(self, day: str, key: str, kind: str) -> None:
        content: Content = {"TxnDelType": kind, "TxnID": Of(key, "TxnID")}
        self._diary.note(date.fromisoformat(day), f"delete {key}", ("TxnDelRq", content))

    def _voided(self) -> None:
        line: Content = {"AccountRef": ref("Rent"), "Amount": "2310.00"}
        check: Content = {"AccountRef": ref("Checking"), "PayeeEntityRef": ref("Tallow Street Properties")}
        self._add("2023-06-01", "check misprinted", "Check", {**check, "ExpenseLineAdd": [line]})
        self._void("2023-06-02", "check misprinted", "Check")
        sale = [Line("Windows", Decimal(2)).request()]
        self._add(
            "2023-10-18", "invoice twice", "Invoice", {"CustomerRef": ref("Pellwood, Marta"), "InvoiceLineAdd": sale}
        )
        self._void("2023-10-19", "invoice twice", "Invoice")
        bill: Content = {"VendorRef": ref("The Ellery Lamplighter"), "RefNumber": "8814"}
        line = {"AccountRef": ref("Advertising"), "Amount": "325.00"}
        self._add("2023-04-17", "bill cancelled", "Bill", {**bill, "ExpenseLineAdd": [line]})
        self._void("2023-04-24", "bill cancelled", "Bill")
        charge: Content = {"AccountRef": ref("Business Card"), "PayeeEntityRef": ref("Drafthorse Software")}
        line = {"AccountRef": ref("Software"), "Amount": "89.00"}
        self._add("2023-11-16", "charge twice", "CreditCardCharge", {**charge, "ExpenseLineAdd": [line]})
        self._void("2023-11-17", "charge twice", "CreditCardCharge")

    def _deleted(self) -> None:
        sale = [Line("Stone", Decimal(30)).request()]
        customer = {"CustomerRef": ref("Rushforde, Clem")}
        self._add("2022-10-03", "estimate wrong", "Estimate", {**customer, "EstimateLineAdd": sale})
        self._delete("2022-10-04", "estimate wrong", "Estimate")
        self._add("2023-10-23", "invoice bounced", "Invoice", {**customer, "InvoiceLineAdd": sale})
        payment: Content = {**customer, "TotalAmount": "200.00", "RefNumber": "771"}
        payment["DepositToAccountRef"] = ref("Checking")
        applied = {"TxnID": Of("invoice bounced", "TxnID"), "PaymentAmount": "200.00"}
        self._add("2023-11-01", "payment bounced", "ReceivePayment", {**payment, "AppliedToTxnAdd": [applied]})
        self._delete("2023-11-08", "payment bounced", "ReceivePayment")
        bill: Content = {"VendorRef": ref("Fernhollow Nursery"), "RefNumber": "F77"}
        line: Content = {"AccountRef": ref("Job Costs:Materials"), "Amount": "184.40"}
        self._add("2023-10-13", "bill not ours", "Bill", {**bill, "ExpenseLineAdd": [line]})
        self._delete("2023-10-16", "bill not ours", "Bill")
        time: Content = {"EntityRef": ref("Yolanda Fairweather"), "Duration": "PT8H"}
        self._add("2023-10-05", "time of a holiday", "TimeTracking", time)
        self._delete("2023-10-06", "time of a holiday", "TimeTracking")

    def _reconciled(self) -> None:
        """The rent checks of the first year have come back from the bank; the last one is on its way."""
        for number in range(1, 13):
            rent = workday(date(2022, number, 1))
            cleared = {"TxnID": Of(f"check Tallow Street Properties {rent}", "TxnID"), "ClearedStatus": "Cleared"}
            self._diary.note(
                date(2023, 9, 28), f"cleared {rent}", ("ClearedStatusModRq", {"ClearedStatusMod": cleared})
            )
        cleared = {"TxnID": Of("check Tallow Street Properties 2023-12-01", "TxnID"), "ClearedStatus": "Pending"}
        self._diary.note(date(2023, 12, 13), "cleared last", ("ClearedStatusModRq", {"ClearedStatusMod": cleared}))
