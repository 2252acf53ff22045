"""The books of the sample company against a reckoning of their own: double entry over the requests, by hand.

It knows the script's requests and nothing of the simulator's ledger, and does without what the script does not use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from qbsimulator.sample import steps
from qbsimulator.sample.people import ANNIE
from qbsimulator.sample.step import Of, Step

pytestmark = pytest.mark.xdist_group("sample")

RECEIVABLE, PAYABLE, WAITING, TAX = "Accounts Receivable", "Accounts Payable", "Undeposited Funds", "Sales Tax Payable"
#: Kinds that post nothing.
_SILENT = ("Estimate", "SalesOrder", "PurchaseOrder", "TimeTracking")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Sold:
    """A line of a form, reckoned: its item, how many, and the amount."""

    item: str
    quantity: Decimal
    amount: Decimal


@dataclass
class Posted:
    """What a transaction posts: account, amount (debit is positive), and whose it is."""

    kind: str
    lines: list[Any] = field(default_factory=list)
    entries: list[tuple[str, Decimal, str]] = field(default_factory=list)
    total: Decimal = Decimal()
    body: dict[str, Any] = field(default_factory=dict)


class Reckoning:
    """The books, by the requests alone."""

    def __init__(self, script: list[Step]) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.customers: dict[str, dict[str, Any]] = {}
        self.posted: dict[str, Posted] = {}
        for step in script:
            self._step(step)

    # -- results -----------------------------------------------------------------------------------------------------

    def account(self, name: str) -> Decimal:
        """What an account holds on its debit side."""
        return sum((amount for one in self.posted.values() for to, amount, _ in one.entries if to == name), Decimal())

    def accounts(self) -> set[str]:
        return {to for one in self.posted.values() for to, _, _ in one.entries}

    def owed(self, account: str) -> dict[str, Decimal]:
        """What is open on receivables or payables, by name."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.posted.values():
            for to, amount, entity in one.entries:
                if to == account:
                    found[entity] += amount
        return found

    # -- steps -------------------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        kind, verb = step.name.removesuffix("Rq")[:-3], step.name.removesuffix("Rq")[-3:]
        if step.name == "TxnDelRq":
            del self.posted[step.content["TxnID"].key]
        elif step.name == "TxnVoidRq":
            self.posted[step.content["TxnID"].key].entries = []
        elif verb == "Add" and f"{kind}Add" in step.content:
            body = step.content[f"{kind}Add"]
            if kind.startswith("Item") and kind != "ItemReceipt":
                self.items[step.key.partition(" ")[2]] = {**body, "kind": kind}
            elif kind == "Customer":
                self.customers[step.key.partition(" ")[2]] = body
            elif "TxnDate" in body:
                self._post(step.key, kind, dict(body))
        elif verb == "Mod" and "TxnID" in step.content.get(f"{kind}Mod", {}) and step.name != "ClearedStatusModRq":
            self._changed(step.key, kind, step.content[f"{kind}Mod"])

    def _changed(self, key: str, kind: str, body: Mapping[str, Any]) -> None:
        old = self.posted[key]
        new = dict(old.body)
        for name, value in body.items():
            if name == "JournalLineMod":
                debits, credits_ = len(new["JournalDebitLine"]), len(new["JournalCreditLine"])
                assert len(value) == debits + credits_
                sides = [*new["JournalDebitLine"], *new["JournalCreditLine"]]
                merged = [{**was, **one} for was, one in zip(sides, value, strict=True)]
                new |= {"JournalDebitLine": merged[:debits], "JournalCreditLine": merged[debits:]}
            elif name.endswith("LineMod"):
                target = f"{name.removesuffix('Mod')}Add"
                new[target] = [
                    {**new[target][one["TxnLineID"].path[1]], **one} if isinstance(one["TxnLineID"], Of) else one
                    for one in value
                ]
            elif name not in ("TxnID", "EditSequence"):
                new[name] = value
        self._post(key, kind, new)

    def _post(self, key: str, kind: str, body: dict[str, Any]) -> None:
        made = self.posted[key] = Posted(kind, body=body)
        if kind in ("Invoice", "SalesReceipt", "CreditMemo", "Estimate", "SalesOrder"):
            made.lines = list(self._lines(kind, body))
            if kind not in _SILENT:
                self._sale(made, body)
        elif kind not in _SILENT:
            getattr(self, f"_{kind.lower()}")(made, body)
        assert sum(amount for _, amount, _ in made.entries) == 0, key

    # -- sales -------------------------------------------------------------------------------------------------------

    def _price(self, item: str) -> Decimal:
        body = self.items[item]
        inner = body.get("SalesAndPurchase") or body.get("SalesOrPurchase") or body
        return Decimal(inner.get("SalesPrice") or inner.get("Price") or 0)

    def _lines(self, kind: str, body: Mapping[str, Any]) -> Iterator[Sold]:
        for link in body.get("LinkToTxnID", []):
            yield from self.posted[link.key].lines
        done: list[Sold] = []
        for line in body.get(f"{kind}LineAdd", []):
            done.append(self._line(line, done))
        for group in body.get(f"{kind}LineGroupAdd", []):
            for part in self.items[group["ItemGroupRef"]["FullName"]]["ItemGroupLine"]:
                count = Decimal(part["Quantity"]) * Decimal(group["Quantity"])
                done.append(self._line({**part, "Quantity": count}, done))
        yield from done

    def _line(self, line: Mapping[str, Any], above: list[Sold]) -> Sold:
        if "LinkToTxn" in line:
            at = line["LinkToTxn"]["TxnLineID"]
            other = self.posted[at.key].lines[at.path[1]]
            assert Decimal(line["Quantity"]) == other.quantity
            return Sold(other.item, other.quantity, other.amount)
        item = line["ItemRef"]["FullName"]
        quantity = Decimal(line.get("Quantity", 1))
        kind = self.items[item]["kind"]
        if kind == "ItemSubtotal":
            return Sold(item, quantity, sum((one.amount for one in above), Decimal()))
        if kind == "ItemDiscount":
            percent = Decimal(self.items[item]["DiscountRatePercent"])
            return Sold(item, quantity, -_cents(above[-1].amount * percent / 100))
        if "Amount" in line:
            return Sold(item, quantity, Decimal(line["Amount"]))
        return Sold(item, quantity, _cents(quantity * Decimal(line.get("Rate", self._price(item)))))

    def _sale(self, made: Posted, body: Mapping[str, Any]) -> None:
        customer = body["CustomerRef"]["FullName"]
        own = self.customers[customer]
        sign = -1 if made.kind == "CreditMemo" else 1
        taxable = Decimal()
        for line in made.lines:
            item = self.items[line.item]
            if item["kind"] == "ItemSubtotal":
                continue
            made.total += line.amount
            inner = item.get("SalesAndPurchase") or item.get("SalesOrPurchase") or item
            account = (inner.get("IncomeAccountRef") or inner["AccountRef"])["FullName"]
            made.entries.append((account, -sign * line.amount, ""))
            if item["SalesTaxCodeRef"]["FullName"] == "Tax":
                taxable += line.amount
            if item["kind"] in ("ItemInventory", "ItemInventoryAssembly"):
                cost = sign * _cents(line.quantity * Decimal(item["PurchaseCost"]))
                made.entries.append((item["COGSAccountRef"]["FullName"], cost, ""))
                made.entries.append((item["AssetAccountRef"]["FullName"], -cost, ""))
        tax = Decimal()
        if own.get("SalesTaxCodeRef", {"FullName": "Tax"})["FullName"] == "Tax":
            charged = body.get("ItemSalesTaxRef") or own["ItemSalesTaxRef"]
            tax = _cents(taxable * self._rate(charged["FullName"]) / 100)
        made.total += tax
        made.entries.append((TAX, -sign * tax, ""))
        target = WAITING if made.kind == "SalesReceipt" else RECEIVABLE
        made.entries.append((target, sign * made.total, customer))

    def _rate(self, tax: str) -> Decimal:
        body = self.items[tax]
        members = body.get("ItemSalesTaxRef")
        return sum((self._rate(one["FullName"]) for one in members), Decimal()) if members else Decimal(body["TaxRate"])

    def _charge(self, made: Posted, body: Mapping[str, Any]) -> None:
        made.total = _cents(Decimal(body["Quantity"]) * Decimal(body["Rate"]))
        account = self.items[body["ItemRef"]["FullName"]]["SalesOrPurchase"]["AccountRef"]["FullName"]
        made.entries = [(RECEIVABLE, made.total, body["CustomerRef"]["FullName"]), (account, -made.total, "")]

    def _receivepayment(self, made: Posted, body: Mapping[str, Any]) -> None:
        made.total = Decimal(body["TotalAmount"])
        discounts = [one for one in body.get("AppliedToTxnAdd", []) if "DiscountAmount" in one]
        made.entries = [
            (one["DiscountAccountRef"]["FullName"], Decimal(one["DiscountAmount"]), "") for one in discounts
        ]
        made.entries.append((body.get("DepositToAccountRef", {"FullName": WAITING})["FullName"], made.total, ""))
        all_ = sum((amount for _, amount, _ in made.entries), Decimal())
        made.entries.append((RECEIVABLE, -all_, body["CustomerRef"]["FullName"]))

    def _arrefundcreditcard(self, made: Posted, body: Mapping[str, Any]) -> None:
        made.total = sum((Decimal(one["RefundAmount"]) for one in body["RefundAppliedToTxnAdd"]), Decimal())
        made.entries = [
            (RECEIVABLE, made.total, body["CustomerRef"]["FullName"]),
            (body["RefundFromAccountRef"]["FullName"], -made.total, ""),
        ]

    def _deposit(self, made: Posted, body: Mapping[str, Any]) -> None:
        for line in body["DepositLineAdd"]:
            if "PaymentTxnID" in line:
                made.entries.append((WAITING, -self.posted[line["PaymentTxnID"].key].total, ""))
            else:
                made.entries.append((line["AccountRef"]["FullName"], -Decimal(line["Amount"]), ""))
        if "CashBackInfoAdd" in body:
            back = body["CashBackInfoAdd"]
            made.entries.append((back["AccountRef"]["FullName"], Decimal(back["Amount"]), ""))
        left = -sum((amount for _, amount, _ in made.entries), Decimal())
        made.entries.append((body["DepositToAccountRef"]["FullName"], left, ""))

    # -- purchases ---------------------------------------------------------------------------------------------------

    def _bought(self, made: Posted, body: Mapping[str, Any]) -> None:
        """The lines of a bill or a check, and what they come to."""
        for line in body.get("ExpenseLineAdd", []):
            made.entries.append((line["AccountRef"]["FullName"], Decimal(line["Amount"]), ""))
        for line in body.get("ItemLineAdd", []):
            self._in(made, line["ItemRef"]["FullName"], Decimal(line["Quantity"]) * Decimal(line["Cost"]))
        for link in body.get("LinkToTxnID", []):
            linked = self.posted[link.key]
            if linked.kind == "ItemReceipt":
                linked.entries = []
                (link,) = linked.body["LinkToTxnID"]
            for line in self.posted[link.key].body["PurchaseOrderLineAdd"]:
                self._in(made, line["ItemRef"]["FullName"], Decimal(line["Quantity"]) * Decimal(line["Rate"]))
        made.total = sum((amount for _, amount, _ in made.entries), Decimal())

    def _in(self, made: Posted, item: str, amount: Decimal) -> None:
        body = self.items[item]
        both = body.get("SalesAndPurchase")
        account = body["AssetAccountRef"] if both is None else both["ExpenseAccountRef"]
        made.entries.append((account["FullName"], _cents(amount), ""))

    def _bill(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._bought(made, body)
        made.entries.append((PAYABLE, -made.total, body["VendorRef"]["FullName"]))

    _itemreceipt = _bill

    def _vendorcredit(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._bill(made, body)
        made.entries = [(account, -amount, entity) for account, amount, entity in made.entries]

    def _check(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._bought(made, body)
        made.entries.append((body["AccountRef"]["FullName"], -made.total, ""))

    _creditcardcharge = _check

    def _creditcardcredit(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._check(made, body)
        made.entries = [(account, -amount, entity) for account, amount, entity in made.entries]

    def _billpayment(self, made: Posted, body: Mapping[str, Any], account: str) -> None:
        paid = Decimal()
        for one in body["AppliedToTxnAdd"]:
            paid += Decimal(one["PaymentAmount"])
            if "DiscountAmount" in one:
                made.entries.append((one["DiscountAccountRef"]["FullName"], -Decimal(one["DiscountAmount"]), ""))
        made.entries.append((account, -paid, ""))
        left = -sum((amount for _, amount, _ in made.entries), Decimal())
        made.entries.append((PAYABLE, left, body["PayeeEntityRef"]["FullName"]))

    def _billpaymentcheck(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._billpayment(made, body, body["BankAccountRef"]["FullName"])

    def _billpaymentcreditcard(self, made: Posted, body: Mapping[str, Any]) -> None:
        self._billpayment(made, body, body["CreditCardAccountRef"]["FullName"])

    # -- bank and journal --------------------------------------------------------------------------------------------

    def _journalentry(self, made: Posted, body: Mapping[str, Any]) -> None:
        for name, sign in (("JournalDebitLine", 1), ("JournalCreditLine", -1)):
            for line in body[name]:
                entity = line.get("EntityRef", {"FullName": ""})["FullName"]
                made.entries.append((line["AccountRef"]["FullName"], sign * Decimal(line["Amount"]), entity))

    def _transfer(self, made: Posted, body: Mapping[str, Any]) -> None:
        amount = Decimal(body["Amount"])
        made.entries = [
            (body["TransferFromAccountRef"]["FullName"], -amount, ""),
            (body["TransferToAccountRef"]["FullName"], amount, ""),
        ]

    def _salestaxpaymentcheck(self, made: Posted, body: Mapping[str, Any]) -> None:
        made.total = sum((Decimal(one["Amount"]) for one in body["SalesTaxPaymentCheckLineAdd"]), Decimal())
        made.entries = [(TAX, made.total, ""), (body["BankAccountRef"]["FullName"], -made.total, "")]


@pytest.fixture(scope="module")
def reckoning() -> Reckoning:
    return Reckoning(steps())


def test_the_reckoning_is_balanced(reckoning: Reckoning) -> None:
    assert sum((reckoning.account(name) for name in reckoning.accounts()), Decimal()) == 0


def test_the_first_customer_owes_what_the_first_steps_say(reckoning: Reckoning) -> None:
    assert reckoning.owed(RECEIVABLE)[ANNIE] == Decimal("35693.49")


def test_no_customer_is_owed_more_than_a_deposit(reckoning: Reckoning) -> None:
    assert min(reckoning.owed(RECEIVABLE).values()) > -500


def test_the_company_is_in_good_health(reckoning: Reckoning) -> None:
    assert reckoning.account("Checking") > 50_000
    assert 30_000 < reckoning.account(RECEIVABLE) < 400_000
    assert -150_000 < reckoning.account(PAYABLE) < -1000
    assert 0 <= reckoning.account("Inventory Asset") < 60_000
    assert -5_000 < reckoning.account(TAX) < 0
