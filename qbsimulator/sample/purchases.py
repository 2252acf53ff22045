"""What the sample company buys: for its projects, and for the shelves of its shop; and how it pays for that."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from . import people, plan
from .diary import LAST, Diary, cents, workday
from .sales import Line, Sold
from .step import Content, Of, add, ref

#: What is ordered for the shop: the day, the vendor, items and how many, and how the order comes to a bill.
ORDERS: tuple[tuple[date, str, tuple[tuple[str, int], ...], str], ...] = (
    (date(2022, 1, 10), "Wrenfield Millwork", (("Cabinets:Base", 12), ("Cabinets:Wall", 10)), "receipt"),
    (date(2022, 1, 17), "Brassmoth Hardware Supply", (("Hardware:Doorknob", 80), ("Hardware:Hinge", 200)), "bill"),
    (date(2022, 3, 21), "Wrenfield Millwork", (("Doors:Interior", 30), ("Doors:Exterior", 6)), "receipt"),
    (date(2022, 6, 6), "Glimmerpane Glass", (("Windows", 24),), "receipt"),
    (date(2022, 8, 15), "Brassmoth Hardware Supply", (("Hardware:Cabinet Pull", 240),), "bill"),
    (date(2022, 10, 10), "Wrenfield Millwork", (("Cabinets:Base", 10), ("Doors:Interior", 20)), "bill"),
    (date(2023, 1, 9), "Glimmerpane Glass", (("Windows", 20),), "bill"),
    (date(2023, 2, 20), "Wrenfield Millwork", (("Doors:Interior", 24), ("Doors:Exterior", 10)), "receipt"),
    (date(2023, 5, 15), "Brassmoth Hardware Supply", (("Hardware:Hinge", 180), ("Hardware:Doorknob", 60)), "receipt"),
    (date(2023, 8, 7), "Wrenfield Millwork", (("Cabinets:Base", 10), ("Cabinets:Wall", 6)), "bill"),
    (date(2023, 10, 16), "Glimmerpane Glass", (("Windows", 18),), "receipt"),
    (date(2023, 11, 20), "Wrenfield Millwork", (("Doors:Interior", 16),), "received"),
    (date(2023, 12, 4), "Brassmoth Hardware Supply", (("Hardware:Doorknob", 48),), "open"),
)
#: What costs less is not billed by itself.
_LEAST_BILL = Decimal(600)


@dataclass(slots=True)
class Due:
    """A bill that is to be paid."""

    key: str
    vendor: str
    day: date
    due: date
    amount: Decimal


class Purchases:
    """Writes the purchases into the diary."""

    def __init__(self, diary: Diary, rng: random.Random, sold: Sold) -> None:
        self._diary = diary
        self._rng = rng
        self._sold = sold
        self._bills: list[Due] = []

    def write(self) -> None:
        """All of it."""
        for day, name, type_, lines in sorted(self._sold.work, key=lambda one: one[0]):
            self._for_project(day, name, type_, lines)
        for number, order in enumerate(ORDERS, 1):
            self._order(number, *order)
        self._credits()
        self._health()
        self._pay_bills()

    def _due(self, vendor: str, day: date) -> date:
        terms = people.VENDORS[vendor][2]
        if terms in plan.DATED_TERMS:
            return (day.replace(day=1) + timedelta(days=32)).replace(day=plan.DATED_TERMS[terms][0])
        return day + timedelta(days=plan.TERMS[terms][0])

    def _bill(self, key: str, day: date, vendor: str, amount: Decimal, content: Content) -> None:
        number = str(self._rng.randint(1000, 99999))
        fields: Content = {"VendorRef": ref(vendor), "TxnDate": day.isoformat(), "RefNumber": number}
        self._diary.note(day, key, add("Bill", {**fields, **content}))
        self._bills.append(Due(key, vendor, day, self._due(vendor, day), amount))

    # -- projects ----------------------------------------------------------------------------------------------------

    def _for_project(self, day: date, name: str, type_: str, lines: list[Line]) -> None:
        """The two largest purchases of each stage come with a bill; a permit is paid for by check."""
        by_vendor: dict[str, list[Line]] = {}
        for line in lines:
            item = next(one for one in plan.ITEMS if one.name == line.item)
            if item.vendor and item.kind != "Inventory":
                by_vendor.setdefault(item.vendor, []).append(line)
        costs = {vendor: sum((_cost(line) for line in bought), Decimal()) for vendor, bought in by_vendor.items()}
        largest = sorted((vendor for vendor in costs if costs[vendor] >= _LEAST_BILL), key=lambda one: -costs[one])
        for vendor in largest[:2]:
            requests = []
            for line in by_vendor[vendor]:
                own: Content = {"ItemRef": ref(line.item), "Quantity": str(line.quantity)}
                own["Cost"] = str(plan.cost(line.item))
                requests.append({**own, "CustomerRef": ref(name), "BillableStatus": "NotBillable"})
            when = workday(day + timedelta(days=self._rng.randrange(4)))
            key = f"bill {vendor} {name} {when}"
            self._bill(key, when, vendor, costs[vendor], {"ItemLineAdd": requests, "Memo": name.partition(":")[2]})
        if type_ in ("Addition", "New Building") and largest:
            content: Content = {"AccountRef": ref("Checking"), "PayeeEntityRef": ref("City Permit Counter")}
            cost = {"AccountRef": ref("Job Costs:Permits and Fees"), "Amount": str(Decimal(self._rng.randint(90, 480)))}
            expense = {**cost, "Amount": f"{cost['Amount']}.00", "CustomerRef": ref(name)}
            content |= {"TxnDate": workday(day).isoformat(), "Memo": "Permit"}
            self._diary.note(
                workday(day), f"check permit {name} {day}", add("Check", {**content, "ExpenseLineAdd": [expense]})
            )

    # -- the shop ----------------------------------------------------------------------------------------------------

    def _order(self, number: int, day: date, vendor: str, wanted: tuple[tuple[str, int], ...], how: str) -> None:
        key = f"purchase order {number}"
        lines, amount = [], Decimal()
        for item, count in wanted:
            lines.append({"ItemRef": ref(item), "Quantity": str(count), "Rate": str(plan.cost(item))})
            amount += cents(count * plan.cost(item))
        expected = (day + timedelta(days=14)).isoformat()
        content: Content = {"VendorRef": ref(vendor), "TxnDate": day.isoformat(), "ExpectedDate": expected}
        self._diary.note(day, key, add("PurchaseOrder", {**content, "PurchaseOrderLineAdd": lines}))
        came = workday(day + timedelta(days=11))
        of_order = {"LinkToTxnID": [Of(key, "TxnID")]}
        if how in ("receipt", "received"):
            receipt = {"VendorRef": ref(vendor), "TxnDate": came.isoformat(), **of_order}
            self._diary.note(came, f"item receipt {number}", add("ItemReceipt", receipt))
            of_order = {"LinkToTxnID": [Of(f"item receipt {number}", "TxnID")]}
        if how in ("receipt", "bill"):
            self._bill(f"bill of {key}", workday(came + timedelta(days=4)), vendor, amount, of_order)

    def _credits(self) -> None:
        """What goes back to vendors: one credit is set off when their next bill is paid, one stays open."""
        for number, (day, vendor, item, count) in enumerate(
            (
                (date(2022, 7, 12), "Thornbush Lumber Yard", "Lumber:Plywood", 6),
                (date(2023, 11, 14), "Glimmerpane Glass", "Windows", 1),
            ),
            1,
        ):
            line: Content = {"ItemRef": ref(item), "Quantity": str(count), "Cost": str(plan.cost(item))}
            content: Content = {"VendorRef": ref(vendor), "TxnDate": day.isoformat(), "Memo": "Sent back, damaged"}
            number_ = f"CR{number:03}"
            self._diary.note(
                day,
                f"vendor credit {number}",
                add("VendorCredit", {**content, "RefNumber": number_, "ItemLineAdd": [line]}),
            )

    def _health(self) -> None:
        vendor, day = "Wellspring Health Plan", date(2022, 1, 20)
        while day <= LAST:
            amount = Decimal("1180.00") if day.year == 2022 else Decimal("1262.50")
            line: Content = {"AccountRef": ref("Payroll Expenses:Health Insurance"), "Amount": str(amount)}
            self._bill(f"bill health {day}", workday(day), vendor, amount, {"ExpenseLineAdd": [line]})
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=20)

    # -- paying ------------------------------------------------------------------------------------------------------

    def _pay_bills(self) -> None:
        """On the 5th and the 20th of each month all is paid that is due before the next time."""
        credit: Decimal | None = 6 * plan.cost("Lumber:Plywood")
        waiting = sorted(self._bills, key=lambda bill: bill.day)
        for day in _pay_days():
            chosen = [bill for bill in waiting if bill.day <= day and bill.due <= day + timedelta(days=14)]
            waiting = [bill for bill in waiting if bill not in chosen]
            for vendor in dict.fromkeys(bill.vendor for bill in chosen):
                bills = [bill for bill in chosen if bill.vendor == vendor]
                setting = None
                if credit is not None and vendor == "Thornbush Lumber Yard" and day > date(2022, 7, 12):
                    setting, credit = credit, None
                self._pay(day, vendor, bills, setting)

    def _pay(self, day: date, vendor: str, bills: list[Due], credit: Decimal | None) -> None:
        applied = []
        quick, percent = plan.TERMS.get(people.VENDORS[vendor][2], (0, 0, "0"))[1:]
        for number, bill in enumerate(bills):
            one: Content = {"TxnID": Of(bill.key, "TxnID")}
            paid = bill.amount
            if credit is not None and not number:
                paid -= credit
                setting = {"CreditTxnID": Of("vendor credit 1", "TxnID"), "AppliedAmount": str(cents(credit))}
                one["SetCredit"] = [setting]
            elif quick and day <= bill.day + timedelta(days=quick):
                less = cents(bill.amount * Decimal(percent) / 100)
                paid -= less
                one |= {"DiscountAmount": str(less), "DiscountAccountRef": ref("Job Costs:Materials")}
            applied.append({**one, "PaymentAmount": str(cents(paid))})
        content: Content = {"PayeeEntityRef": ref(vendor), "TxnDate": day.isoformat(), "AppliedToTxnAdd": applied}
        if vendor in ("Brassmoth Hardware Supply", "Lantern Bay Hauling", "Crane Hollow Rentals"):
            card = {"CreditCardAccountRef": ref("Business Card")}
            self._diary.note(day, f"payment {vendor} {day}", add("BillPaymentCreditCard", {**content, **card}))
        else:
            bank = {"BankAccountRef": ref("Checking")}
            self._diary.note(day, f"payment {vendor} {day}", add("BillPaymentCheck", {**content, **bank}))


def _cost(line: Line) -> Decimal:
    return cents(line.quantity * plan.cost(line.item))


def _pay_days() -> list[date]:
    days = [date(year, month, day) for year in (2022, 2023) for month in range(1, 13) for day in (5, 20)]
    return [workday(day) for day in days if workday(day) <= LAST]
