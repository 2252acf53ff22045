"""What the sample company sells: projects for customers, and sales over the counter of its shop."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from . import people, plan
from .diary import FIRST, LAST, Diary, cents, workday
from .step import Content, Of, add, ref

#: The work in a project, by its type: items, and between how many of each.
WORK: dict[str, tuple[tuple[str, int, int], ...]] = {
    "Remodel": (
        ("Design", 26, 68),
        ("Labor:Demolition", 62, 156),
        ("Subs:Electrical", 18, 48),
        ("Subs:Plumbing", 14, 44),
        ("Lumber:Studs", 66, 198),
        ("Subs:Drywall", 440, 1210),
        ("Labor:Carpentry", 130, 338),
        ("Subs:Painting", 26, 76),
        ("Lumber:Trim", 132, 396),
    ),
    "Addition": (
        ("Design", 62, 124),
        ("Labor:Concrete Work", 78, 182),
        ("Concrete", 16, 36),
        ("Labor:Framing", 234, 494),
        ("Lumber:Studs", 242, 528),
        ("Lumber:Plywood", 56, 132),
        ("Insulation", 770, 1760),
        ("Subs:Electrical", 26, 66),
        ("Windows", 4, 9),
    ),
    "New Building": (
        ("Subs:Excavation", 18, 44),
        ("Concrete", 26, 66),
        ("Labor:Concrete Work", 130, 286),
        ("Labor:Framing", 416, 832),
        ("Lumber:Studs", 440, 990),
        ("Lumber:Plywood", 100, 242),
        ("Subs:Roofing", 12, 26),
        ("Doors:Exterior", 2, 4),
        ("Supervision", 78, 182),
    ),
    "Repair": (("Labor:Demolition", 52, 130), ("Subs:Roofing", 14, 28), ("Shingles", 56, 122)),
    "Outdoor": (
        ("Design", 16, 36),
        ("Lumber:Decking", 132, 352),
        ("Stone", 110, 418),
        ("Labor:Carpentry", 104, 286),
        ("Dumpster", 1, 2),
    ),
}
_CLASS = {
    "Remodel": "Remodel",
    "Addition": "New Construction",
    "New Building": "New Construction",
    "Repair": "Service",
}
#: How an invoice gets paid, customer after customer.
_WAYS = ("each", "automatic", "halves", "together", "lump")
#: Projects of which the last invoice is still not paid.
_SLOW = (16, 19, 22)

_COUNTER = ("Doors:Interior", "Hardware:Doorknob", "Hardware:Hinge", "Hardware:Cabinet Pull", "Paint", "Lumber:Trim")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a form, at the item's own price."""

    item: str
    quantity: Decimal

    @property
    def amount(self) -> Decimal:
        """In whole cents."""
        return cents(self.quantity * plan.price(self.item))

    def request(self) -> Content:
        """As a form has it."""
        return {"ItemRef": ref(self.item), "Quantity": str(self.quantity), "Rate": str(plan.price(self.item))}


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice: its key, day, and total with tax."""

    key: str
    day: date
    total: Decimal


@dataclass(slots=True)
class Sold:
    """What the sales leave to the rest of the story."""

    #: Payments and sales receipts that wait to be deposited: day and key.
    undeposited: list[tuple[date, str]] = field(default_factory=list)
    #: What tax was charged: day, the tax or group of taxes, and what was taxed.
    taxed: list[tuple[date, str, Decimal, int]] = field(default_factory=list)
    #: Work at a project: day, the job's name, its type, and what was done.
    work: list[tuple[date, str, str, list[Line]]] = field(default_factory=list)
    #: Jobs by full name: when they began, and when the last invoice was sent.
    jobs: dict[str, tuple[date, date]] = field(default_factory=dict)


class Sales:
    """Writes the sales into the diary."""

    def __init__(self, diary: Diary, rng: random.Random) -> None:
        self._diary = diary
        self._rng = rng
        self.sold = Sold()

    def write(self) -> None:
        """All of it."""
        self._annie()
        jobs = [(customer, job, type_) for customer in people.CUSTOMERS for job, type_ in customer.jobs]
        self._rng.shuffle(jobs)
        for number, (customer, job, type_) in enumerate(jobs):
            begin = workday(FIRST + timedelta(days=9 + number * 26 + self._rng.randrange(12)))
            self._project(number, customer, f"{customer.name}:{job}", type_, begin)
        self._orders()
        self._counter()
        self._on_account()
        self._returns()
        self._deposits()

    # -- forms -------------------------------------------------------------------------------------------------------

    def _tax(self, customer: people.Customer, lines: Sequence[Line]) -> Decimal:
        if customer.tax_code != "Tax":
            return Decimal("0.00")
        base = sum((line.amount for line in lines if plan.is_taxable(line.item)), Decimal())
        return cents(base * plan.tax_rate(customer.tax) / 100)

    def _collected(self, day: date, customer: people.Customer, lines: Sequence[Line], sign: int = 1) -> None:
        if customer.tax_code == "Tax":
            base = sum((line.amount for line in lines if plan.is_taxable(line.item)), Decimal())
            self.sold.taxed.append((day, customer.tax, base, sign))

    def _total(self, customer: people.Customer, lines: Sequence[Line]) -> Decimal:
        return sum((line.amount for line in lines), Decimal()) + self._tax(customer, lines)

    def _invoice(
        self, key: str, day: date, customer: people.Customer, name: str, lines: Sequence[Line], **more: Any
    ) -> Owed:
        content: Content = {"CustomerRef": ref(name), "TxnDate": day.isoformat(), **more}
        if not {"LinkToTxnID", "InvoiceLineAdd", "InvoiceLineGroupAdd"} & set(more):
            content["InvoiceLineAdd"] = [line.request() for line in lines]
        self._diary.note(day, key, add("Invoice", content))
        self._collected(day, customer, lines)
        return Owed(key, day, self._total(customer, lines))

    def _pay(self, key: str, day: date, name: str, amount: Decimal, applied: Sequence[Content] = ()) -> bool:
        """A payment, applied as told, or by QuickBooks itself. Whether there was time for it before the books end."""
        day = workday(day)
        if day > LAST:
            return False
        method = self._rng.choice(("Check", "Check", "Check", "E-Check", "Visa", "Cash"))
        content: Content = {
            "CustomerRef": ref(name),
            "TxnDate": day.isoformat(),
            "TotalAmount": str(amount),
            "PaymentMethodRef": ref(method),
        }
        if method == "Check":
            content["RefNumber"] = str(self._rng.randint(120, 9870))
        content |= {"AppliedToTxnAdd": list(applied)} if applied else {"IsAutoApply": True}
        if method == "E-Check":
            content["DepositToAccountRef"] = ref("Checking")
        else:
            self.sold.undeposited.append((day, key))
        self._diary.note(day, key, add("ReceivePayment", content))
        return True

    # -- the first customer ------------------------------------------------------------------------------------------

    def _annie(self) -> None:
        """What she owes is 35693.49: 18869.66 less 7500.00 paid, and 24816.37 less 492.54 for what she gave back."""
        annie = people.Customer(people.ANNIE, "", "", "")
        own: Content = {"ItemSalesTaxRef": ref(annie.tax), "TermsRef": ref("Net 30")}

        def lines(*each: tuple[str, int]) -> list[Line]:
            return [Line(item, Decimal(count)) for item, count in each]

        pens = lines(("Concrete", 24), ("Labor:Concrete Work", 60))
        first = self._invoice("invoice Annie 1", date(2022, 4, 18), annie, annie.name, pens, Memo="Pens", **own)
        self._pay("payment Annie 1", date(2022, 5, 16), annie.name, first.total)
        pond = lines(("Stone", 420), ("Labor:Framing", 120), ("Subs:Plumbing", 64))
        second = self._invoice("invoice Annie 2", date(2023, 6, 12), annie, annie.name, pond, Memo="Pond", **own)
        part = Decimal("7500.00")
        applied = [{"TxnID": Of(second.key, "TxnID"), "PaymentAmount": str(part)}]
        self._pay("payment Annie 2", date(2023, 7, 20), annie.name, part, applied)
        walk = lines(("Lumber:Decking", 260), ("Fixtures", 14), ("Labor:Carpentry", 150), ("Subs:Electrical", 36))
        permit = {"ItemRef": ref("Permit"), "Desc": "Permit for large reptiles", "Amount": "1377.31"}
        requests = [*(line.request() for line in walk), permit]
        day = date(2023, 8, 21)
        self._invoice("invoice Annie 3", day, annie, annie.name, walk, Memo="Boardwalk", InvoiceLineAdd=requests, **own)
        back = lines(("Lumber:Decking", 20))
        day = date(2023, 9, 8)
        content: Content = {"CustomerRef": ref(annie.name), "TxnDate": day.isoformat()}
        content["ItemSalesTaxRef"] = ref(annie.tax)
        content["CreditMemoLineAdd"] = [line.request() for line in back]
        self._diary.note(day, "credit memo Annie", add("CreditMemo", {**content, "Memo": "Boards not needed"}))
        self._collected(day, annie, back, -1)

    # -- projects ----------------------------------------------------------------------------------------------------

    def _project(self, number: int, customer: people.Customer, name: str, type_: str, begin: date) -> None:
        lines = [Line(item, Decimal(self._rng.randint(low, high))) for item, low, high in WORK[type_]]
        if type_ == "Repair":
            stages = [lines]
        else:
            parts = (0, 4, len(lines)) if number % 2 else (0, 3, 6, len(lines))
            stages = [lines[first:end] for first, end in itertools.pairwise(parts) if end > first]
        estimate = f"estimate {name}"
        if number % 5 != 2:
            content: Content = {"CustomerRef": ref(name), "TxnDate": begin.isoformat(), "TermsRef": ref(customer.terms)}
            content["EstimateLineAdd"] = [line.request() for line in lines]
            self._diary.note(begin, estimate, add("Estimate", content))
        linked = number % 5 == 0 or type_ == "Repair"
        if linked:
            stages = [lines]
        owed: list[Owed] = []
        day = begin
        for place, stage in enumerate(stages):
            day = workday(day + timedelta(days=18 + self._rng.randrange(18)))
            if day > LAST - timedelta(days=2):
                break
            self.sold.work.append((day - timedelta(days=5), name, type_, stage))
            more: Content = {"TermsRef": ref(customer.terms)}
            if linked and number % 5 != 2:
                more["LinkToTxnID"] = [Of(estimate, "TxnID")]
            elif type_ in _CLASS and place == 0:
                more["ClassRef"] = ref(_CLASS[type_])
            owed.append(self._invoice(f"invoice {name} {place + 1}", day, customer, name, stage, **more))
        if owed:
            self.sold.jobs[name] = (begin, owed[-1].day)
            paid = owed[:-1] if number in _SLOW else owed
            if paid:
                self._paid(_WAYS[number % len(_WAYS)], customer, name, paid)

    def _paid(self, way: str, customer: people.Customer, name: str, owed: list[Owed]) -> None:
        due, quick, percent = plan.TERMS[customer.terms]
        last = owed[-1].day + timedelta(days=due + self._rng.randrange(-3, 12) if due else 1)
        if way in ("together", "lump"):
            total = sum((one.total for one in owed), Decimal())
            each = [{"TxnID": Of(one.key, "TxnID"), "PaymentAmount": str(one.total)} for one in owed]
            self._pay(f"payment of {owed[0].key} and on", last, name, total, each if way == "together" else ())
            return
        for one in owed:
            key = f"payment of {one.key}"
            day = one.day + timedelta(days=due + self._rng.randrange(-5, 10) if due else 1)
            txn: Content = {"TxnID": Of(one.key, "TxnID")}
            if quick:
                discount = cents(one.total * Decimal(percent) / 100)
                paid = one.total - discount
                account = {"DiscountAccountRef": ref("Construction Income:Discounts Given")}
                less = {**txn, "PaymentAmount": str(paid), "DiscountAmount": str(discount), **account}
                self._pay(key, one.day + timedelta(days=quick - 3), name, paid, [less])
            elif way == "automatic":
                self._pay(key, day, name, one.total)
            elif way == "halves":
                half = cents(one.total / 2)
                self._pay(f"{key} a", one.day + timedelta(days=6), name, half, [{**txn, "PaymentAmount": str(half)}])
                rest = one.total - half
                self._pay(f"{key} b", day + timedelta(days=9), name, rest, [{**txn, "PaymentAmount": str(rest)}])
            else:
                self._pay(key, day, name, one.total, [{**txn, "PaymentAmount": str(one.total)}])

    # -- the shop ----------------------------------------------------------------------------------------------------

    def _orders(self) -> None:
        """Sales orders: some are invoiced as a whole, one in two parts, and one waits."""
        some = {one.name: one for one in people.CUSTOMERS}
        orders = (
            ("Silverbeck, Ada", date(2022, 3, 7), (("Cabinets:Base", 6), ("Cabinets:Wall", 5)), "whole"),
            ("Nettlebury, Iris", date(2022, 9, 12), (("Windows", 7), ("Doors:Exterior", 1)), "whole"),
            ("Gossamer Lane Cafe", date(2023, 2, 14), (("Doors:Exterior", 2), ("Windows", 5)), "parts"),
            ("Silverbeck, Ada", date(2023, 7, 10), (("Doors:Interior", 9), ("Hardware:Doorknob", 9)), "whole"),
            ("Inglecote, Sol", date(2023, 10, 9), (("Cabinets:Base", 5), ("Hardware:Cabinet Pull", 20)), "parts"),
            ("Nettlebury, Iris", date(2023, 12, 4), (("Door Set", 4), ("Windows", 2)), "waits"),
        )
        for number, (name, day, wanted, how) in enumerate(orders, 1):
            customer, key = some[name], f"sales order {number}"
            lines = [Line(item, Decimal(count)) for item, count in wanted]
            content: Content = {"CustomerRef": ref(name), "TxnDate": day.isoformat(), "ShipMethodRef": ref("Own Truck")}
            content["SalesOrderLineAdd"] = [line.request() for line in lines]
            self._diary.note(day, key, add("SalesOrder", content))
            sent = workday(day + timedelta(days=16))
            if how == "whole":
                link = {"LinkToTxnID": [Of(key, "TxnID")]}
                owed = [self._invoice(f"invoice of {key}", sent, customer, name, lines, **link)]
            elif how == "parts":
                owed = []
                for place, line in enumerate(lines):
                    at = {"TxnID": Of(key, "TxnID"), "TxnLineID": Of(key, "SalesOrderLineRet", place, "TxnLineID")}
                    part = {"InvoiceLineAdd": [{"Quantity": str(line.quantity), "LinkToTxn": at}]}
                    when = workday(sent + timedelta(days=11 * place))
                    owed.append(self._invoice(f"invoice of {key} {place + 1}", when, customer, name, [line], **part))
            else:
                continue
            self._paid("each", customer, name, owed)

    def _counter(self) -> None:
        """Sales receipts, about two in three months; a group, and a discount, now and then."""
        tax = people.CUSTOMERS[0]
        for number in range(16):
            day = workday(FIRST + timedelta(days=20 + 43 * number + self._rng.randrange(14)))
            items = self._rng.sample(_COUNTER, 3)
            lines = [Line(item, Decimal(self._rng.randint(2, 24))) for item in items]
            method = self._rng.choice(("Cash", "Visa", "MasterCard", "Check"))
            content: Content = {"CustomerRef": ref(people.WALK_IN), "TxnDate": day.isoformat()}
            content |= {"PaymentMethodRef": ref(method), "ClassRef": ref("Shop")}
            requests = [{"ItemRef": ref(line.item), "Quantity": str(line.quantity)} for line in lines]
            base = sum((line.amount for line in lines), Decimal())
            if number % 4 == 1:
                name = "Contractor Discount"
                requests += [{"ItemRef": ref(plan.SUBTOTAL)}, {"ItemRef": ref(name)}]
                base -= cents(base * Decimal(plan.DISCOUNTS[name]) / 100)
            content["SalesReceiptLineAdd"] = requests
            key = f"sales receipt {number + 1}"
            self._diary.note(day, key, add("SalesReceipt", content))
            self.sold.undeposited.append((day, key))
            self.sold.taxed.append((day, tax.tax, base, 1))
        customer, day = people.CUSTOMERS[0], date(2022, 11, 14)
        kitchen = {"InvoiceLineGroupAdd": [{"ItemGroupRef": ref("Cabinet Run"), "Quantity": "1"}]}
        parts = [Line(item, Decimal(count)) for item, count in plan.GROUPS["Cabinet Run"][1]]
        owed = self._invoice("invoice cabinets", day, customer, customer.name, parts, **kitchen)
        self._paid("automatic", customer, customer.name, [owed])

    def _on_account(self) -> None:
        """Statement charges, and a payment before there is an invoice for it."""
        name, charges = "Inglecote, Sol", []
        days = (date(2022, 2, 8), date(2022, 6, 21), date(2023, 1, 17), date(2023, 5, 9), date(2023, 11, 7))
        for number, day in enumerate(days, 1):
            hours = Decimal(1 + number % 3)
            content: Content = {"CustomerRef": ref(name), "TxnDate": day.isoformat(), "ItemRef": ref("Service Call")}
            content |= {"Quantity": str(hours), "Rate": "125.00", "Desc": f"Visit {number}, doors and locks"}
            self._diary.note(day, f"charge {number}", add("Charge", content))
            charges.append(Owed(f"charge {number}", day, hours * 125))
        for number, one in enumerate(charges[:-1], 1):
            applied = [{"TxnID": Of(one.key, "TxnID"), "PaymentAmount": str(cents(one.total))}]
            self._pay(f"payment of charge {number}", one.day + timedelta(days=20), name, cents(one.total), applied)
        customer = next(one for one in people.CUSTOMERS if one.name == "Nettlebury, Iris")
        deposit = Decimal("2000.00")
        self._pay("payment ahead", date(2023, 3, 6), customer.name, deposit)
        lines = [Line("Windows", Decimal(8)), Line("Labor:Installation", Decimal(22))]
        credit = [{"CreditTxnID": Of("payment ahead", "TxnID"), "AppliedAmount": str(deposit)}]
        day = date(2023, 4, 3)
        owed = self._invoice("invoice with deposit", day, customer, customer.name, lines, SetCredit=credit)
        self._paid("each", customer, customer.name, [Owed(owed.key, owed.day, owed.total - deposit)])

    def _returns(self) -> None:
        """Credit memos: one set off against an invoice, one refunded, one open."""
        customer = next(one for one in people.CUSTOMERS if one.name == "Silverbeck, Ada")

        def credit(number: int, day: date, item: str, count: int) -> Decimal:
            lines = [Line(item, Decimal(count))]
            content: Content = {"CustomerRef": ref(customer.name), "TxnDate": day.isoformat(), "Memo": "Taken back"}
            content["CreditMemoLineAdd"] = [line.request() for line in lines]
            self._diary.note(day, f"credit memo {number}", add("CreditMemo", content))
            self._collected(day, customer, lines, -1)
            return self._total(customer, lines)

        worth = credit(1, date(2022, 5, 10), "Cabinets:Wall", 1)
        lines = [Line("Cabinets:Base", Decimal(2)), Line("Labor:Installation", Decimal(6))]
        owed = self._invoice("invoice less credit", date(2022, 5, 23), customer, customer.name, lines)
        setting = {"CreditTxnID": Of("credit memo 1", "TxnID"), "AppliedAmount": str(worth)}
        rest = owed.total - worth
        applied = [{"TxnID": Of(owed.key, "TxnID"), "PaymentAmount": str(rest), "SetCredit": [setting]}]
        self._pay("payment less credit", date(2022, 6, 20), customer.name, rest, applied)
        worth, day = credit(2, date(2023, 8, 15), "Doors:Interior", 2), date(2023, 8, 17)
        content: Content = {"CustomerRef": ref(customer.name), "TxnDate": day.isoformat()}
        content["PaymentMethodRef"] = ref("Visa")
        content["RefundFromAccountRef"] = ref("Checking")
        content["RefundAppliedToTxnAdd"] = [{"TxnID": Of("credit memo 2", "TxnID"), "RefundAmount": str(worth)}]
        self._diary.note(day, "refund 1", add("ARRefundCreditCard", content))
        credit(3, date(2023, 11, 20), "Hardware:Doorknob", 2)

    # -- to the bank -------------------------------------------------------------------------------------------------

    def _deposits(self) -> None:
        """Every second Friday what has come in is taken to the bank; in June some of it stays as cash."""
        waiting = sorted(self.sold.undeposited, key=lambda one: one[0])
        friday = date(2022, 1, 14)
        while friday <= LAST - timedelta(days=4):
            taken = [key for day, key in waiting if day <= friday]
            waiting = [one for one in waiting if one[0] > friday]
            if taken:
                content: Content = {"TxnDate": friday.isoformat(), "DepositToAccountRef": ref("Checking")}
                if friday.month == 6 and len(taken) > 1:
                    content["CashBackInfoAdd"] = {"AccountRef": ref("Petty Cash"), "Amount": "150.00"}
                content["DepositLineAdd"] = [{"PaymentTxnID": Of(key, "TxnID")} for key in taken]
                self._diary.note(friday, f"deposit {friday}", add("Deposit", content))
            friday += timedelta(days=14)
