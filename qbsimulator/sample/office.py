"""The rest of the sample company's business: rent and power, cards, payroll, taxes, loans, and the year's end."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from . import people, plan
from .diary import FIRST, LAST, Diary, cents, months, workday
from .sales import Sold
from .step import Content, add, ref

#: What there was on the first day: accounts with what they hold on their debit side (credit where negative).
OPENING: dict[str, str] = {
    "Checking": "148600.00",
    "Savings": "40000.00",
    "Payroll Checking": "9500.00",
    "Petty Cash": "400.00",
    "Buildings:Cost": "118000.00",
    "Buildings:Accumulated Depreciation": "-23600.00",
    "Construction Equipment:Cost": "34650.00",
    "Construction Equipment:Accumulated Depreciation": "-11800.00",
    "Office Equipment:Cost": "4150.00",
    "Office Equipment:Accumulated Depreciation": "-830.00",
    "Vehicles:Cost": "68300.00",
    "Vehicles:Accumulated Depreciation": "-24100.00",
    "Security Deposits": "2200.00",
    "Truck Loan": "-21480.00",
    "Building Mortgage": "-82400.00",
    "Owner's Equity:Contributions": "-180000.00",
}
#: A quarter's depreciation.
DEPRECIATION = {
    "Buildings": "590.00",
    "Construction Equipment": "1237.50",
    "Office Equipment": "207.50",
    "Vehicles": "2845.00",
}

#: What the business card pays for: vendor, account, and between how many dollars.
CARD = (
    ("Inkwell Office Supply", "Office Supplies", 35, 240),
    ("Plover Lunch Counter", "Meals", 18, 96),
    ("Drafthorse Software", "Software", 89, 89),
    ("Swiftlet Couriers", "Postage", 14, 60),
    ("Pennywhistle Signs", "Advertising", 120, 480),
    ("Magpie Auto Repair", "Automobile:Repairs", 85, 640),
    ("Tansyhue Paint Depot", "Repairs:Building", 40, 210),
)
#: Trips that were written down.
_TRIPS = 8


class Office:
    """Writes the office's part into the diary."""

    def __init__(self, diary: Diary, rng: random.Random, sold: Sold) -> None:
        self._diary = diary
        self._rng = rng
        self._sold = sold

    def write(self) -> None:
        """All of it."""
        self._opening()
        for number, first in enumerate(months()):
            if first <= LAST:
                self._month(number, first)
        for year in (2022, 2023):
            for month in (3, 6, 9, 12):
                self._quarter(_end_of_month(year, month))
        self._sales_tax()
        self._time()
        self._trips()

    def _amount(self, low: int, high: int) -> Decimal:
        return Decimal(self._rng.randint(low * 100, high * 100)) / 100

    # -- one kind each -----------------------------------------------------------------------------------------------

    def _check(self, day: date, payee: str, lines: dict[str, Decimal], bank: str = "Checking", **more: Any) -> None:
        if (day := workday(day)) > LAST:
            return
        expenses = [{"AccountRef": ref(account), "Amount": str(cents(amount))} for account, amount in lines.items()]
        content: Content = {"AccountRef": ref(bank), "PayeeEntityRef": ref(payee), "TxnDate": day.isoformat(), **more}
        self._diary.note(day, f"check {payee} {day}", add("Check", {**content, "ExpenseLineAdd": expenses}))

    def _charge(self, day: date, card: str, vendor: str, account: str, amount: Decimal) -> None:
        if (day := workday(day)) > LAST:
            return
        expenses = [{"AccountRef": ref(account), "Amount": str(cents(amount))}]
        content: Content = {"AccountRef": ref(card), "PayeeEntityRef": ref(vendor), "TxnDate": day.isoformat()}
        key = f"charge {vendor} {day}"
        self._diary.note(day, key, add("CreditCardCharge", {**content, "ExpenseLineAdd": expenses}))

    def _journal(self, key: str, day: date, debits: dict[str, Decimal], **more: Any) -> None:
        """An entry of what is on the debit side, or where negative on the credit side; it must come to zero."""
        assert sum(debits.values()) == 0, f"{key} is not balanced"
        sides: dict[str, list[Content]] = {"JournalDebitLine": [], "JournalCreditLine": []}
        for account, amount in debits.items():
            side = "JournalDebitLine" if amount > 0 else "JournalCreditLine"
            sides[side].append({"AccountRef": ref(account), "Amount": str(abs(cents(amount))), "Memo": key})
        self._diary.note(day, key, add("JournalEntry", {"TxnDate": day.isoformat(), **more, **sides}))

    def _transfer(self, day: date, source: str, target: str, amount: Decimal, memo: str) -> None:
        if (day := workday(day)) > LAST:
            return
        fields: Content = {"TransferFromAccountRef": ref(source), "TransferToAccountRef": ref(target), "Memo": memo}
        content: Content = {"TxnDate": day.isoformat(), **fields, "Amount": str(cents(amount))}
        self._diary.note(day, f"transfer {target} {day}", add("Transfer", content))

    # -- what comes again and again ----------------------------------------------------------------------------------

    def _opening(self) -> None:
        held = {account: Decimal(amount) for account, amount in OPENING.items()}
        held["Opening Balance Equity"] = -sum(held.values(), Decimal())
        self._journal("Opening balances", FIRST, held)

    def _month(self, number: int, first: date) -> None:
        rent = Decimal("2200.00") if first.year == 2022 else Decimal("2310.00")
        self._check(first, "Tallow Street Properties", {"Rent": rent}, Memo=f"Rent {first:%B}")
        power = self._amount(180, 420)
        self._check(first + timedelta(days=11), "Ellery Power and Gas", {"Utilities:Gas and Electric": power})
        interest = cents(Decimal("107.40") - Decimal("3.65") * number)
        loan = {"Truck Loan": Decimal("742.18") - interest, "Interest:Loans": interest}
        self._check(first + timedelta(days=14), "Marrow Valley Equipment Credit", loan, Memo="Truck")
        interest = cents(Decimal("377.67") - Decimal("1.94") * number)
        mortgage = {"Building Mortgage": Decimal("901.33") - interest, "Interest:Mortgage": interest}
        self._check(first + timedelta(days=3), "Ellery Harbor Bank", mortgage, Memo="Mortgage")
        self._charge(first + timedelta(days=9), "Business Card", "Semaphore Telephone", "Telephone", Decimal("164.90"))
        self._charge(first + timedelta(days=16), "Fuel Card", "Oxbow Fuel", "Automobile:Fuel", self._amount(210, 520))
        vendor, account, low, high = CARD[number % len(CARD)]
        self._charge(first + timedelta(days=20), "Business Card", vendor, account, self._amount(low, high))
        self._transfer(first + timedelta(days=24), "Checking", "Fuel Card", Decimal("345.00"), "Fuel card")
        self._transfer(first + timedelta(days=25), "Checking", "Business Card", Decimal("660.00"), "Business card")
        self._payroll(first)

    def _payroll(self, first: date) -> None:
        """Payroll is done by a bureau, and comes into the books as an entry a month."""
        day = workday(first + timedelta(days=26))
        if day > LAST:
            return
        raised = Decimal("1.00") if first.year == 2022 else Decimal("1.03")
        crew = sum((Decimal(pay) for *_, job, _, pay in people.EMPLOYEES if job in ("Foreman", "Carpenter")), Decimal())
        wages = {
            "Payroll Expenses:Officer Salary": Decimal(people.EMPLOYEES[0][4]),
            "Payroll Expenses:Office Wages": cents(
                Decimal(people.EMPLOYEES[4][4]) * self._rng.randint(120, 160) * raised
            ),
            "Job Costs:Direct Labor": cents(crew * self._rng.randint(120, 168) * raised),
        }
        gross = sum(wages.values(), Decimal())
        employer = cents(gross * Decimal("0.0765"))
        withheld = {
            "Payroll Liabilities:Federal Withholding": -cents(gross * Decimal("0.12")),
            "Payroll Liabilities:State Withholding": -cents(gross * Decimal("0.04")),
            "Payroll Liabilities:FICA": -2 * employer,
        }
        net = gross + employer + sum(withheld.values(), Decimal())
        self._transfer(day, "Checking", "Payroll Checking", net, f"Payroll {first:%B}")
        entry = {**wages, "Payroll Expenses:Employer Taxes": employer, **withheld, "Payroll Checking": -net}
        self._journal(f"Payroll {first:%B %Y}", day, entry)
        due = workday((first + timedelta(days=32)).replace(day=15))
        federal = ("Payroll Liabilities:Federal Withholding", "Payroll Liabilities:FICA")
        self._check(due, "Federal Tax Deposits", {account: -withheld[account] for account in federal})
        state = {"Payroll Liabilities:State Withholding": -withheld["Payroll Liabilities:State Withholding"]}
        self._check(due, "State Employment Office", state)

    def _quarter(self, end: date) -> None:
        if end <= LAST:
            entry: dict[str, Decimal] = {}
            for asset, amount in DEPRECIATION.items():
                entry[f"{asset}:Accumulated Depreciation"] = -Decimal(amount)
            self._journal(
                f"Depreciation {end}",
                end,
                {"Depreciation": -sum(entry.values(), Decimal()), **entry},
                IsAdjustment=True,
            )
            interest = {"AccountRef": ref("Interest Income"), "Amount": str(self._amount(28, 96))}
            content: Content = {"TxnDate": end.isoformat(), "DepositToAccountRef": ref("Savings"), "Memo": "Interest"}
            self._diary.note(end, f"interest {end}", add("Deposit", {**content, "DepositLineAdd": [interest]}))
        begin = end.replace(day=1) - timedelta(days=40)
        self._check(begin, "Marrow Valley Water", {"Utilities:Water": self._amount(90, 160)})
        insurance = {"Insurance:General Liability": Decimal("1385.00"), "Automobile:Insurance": Decimal("612.00")}
        self._check(begin + timedelta(days=8), "Beacon Mutual Underwriters", insurance)
        self._check(begin + timedelta(days=12), "Sandglass Bookkeeping", {"Professional Fees:Accounting": Decimal(540)})
        draw = {"Owner's Equity:Draws": Decimal("4500.00")}
        self._check(end.replace(day=12), "Cordelia Quillfeather", draw, Memo="Draw")

    # -- taxes and time ----------------------------------------------------------------------------------------------

    def _sales_tax(self) -> None:
        """After each quarter each agency gets what was charged for it."""
        owed: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
        for day, tax, base, sign in self._sold.taxed:
            quarter = _end_of_month(day.year, (day.month + 2) // 3 * 3)
            for one in plan.TAX_GROUPS.get(tax, (tax,)):
                owed[quarter, one] += sign * cents(base * Decimal(plan.TAXES[one][0]) / 100)
        for (quarter, tax), amount in sorted(owed.items()):
            day = workday(quarter + timedelta(days=19))
            if amount <= 0 or day > LAST:
                continue
            line: Content = {"ItemSalesTaxRef": ref(tax), "Amount": str(amount)}
            content: Content = {"PayeeEntityRef": ref(plan.TAXES[tax][1]), "TxnDate": day.isoformat()}
            content |= {"BankAccountRef": ref("Checking"), "SalesTaxPaymentCheckLineAdd": [line]}
            self._diary.note(day, f"sales tax {tax} {quarter}", add("SalesTaxPaymentCheck", content))

    def _time(self) -> None:
        """Hours of the crew at the projects."""
        crew = [f"{first} {last}" for first, last, job, *_ in people.EMPLOYEES if job in ("Foreman", "Carpenter")]
        for day, name, _, lines in self._sold.work:
            labor = [line.item for line in lines if line.item.startswith("Labor:")]
            for number, item in enumerate(labor[:2]):
                when = workday(day - timedelta(days=number))
                content: Content = {"TxnDate": when.isoformat(), "EntityRef": ref(self._rng.choice(crew))}
                content |= {"CustomerRef": ref(name), "ItemServiceRef": ref(item), "BillableStatus": "NotBillable"}
                hours = f"PT{self._rng.randint(4, 9)}H{self._rng.choice((0, 15, 30, 45))}M"
                self._diary.note(
                    when, f"time {name} {when} {item}", add("TimeTracking", {**content, "Duration": hours})
                )

    def _trips(self) -> None:
        """The first way to each project of the flatbed, which carries the tools."""
        seen: set[str] = set()
        for day, name, _, _ in sorted(self._sold.work, key=lambda one: one[0]):
            if name in seen or len(seen) == _TRIPS:
                continue
            seen.add(name)
            when = workday(day).isoformat()
            content: Content = {"VehicleRef": ref("Flatbed"), "CustomerRef": ref(name)}
            content |= {"TripStartDate": when, "TripEndDate": when, "TotalMiles": str(self._rng.randint(6, 58))}
            self._diary.note(workday(day), f"trip {name}", add("VehicleMileage", content))


def _end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
