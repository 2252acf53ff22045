"""The sample company as it is made: the first customer, balances against the reckoning, and the file itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbsimulator import Company, Session, Settings, UnusableFile, sample
from qbsimulator.ledger.check import faults
from qbsimulator.sample import making
from qbsimulator.sample.people import ANNIE
from qbsimulator.sample.step import Step
from qbxml import Record
from tests.qbsimulator.helpers import judge
from tests.qbsimulator.test_sample_books import PAYABLE, RECEIVABLE, Reckoning

pytestmark = pytest.mark.xdist_group("sample")

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "qbxml"
#: Accounts whose balance is shown as it stands on the debit side.
DEBIT = {
    *("Bank", "AccountsReceivable", "OtherCurrentAsset", "FixedAsset", "OtherAsset"),
    *("CostOfGoodsSold", "Expense", "OtherExpense"),
}
TRANSACTIONS = {
    *("Estimate", "SalesOrder", "Invoice", "SalesReceipt", "CreditMemo", "Charge", "ReceivePayment", "Deposit"),
    *("ARRefundCreditCard", "PurchaseOrder", "ItemReceipt", "Bill", "VendorCredit", "BillPaymentCheck"),
    *("BillPaymentCreditCard", "Check", "CreditCardCharge", "CreditCardCredit", "JournalEntry", "Transfer"),
    *("SalesTaxPaymentCheck", "TimeTracking", "VehicleMileage"),
}


@pytest.fixture(scope="module")
def script() -> list[Step]:
    return sample.steps()


@pytest.fixture(scope="module")
def reckoning(script: list[Step]) -> Reckoning:
    return Reckoning(script)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sample") / "sample.company"
    sample.build(made)
    return made


@pytest.fixture(scope="module")
def session(path: Path) -> Iterator[Session]:
    with Company.open(path, clock=lambda: sample.TODAY) as company:
        yield company.session()


def _ask(session: Session, name: str, content: dict[str, Any] | None = None, **attributes: str) -> list[Record]:
    request = qbxml.build({f"{name}Rq": {**(content or {}), **attributes}}, version="16.0")
    answer = session.process(request)
    judge(answer)
    (told,) = qbxml.parse(answer)
    assert told.status_code in (0, 1), told.status_message
    return list(told.records)


# -- the first customer ----------------------------------------------------------------------------------------------


def test_the_first_customer_is_that_of_the_first_steps(session: Session) -> None:
    (recorded,) = qbxml.parse((FIXTURES / "CustomerQueryRs.xml").read_bytes())[0].records
    (found,) = _ask(session, "CustomerQuery", {"FullName": [ANNIE]})
    assert {name: found[name] for name in recorded} == dict(recorded)


def test_no_entity_is_older_than_the_first_customer(session: Session) -> None:
    found = _ask(session, "EntityQuery", {"ActiveStatus": "All"})
    ids = sorted((one["ListID"], one["Name"]) for one in found)
    assert ids[0] == ("80000001-1693947446", ANNIE)
    assert len(ids) == len(set(ids)) == 50 + 45 + 5 + 2


# -- the books -------------------------------------------------------------------------------------------------------


def test_each_customer_owes_what_the_requests_come_to(session: Session, reckoning: Reckoning) -> None:
    owed = reckoning.owed(RECEIVABLE)
    found = {one["FullName"]: one["Balance"] for one in _ask(session, "CustomerQuery", {"ActiveStatus": "All"})}
    assert found == {name: owed.get(name, Decimal("0.00")) for name in found}
    assert set(owed) <= set(found)


def test_what_a_customer_owes_in_all_includes_the_jobs(session: Session) -> None:
    found = _ask(session, "CustomerQuery", {"ActiveStatus": "All"})
    for one in found:
        below = [job["Balance"] for job in found if job["FullName"].startswith(f"{one['FullName']}:")]
        assert one["TotalBalance"] == one["Balance"] + sum(below, Decimal()), one["FullName"]


def test_each_vendor_is_owed_what_the_requests_come_to(session: Session, reckoning: Reckoning) -> None:
    owed = reckoning.owed(PAYABLE)
    found = {one["Name"]: one["Balance"] for one in _ask(session, "VendorQuery", {"ActiveStatus": "All"})}
    assert found == {name: -owed.get(name, Decimal("0.00")) for name in found}
    assert set(owed) <= set(found)


def test_each_account_holds_what_the_requests_come_to(session: Session, reckoning: Reckoning) -> None:
    posting = [one for one in _ask(session, "AccountQuery", {}) if one["AccountType"] != "NonPosting"]
    found = {one["FullName"]: one["Balance"] * (1 if one["AccountType"] in DEBIT else -1) for one in posting}
    assert found == {name: reckoning.account(name) for name in found}
    assert reckoning.accounts() <= set(found)


def test_the_books_are_right_when_they_are_computed_anew(session: Session) -> None:
    company = session.company
    books = company.transactions.books(company.settings)
    assert list(faults(books, company.transactions.store)) == []


def test_there_is_what_was_added_less_what_was_deleted(session: Session, script: list[Step]) -> None:
    added = Counter(step.name.removesuffix("AddRq") for step in script if step.name.endswith("AddRq"))
    for step in script:
        if step.name == "TxnDelRq":
            added[step.content["TxnDelType"]] -= 1
    kinds = [kind for kind in added if kind in TRANSACTIONS]
    assert len(kinds) == len(TRANSACTIONS)
    found = {kind: len(_ask(session, f"{kind}Query")) for kind in kinds}
    assert found == {kind: added[kind] for kind in kinds}


def test_all_sales_orders_but_one_are_invoiced(session: Session) -> None:
    found = [one["IsFullyInvoiced"] for one in _ask(session, "SalesOrderQuery")]
    assert found == [True] * 5 + [False]


def test_what_was_bought_and_billed_has_come(session: Session) -> None:
    found = [one["IsFullyReceived"] for one in _ask(session, "PurchaseOrderQuery")]
    assert found == [True] * 12 + [False]


def test_some_have_custom_fields(session: Session) -> None:
    (found,) = _ask(session, "VendorQuery", {"FullName": ["Bright Heron Electric"], "OwnerID": ["0"]})
    assert [(one["DataExtName"], one["DataExtValue"]) for one in found["DataExtRet"]] == [("Licence", "E-10442")]


# -- reports ---------------------------------------------------------------------------------------------------------


def _totals(session: Session, kind: str, type_: str, **period: str) -> list[list[Decimal]]:
    """The amounts in the rows of totals of a report."""
    content = {f"{kind}ReportType": type_, "ReportPeriod": period}
    (found,) = _ask(session, f"{kind}ReportQuery", content)
    rows = qbxml.report(found).dicts("TotalRow")
    return [[value for value in row.values() if isinstance(value, Decimal)] for row in rows]


DAYS = ("2022-01-01", "2022-06-30", "2022-12-31", "2023-09-05", "2023-12-15")


@pytest.mark.parametrize("day", DAYS)
def test_debits_are_credits_on_any_day(session: Session, day: str) -> None:
    ((debit, credit),) = _totals(session, "GeneralSummary", "TrialBalance", ToReportDate=day)
    assert debit == credit > 300_000


@pytest.mark.parametrize("day", DAYS)
def test_the_balance_sheet_balances_on_any_day(session: Session, day: str) -> None:
    (assets,), (others,) = _totals(session, "GeneralSummary", "BalanceSheetStandard", ToReportDate=day)
    assert assets == others > 200_000


def test_the_income_of_both_years_is_that_of_the_requests(session: Session, reckoning: Reckoning) -> None:
    period = {"FromReportDate": "2022-01-01", "ToReportDate": "2023-12-15"}
    ((income,),) = _totals(session, "GeneralSummary", "ProfitAndLossStandard", **period)
    types = {"Income", "CostOfGoodsSold", "Expense", "OtherIncome", "OtherExpense"}
    names = {one["FullName"] for one in _ask(session, "AccountQuery") if one["AccountType"] in types}
    assert income == -sum((reckoning.account(name) for name in names), Decimal())


@pytest.mark.parametrize(("type_", "account", "sign"), [("AR", RECEIVABLE, 1), ("AP", PAYABLE, -1)])
def test_what_is_open_by_age_is_what_is_open(
    session: Session, reckoning: Reckoning, type_: str, account: str, sign: int
) -> None:
    (total,) = _totals(session, "Aging", f"{type_}AgingSummary", ToReportDate="2023-12-15")
    assert total[-1] == sum(total[:-1]) == sign * reckoning.account(account)


# -- the file --------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_file_is_the_same_each_time_and_everywhere(path: Path, tmp_path: Path) -> None:
    program = "import sys; from qbsimulator import sample; sample.build(sys.argv[1])"
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    again = tmp_path / "again.company"
    subprocess.run([sys.executable, "-c", program, str(again)], check=True, env=elsewhere, cwd=ROOT)
    assert _rows(again) == _rows(path)


def test_nothing_is_left_beside_the_file(path: Path) -> None:
    assert [one.name for one in path.parent.iterdir() if not one.name.endswith(("-wal", "-shm"))] == [path.name]


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(UnusableFile, match="already"):
        sample.build(tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="can't be made"):
        sample.build(tmp_path / "no" / "such.company")


def test_a_request_that_is_refused_is_told_and_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: list[Step]
) -> None:
    account = next(step for step in script if step.name == "AccountAddRq" and "ParentRef" not in step.content)
    monkeypatch.setattr(making, "steps", lambda: [account, account])
    with pytest.raises(sample.NotMade, match="3100") as caught:
        sample.build(tmp_path / "sample.company")
    assert (caught.value.key, caught.value.code) == (account.key, 3100)
    assert b"<AccountAddRq" in caught.value.request
    assert list(tmp_path.iterdir()) == []


def test_settings_may_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "steps", list)
    sample.build(tmp_path / "sample.company", settings=Settings(company_name="Own", may_write=False))
    with Company.open(tmp_path / "sample.company") as company:
        found = company.settings
    assert (found.company_name, found.may_write) == ("Own", False)
    assert found.is_sample_company
    assert found.default_sales_tax_item == "Port Ellery"


def test_the_company_says_what_it_is(session: Session) -> None:
    (found,) = _ask(session, "CompanyQuery")
    assert (found["CompanyName"], found["IsSampleCompany"]) == ("Quillfeather Construction", True)


def test_its_preferences_name_the_tax_of_the_town(session: Session) -> None:
    (found,) = _ask(session, "PreferencesQuery")
    assert found["SalesTaxPreferences"]["DefaultItemSalesTaxRef"]["FullName"] == "Port Ellery"


def test_it_goes_on_from_its_own_present(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.company"
    shutil.copy(path, copy)
    with Company.open(copy, clock=lambda: sample.TODAY) as company:
        (added,) = _ask(company.session(), "CustomerAdd", {"CustomerAdd": {"Name": "Somebody New"}})
    assert added["ListID"] == f"{0x80000000 + 103:08X}-{sample.TODAY}"
