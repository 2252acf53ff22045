"""What the company says of itself, and what its preferences forbid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from qbsimulator import gating
from qbsimulator.settings import Settings
from qbxml import Schema
from tests.qbsimulator.helpers import Books, status

OFF = (3250, "This feature is not enabled or not available in this version of QuickBooks.")


def group(books: Books, name: str) -> dict[str, Any]:
    found = books.one("PreferencesQuery").records[0].get(name, {})
    assert isinstance(found, dict)
    return found


def test_a_company_says_what_it_is_set_to(books: Books) -> None:
    books.company.configure(
        legal_company_name="Larry's Landscaping Inc.",
        company_street="1 Elm Street",
        company_city="Bayshore",
        company_state="CA",
        company_postal_code="94326",
        company_phone="555-0100",
        first_fiscal_month=7,
        company_ein="12-3456789",
    )
    told = books.one("CompanyQuery").records[0]
    assert told["LegalCompanyName"] == "Larry's Landscaping Inc."
    assert told["Address"] == {"Addr1": "1 Elm Street", "City": "Bayshore", "State": "CA", "PostalCode": "94326"}
    assert told["AddressBlock"] == {"Addr1": "1 Elm Street", "Addr2": "Bayshore, CA  94326"}
    assert (told["Phone"], told["EIN"]) == ("555-0100", "12-3456789")
    assert (told["FirstMonthFiscalYear"], told["FirstMonthIncomeTaxYear"]) == ("July", "January")
    assert {one["ServiceStatus"] for one in told["SubscribedServices"]["Service"]} == {"Never"}


def test_without_an_address_there_is_none(books: Books) -> None:
    assert not {name for name in books.one("CompanyQuery").records[0] if "Address" in name}


def test_what_never_was_is_the_beginning_of_1970(books: Books) -> None:
    told = books.one("CompanyActivityQuery").records[0]
    assert told["LastRestoreTime"] == told["LastCondenseTime"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert told["LastRestoreTime"].isoformat() == "1969-12-31T16:00:00-08:00"
    books.company.configure(last_restore=int(books.time.seconds))
    later = books.one("CompanyActivityQuery").records[0]
    assert later["LastRestoreTime"].timestamp() == books.time.seconds


def test_the_preferences_are_the_settings(books: Books) -> None:
    books.company.configure(days_bills_are_due=14, uses_classes=False, summary_report_basis="Cash")
    assert group(books, "PurchasesAndVendorsPreferences")["DaysBillsAreDue"] == 14
    assert group(books, "AccountingPreferences")["IsUsingClassTracking"] is False
    assert group(books, "ReportsPreferences") == {
        "AgingReportBasis": "AgeFromDueDate",
        "SummaryReportBasis": "Cash",
    }
    assert group(books, "TimeTrackingPreferences") == {"FirstDayOfWeek": "Monday"}
    assert group(books, "SalesAndCustomersPreferences")["IsAutoApplyingPayments"] is True


def test_every_group_of_the_schema_is_there(books: Books) -> None:
    books.add("Vendor", "State")
    books.add("ItemSalesTax", {"Name": "Sales Tax", "TaxRate": "8", "TaxVendorRef": {"FullName": "State"}})
    for code, taxable in (("Tax", True), ("Non", False)):
        books.add("SalesTaxCode", {"Name": code, "IsTaxable": taxable})
    books.company.configure(default_sales_tax_item="sales tax")
    assert set(books.one("PreferencesQuery").records[0]) == set(Schema("16.0", "US").record("PreferencesRet").fields)
    assert group(books, "SalesTaxPreferences")["DefaultItemSalesTaxRef"]["FullName"] == "Sales Tax"


def test_a_file_without_sales_tax_does_not_have_its_group(books: Books) -> None:
    books.company.configure(uses_sales_tax=False)
    assert group(books, "SalesTaxPreferences") == {}


def test_a_default_is_a_reference_where_there_is_such_an_element(books: Books) -> None:
    books.company.configure(default_ship_method="Truck")
    assert "DefaultShipMethodRef" not in group(books, "SalesAndCustomersPreferences")
    books.add("ShipMethod", "Truck")
    assert group(books, "SalesAndCustomersPreferences")["DefaultShipMethodRef"]["FullName"] == "Truck"


# -- what is off -------------------------------------------------------------------------------------------------


def test_the_table_names_what_there_is() -> None:
    schema = Schema("16.0", None)
    verbs = ("Add", "Mod", "Query")
    for about, setting in gating.ABOUT.items():
        assert any(f"{about}{verb}" in schema.messages for verb in verbs), about
        assert setting == gating.NEVER or isinstance(getattr(Settings(), setting), bool)
    fields = {name for one in schema.records() for name in schema.record(one).fields}
    for name, setting in gating.FIELDS.items():
        assert name in fields
        assert setting == gating.NEVER or isinstance(getattr(Settings(), setting), bool)


@pytest.mark.parametrize(
    ("setting", "request_name", "content"),
    [
        ("uses_classes", "ClassAdd", {"ClassAdd": {"Name": "c"}}),
        ("uses_classes", "ClassQuery", {}),
        ("uses_price_levels", "PriceLevelQuery", {}),
        ("uses_units_of_measure", "UnitOfMeasureSetQuery", {}),
        ("uses_multiple_sites", "InventorySiteQuery", {}),
        ("uses_purchase_orders_and_inventory", "ItemInventoryQuery", {}),
        ("uses_purchase_orders_and_inventory", "PurchaseOrderQuery", {}),
        ("uses_estimates", "EstimateQuery", {}),
        ("uses_sales_orders", "SalesOrderQuery", {}),
        ("uses_time_tracking", "TimeTrackingQuery", {}),
        ("uses_sales_tax", "SalesTaxPayableQuery", {}),
    ],
)
def test_a_request_needs_its_preference(books: Books, setting: str, request_name: str, content: dict[str, Any]) -> None:
    assert books.one(request_name, content).status_code != 3250
    books.company.configure(**{setting: False})
    assert status(books.one(request_name, content)) == OFF


def test_a_field_needs_its_preference(books: Books) -> None:
    books.add("ShipMethod", "Truck")
    books.company.configure(uses_classes=False, uses_price_levels=False)
    assert books.refused("Customer", {"Name": "a", "ClassRef": {"FullName": "c"}}) == OFF
    assert books.refused("Customer", {"Name": "a", "PriceLevelRef": {"FullName": "c"}}) == OFF
    assert books.refused("Customer", {"Name": "a", "CurrencyRef": {"FullName": "Euro"}}) == OFF


def test_an_empty_one_asks_for_nothing(books: Books) -> None:
    books.company.configure(uses_classes=False)
    given = {"Name": "a", "ClassRef": {"FullName": ""}}
    assert books.one("CustomerAdd", {"CustomerAdd": given}).status_code == 0


def test_there_is_one_currency(books: Books) -> None:
    assert status(books.one("CurrencyQuery")) == OFF
    add = {"CurrencyAdd": {"Name": "Guilder", "CurrencyCode": "NLG"}}
    assert status(books.one("CurrencyAdd", add)) == OFF


# -- what an application may ------------------------------------------------------------------------------------


def test_personal_data_is_for_those_who_may_see_it(books: Books) -> None:
    fields = {"FirstName": "Ann", "SSN": "123-45-6789"}
    code, message = books.refused("Employee", fields)
    assert (code, message) == (3261, "The integrated application has no permission to access personal data.")
    books.session = books.company.session("payroll", personal_data=True)
    added = books.add("Employee", fields)
    assert added["SSN"] == "123-45-6789"
    assert group(books, "CurrentAppAccessRights")["IsPersonalDataAccessAllowed"] is True
    books.session = books.company.session("other")
    assert "SSN" not in books.again(added)
    assert "SSN" not in books.one("EntityQuery").records[0]
    assert books.mod(added, BirthDate="1970-01-01").status_code == 3261
    assert books.modified(added, Phone="555-0100")["Phone"] == "555-0100"
    books.session = books.company.session("payroll", personal_data=True)
    assert books.again(added)["SSN"] == "123-45-6789"


def test_a_stale_record_tells_no_personal_data_either(books: Books) -> None:
    books.session = books.company.session("payroll", personal_data=True)
    added = books.add("Employee", {"FirstName": "Ann", "SSN": "123-45-6789"})
    books.session = books.company.session("other")
    stale = books.one("EmployeeMod", {"EmployeeMod": {"ListID": added["ListID"], "EditSequence": "1", "Phone": "5"}})
    assert stale.status_code == 3200
    assert "SSN" not in stale.records[0]


# -- special accounts and items ---------------------------------------------------------------------------------


def test_a_special_account_is_made_once(books: Books) -> None:
    types = Schema("16.0", "US").record("SpecialAccountAdd").fields["SpecialAccountType"].values or ()
    for type_ in types:
        answer = books.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": type_}})
        assert answer.status_code == 0, (type_, answer.status_message)
        assert answer.records[0]["SpecialAccountType"] == type_
        again = books.one("SpecialAccountAdd", {"SpecialAccountAdd": {"SpecialAccountType": type_}})
        assert again.status_code == 3100
    found = books.one("AccountQuery").records
    assert len(found) == len(types)
    assert {one["CashFlowClassification"] for one in found if one["Name"] == "Undeposited Funds"} == {"NotApplicable"}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("FinanceCharge", "ItemOtherCharge"),
        ("ReimbursableExpenseGroup", "ItemGroup"),
        ("ReimbursableExpenseSubtotal", "ItemSubtotal"),
    ],
)
def test_a_special_item_is_made_once(books: Books, type_: str, kind: str) -> None:
    add = {"SpecialItemAdd": {"SpecialItemType": type_}}
    answer = books.one("SpecialItemAdd", add)
    assert answer.status_code == 0, answer.status_message
    assert (answer.records[0].name, answer.records[0]["SpecialItemType"]) == (f"{kind}Ret", type_)
    assert books.one("SpecialItemAdd", add).status_code == 3100
    assert len(books.one(f"{kind}Query").records) == 1


def test_a_new_customer_pays_the_sales_tax_of_the_preferences(books: Books) -> None:
    books.add("SalesTaxCode", {"Name": "Yes", "IsTaxable": True})
    books.add("Vendor", "State")
    books.add("ItemSalesTax", {"Name": "State tax", "TaxRate": "5.0", "TaxVendorRef": {"FullName": "State"}})
    books.company.configure(default_sales_tax_item="state tax", default_taxable_code="Yes")
    made = books.add("Customer", "Ann")
    assert made["ItemSalesTaxRef"]["FullName"] == "State tax"
    assert made["SalesTaxCodeRef"]["FullName"] == "Yes"
    books.company.configure(uses_sales_tax=False)
    assert "ItemSalesTaxRef" not in books.add("Customer", "Bob")
