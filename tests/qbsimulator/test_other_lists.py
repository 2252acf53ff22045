"""Lists with ways of their own: what there is to do, leads, billing rates, templates, currencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qbsimulator.kinds import kinds
from qbxml import Record
from tests.qbsimulator.helpers import Books


def notes(books: Books, **filters: Any) -> list[str]:
    return [str(one["Notes"]) for one in books.one("ToDoQuery", filters).records]


def test_what_there_is_to_do_has_no_name(books: Books) -> None:
    first = books.add("ToDo", {"Notes": "Call: Ann"})
    second = books.add("ToDo", {"Notes": "Call: Ann", "Priority": "High"})
    assert first["ListID"] != second["ListID"]
    assert (first["Type"], first["Priority"], second["Priority"]) == ("Task", "Low", "High")
    assert books.modified(first, Notes="Call Bob")["Notes"] == "Call Bob"
    assert notes(books) == ["Call: Ann", "Call Bob"]
    assert notes(books, NameFilter={"MatchCriterion": "EndsWith", "Name": "bob"}) == ["Call Bob"]
    assert books.delete(second).status_code == 0
    assert notes(books) == ["Call Bob"]


def test_what_is_done_is_told_only_when_asked_for(books: Books) -> None:
    done = books.add("ToDo", {"Notes": "this", "IsDone": True})
    books.add("ToDo", {"Notes": "that"})
    assert notes(books) == ["that"]
    assert notes(books, DoneStatus="DoneOnly") == ["this"]
    assert notes(books, DoneStatus="All") == ["that", "this"]
    books.modified(done, IsDone=False)
    assert notes(books) == ["that", "this"]


def test_it_is_about_one_at_most(books: Books) -> None:
    books.add("Customer", "C")
    books.add("Vendor", "V")
    to_do = books.add("ToDo", {"Notes": "Call", "CustomerRef": {"FullName": "C"}})
    changed = books.modified(to_do, VendorRef={"FullName": "V"})
    assert (changed["VendorRef"]["FullName"], "CustomerRef" in changed) == ("V", False)


def lead(books: Books) -> Record:
    places = [
        {"Location": "Office", "LeadAddress": {"Addr1": "1 Elm Street"}},
        {"Location": "Yard"},
    ]
    people = [{"FirstName": "Ann", "IsPrimaryContact": True}, {"FirstName": "Bob"}]
    return books.add("Lead", {"FullName": "Lee", "Locations": places, "LeadContacts": people})


def test_a_lead_is_called_by_its_full_name(books: Books) -> None:
    added = lead(books)
    assert (added["FullName"], added["Status"]) == ("Lee", "Hot")
    assert books.refused("Lead", {"FullName": "LEE"})[0] == 3100
    assert books.names("Lead", {"Name": ["lee"]}) == ["Lee"]
    assert books.names("Lead", {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "L"}}) == ["Lee"]
    assert books.one("LeadQuery", {"Name": ["Lou"]}).status_code == 500


def test_a_leads_places_and_people_have_numbers(books: Books) -> None:
    added = lead(books)
    assert [(one["LocationID"], one["MainAddress"]) for one in added["LocationsRet"]] == [
        (0, "1 Elm Street"),
        (1, "Yard"),
    ]
    assert [(one["LeadContactID"], one["FirstName"]) for one in added["LeadContactsRet"]] == [(0, "Ann"), (1, "Bob")]


def test_lists_of_a_lead_are_given_as_a_whole(books: Books) -> None:
    added = lead(books)
    people = [{"LeadContactID": 1, "FirstName": "Bobby"}, {"FirstName": "Cy"}]
    changed = books.modified(added, FullName="Lee", LeadContactsMod=people)
    told = [(one["LeadContactID"], one["FirstName"]) for one in changed["LeadContactsRet"]]
    assert told == [(1, "Bobby"), (3, "Cy")]
    assert len(changed["LocationsRet"]) == 2
    missing = [{"LocationID": 7, "Location": "Nowhere"}]
    assert books.mod(changed, FullName="Lee", LocationsMod=missing).status_code == 3120


def test_a_billing_rate_is_fixed_or_by_item(books: Books) -> None:
    fixed = books.add("BillingRate", {"Name": "One", "FixedBillingRate": "20.00"})
    assert (fixed["BillingRateType"], fixed["FixedBillingRate"]) == ("FixedRate", Decimal("20.00"))
    account = books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    price = {"Price": "1.00", "AccountRef": {"ListID": account["ListID"]}}
    item = books.add("ItemService", {"Name": "Work", "SalesOrPurchase": price})
    lines = [{"ItemRef": {"FullName": "Work"}, "CustomRate": "9.50"}]
    by_item = books.add("BillingRate", {"Name": "Two", "BillingRatePerItem": lines})
    assert by_item["BillingRateType"] == "PerItem"
    assert by_item["BillingRatePerItemRet"][0]["ItemRef"]["ListID"] == item["ListID"]
    assert books.names("BillingRate", {"ItemRef": {"FullName": "Work"}}) == ["Two"]
    vendor = books.add("Vendor", {"Name": "V", "BillingRateRef": {"FullName": "one"}})
    assert vendor["BillingRateRef"]["FullName"] == "One"


def test_a_rate_may_be_given_relative_to_the_standard_rate(books: Books) -> None:
    account = books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    price = {"Price": "10.10", "AccountRef": {"ListID": account["ListID"]}}
    books.add("ItemService", {"Name": "Work", "SalesOrPurchase": price})
    row = {"ItemRef": {"FullName": "Work"}, "AdjustPercentage": "5", "AdjustBillingRateRelativeTo": "StandardRate"}
    added = books.add("BillingRate", {"Name": "Two", "BillingRatePerItem": [row]})
    assert added["BillingRatePerItemRet"][0]["CustomRate"] == Decimal("10.61")  # 10.605, away from zero


def adjusted(item: str, percentage: str, to: str) -> list[dict[str, Any]]:
    return [{"ItemRef": {"FullName": item}, "AdjustPercentage": percentage, "AdjustRelativeTo": to}]


def test_a_price_level_may_be_given_relative_to_other_prices(books: Books) -> None:
    account = {"FullName": books.add("Account", {"Name": "Sales", "AccountType": "Income"})["FullName"]}
    both = {"SalesPrice": "20.00", "IncomeAccountRef": account, "PurchaseCost": "12.00", "ExpenseAccountRef": account}
    books.add("ItemNonInventory", {"Name": "Board", "SalesAndPurchase": both})
    level = books.add("PriceLevel", {"Name": "L", "PriceLevelPerItem": adjusted("Board", "-10", "StandardPrice")})

    def price(record: Record) -> Decimal:
        found = record["PriceLevelPerItemRet"][0]["CustomPrice"]
        assert isinstance(found, Decimal)
        return found

    assert price(level) == Decimal("18.00")
    level = books.modified(level, PriceLevelPerItem=adjusted("Board", "50", "CurrentCustomPrice"))
    assert price(level) == Decimal("27.00")
    level = books.modified(level, PriceLevelPerItem=adjusted("Board", "25", "Cost"))
    assert price(level) == Decimal("15.00")
    assert books.mod(level, PriceLevelPerItem=adjusted("Nothing", "25", "Cost")).status_code == 3140
    books.add("ItemSubtotal", "Subtotal")
    assert books.mod(level, PriceLevelPerItem=adjusted("Subtotal", "25", "Cost")).status_code == 3210


def test_templates_are_those_that_quickbooks_made(books: Books) -> None:
    assert books.one("TemplateQuery").status_code == 1
    given = {"Name": "Intuit Product Invoice", "TemplateType": "Invoice"}
    books.company.elements.add(kinds()["Template"], given, books.company.settings)
    (told,) = books.one("TemplateQuery").records
    assert (told["Name"], told["TemplateType"], told["IsActive"]) == ("Intuit Product Invoice", "Invoice", True)


@pytest.mark.parametrize("kind", ["ToDo", "Lead", "BillingRate"])
def test_they_are_kept_in_the_file(books: Books, kind: str) -> None:
    fields = {"ToDo": {"Notes": "x"}, "Lead": {"FullName": "x"}, "BillingRate": {"Name": "x", "FixedBillingRate": "1"}}
    added = books.add(kind, fields[kind])
    books.reopen()
    assert books.one(f"{kind}Query", {"ListID": [added["ListID"]]}).records == [added]
