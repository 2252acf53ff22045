"""Queries of lists: filters, order, what is missing, what comes back."""

from __future__ import annotations

from typing import Any

import pytest

import qbxml
from qbsimulator.kinds import items
from qbxml.schema import Schema
from tests.qbsimulator.helpers import Books, status


@pytest.fixture
def customers(books: Books) -> Books:
    """Five customers, a minute between them: one inactive, one with a job."""
    for name, fields in {
        "Annie's Alligators": {},
        "Bob": {"IsActive": False},
        "cats & dogs": {},
        "50% off_season": {},
    }.items():
        books.add("Customer", {"Name": name, **fields})
        books.time.pass_(60)
    books.add("Customer", {"Name": "Kitchen", "ParentRef": {"FullName": "Annie's Alligators"}})
    return books


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ["50% off_season", "Annie's Alligators", "Annie's Alligators:Kitchen", "cats & dogs"]),
    "all": (
        {"ActiveStatus": "All"},
        ["50% off_season", "Annie's Alligators", "Annie's Alligators:Kitchen", "Bob", "cats & dogs"],
    ),
    "inactive": ({"ActiveStatus": "InactiveOnly"}, ["Bob"]),
    "how many": ({"MaxReturned": 2}, ["50% off_season", "Annie's Alligators"]),
    "modified since": ({"FromModifiedDate": "2023-11-14T14:16:20"}, ["50% off_season", "Annie's Alligators:Kitchen"]),
    "modified until": ({"ToModifiedDate": "2023-11-14T14:15:20"}, ["Annie's Alligators", "cats & dogs"]),
    "modified elsewhere": ({"ToModifiedDate": "2023-11-14T22:13:20+00:00"}, ["Annie's Alligators"]),
    "modified on a day": (
        {"FromModifiedDate": "2023-11-14", "ToModifiedDate": "2023-11-14", "MaxReturned": 1},
        ["50% off_season"],
    ),
    "modified before the day": ({"ToModifiedDate": "2023-11-13"}, []),
    "modified after the day": ({"FromModifiedDate": "2023-11-15"}, []),
    "begins with": ({"NameFilter": {"MatchCriterion": "StartsWith", "Name": "CATS"}}, ["cats & dogs"]),
    "ends with": ({"NameFilter": {"MatchCriterion": "EndsWith", "Name": "Season"}}, ["50% off_season"]),
    "contains": (
        {"NameFilter": {"MatchCriterion": "Contains", "Name": "S A"}},
        ["Annie's Alligators", "Annie's Alligators:Kitchen"],
    ),
    "contains what is a pattern in SQL": (
        {"NameFilter": {"MatchCriterion": "Contains", "Name": "%"}},
        ["50% off_season"],
    ),
    "contains another pattern": ({"NameFilter": {"MatchCriterion": "Contains", "Name": "f_s"}}, ["50% off_season"]),
    "names from": ({"NameRangeFilter": {"FromName": "b"}}, ["cats & dogs"]),
    "names to": ({"NameRangeFilter": {"ToName": "annie's alligators"}}, ["50% off_season", "Annie's Alligators"]),
    "names between": (
        {"NameRangeFilter": {"FromName": "ANNIE'S ALLIGATORS", "ToName": "Bob"}, "ActiveStatus": "All"},
        ["Annie's Alligators", "Annie's Alligators:Kitchen", "Bob"],
    ),
    "a balance": ({"TotalBalanceFilter": {"Operator": "GreaterThan", "Amount": "0.00"}}, []),
    "no balance": (
        {"TotalBalanceFilter": {"Operator": "Equal", "Amount": "0.00"}, "MaxReturned": 1},
        ["50% off_season"],
    ),
}


@pytest.mark.parametrize(("content", "names"), FILTERS.values(), ids=FILTERS)
def test_customers_are_found_by_their_filters(customers: Books, content: dict[str, Any], names: list[str]) -> None:
    answer = customers.one("CustomerQuery", content)
    assert [one["FullName"] for one in answer.records] == names
    assert answer.status_code == (0 if names else 1)


def test_a_class_filter_finds_by_class_and_by_those_below(books: Books) -> None:
    east = books.add("Class", "East")
    books.add("Class", {"Name": "Coast", "ParentRef": {"FullName": "East"}})
    for name, of in (("a", "East"), ("b", "East:Coast"), ("c", None)):
        books.add("Vendor", {"Name": name, **({"ClassRef": {"FullName": of}} if of else {})})

    def found(**content: Any) -> list[str]:
        return books.names("Vendor", {"ClassFilter": content})

    assert found(FullName=["east"]) == ["a"]
    assert found(ListID=[east["ListID"]]) == ["a"]
    assert found(FullName=["East", "East:Coast"]) == ["a", "b"]
    assert found(FullNameWithChildren="East") == ["a", "b"]
    assert found(ListIDWithChildren=east["ListID"]) == ["a", "b"]
    assert books.one("VendorQuery", {"ClassFilter": {"FullName": ["no"]}}).status_code == 3140


def test_ranges_the_wrong_way_round_are_refused(books: Books) -> None:
    dates = {"FromModifiedDate": "2024-01-02", "ToModifiedDate": "2024-01-01"}
    assert books.one("CustomerQuery", dates).status_code == 3030
    names = {"NameRangeFilter": {"FromName": "b", "ToName": "A"}}
    assert status(books.one("CustomerQuery", names)) == (
        3031,
        'The "From" or "To" values in the provided NameRangeFilter are invalid.',
    )


def test_a_currency_filter_wants_several_currencies(books: Books) -> None:
    assert books.one("CustomerQuery", {"CurrencyFilter": {"FullName": ["Euro"]}}).status_code == 3250


# -- by id and by name -------------------------------------------------------------------------------------------


def test_ids_and_names_are_found_inactive_or_not_in_any_case_in_the_order_asked(customers: Books) -> None:
    answer = customers.one("CustomerQuery", {"FullName": ["BOB", "annie's alligators:KITCHEN"]})
    assert [one["FullName"] for one in answer.records] == ["Bob", "Annie's Alligators:Kitchen"]
    ids = [one["ListID"] for one in answer.records]
    assert customers.names("Customer", {"ListID": ids[::-1]}) == ["Annie's Alligators:Kitchen", "Bob"]


def test_straight_and_curly_apostrophes_differ(customers: Books) -> None:
    query = "<CustomerQueryRq><FullName>Annie{}s Alligators</FullName></CustomerQueryRq>"
    codes = [qbxml.parse(customers.raw(query.format(one)))[0].status_code for one in ("'", "&apos;", "&#8217;")]
    assert codes == [0, 0, 500]


def test_section_12_a_name_without_a_match_is_a_warning_and_those_found_are_given(customers: Books) -> None:
    answer = customers.one("CustomerQuery", {"FullName": ["nobody", "Bob", "no one"]})
    assert (answer.status_code, answer.status_severity) == (500, "Warn")
    assert answer.status_message == (
        "The query request has not been fully completed. There was a required element "
        '("nobody") that could not be found in QuickBooks.'
    )
    assert [one["FullName"] for one in answer.records] == ["Bob"]


def test_no_match_at_all_by_name_or_id_is_a_warning_too(customers: Books) -> None:
    for content in ({"FullName": ["nobody"]}, {"ListID": ["8000FFFF-1"]}):
        answer = customers.one("CustomerQuery", content)
        assert (answer.status_code, answer.records) == (500, [])


def test_an_id_of_an_impossible_form_is_a_warning_or_an_error_by_the_settings(books: Books) -> None:
    assert books.one("CustomerQuery", {"ListID": ["seven"]}).status_code == 500
    books.company.configure(odd_id_in_query=3000)
    assert books.one("CustomerQuery", {"ListID": ["seven"]}).status_code == 3000
    assert books.one("CustomerQuery", {"ListID": ["8000FFFF-1"]}).status_code == 500


def test_filters_without_a_match_are_information(books: Books) -> None:
    answer = books.one("CustomerQuery")
    assert status(answer) == (1, "A query request did not find a matching object in QuickBooks")
    assert answer.status_severity == "Info"


# -- metaData ----------------------------------------------------------------------------------------------------


def test_section_12_meta_data_counts(customers: Books) -> None:
    only = customers.one("CustomerQuery", {"metaData": "MetaDataOnly"})
    assert (only.ret_count, only.records) == (4, [])
    both = customers.one("CustomerQuery", {"metaData": "MetaDataAndResponseData", "ActiveStatus": "All"})
    assert (both.ret_count, len(both.records)) == (5, 5)
    none = customers.one("CustomerQuery", {"metaData": "NoMetaData"})
    assert (none.ret_count, len(none.records)) == (None, 4)


# -- several kinds at once ---------------------------------------------------------------------------------------


def test_items_are_twelve_kinds_found_together_by_name(books: Books) -> None:
    account = {"FullName": "A"}
    books.add("Account", {"Name": "A", "AccountType": "Income"})
    books.add("Vendor", "State")
    sale = {"SalesOrPurchase": {"AccountRef": account}}
    needed: dict[str, dict[str, Any]] = {
        **dict.fromkeys(("ItemService", "ItemNonInventory", "ItemOtherCharge"), sale),
        "ItemFixedAsset": {
            "AcquiredAs": "New",
            "PurchaseDesc": "p",
            "PurchaseDate": "2024-01-01",
            "AssetAccountRef": account,
        },
        "ItemSalesTaxGroup": {"ItemSalesTaxRef": [{"FullName": "n ItemSalesTax"}]},
    }
    for kind in sorted(items(), reverse=True):
        if kind != "ItemSalesTaxGroup":
            books.add(kind, {"Name": f"n {kind}", **needed.get(kind, {})})
    books.add("ItemSalesTaxGroup", {"Name": "n ItemSalesTaxGroup", **needed["ItemSalesTaxGroup"]})
    answer = books.one("ItemQuery")
    assert [one["Name"] for one in answer.records] == sorted(f"n {kind}" for kind in items())
    assert len({one.name for one in answer.records}) == len(items()) == 12
    assert books.names("Item", {"FullName": ["N ITEMGROUP"]}) == ["n ItemGroup"]
    assert books.names("ItemGroup") == ["n ItemGroup"]


def test_entities_are_found_together(books: Books) -> None:
    for kind, name in (("Vendor", "b"), ("OtherName", "a"), ("Customer", "d")):
        books.add(kind, name)
    books.add("Employee", {"FirstName": "c"})
    answer = books.one("EntityQuery")
    assert [one.name for one in answer.records] == ["OtherNameRet", "VendorRet", "EmployeeRet", "CustomerRet"]
    assert [one.name for one in books.one("EntityQuery", {"FullName": ["c"]}).records] == ["EmployeeRet"]


def test_terms_are_found_together(books: Books) -> None:
    books.add("StandardTerms", {"Name": "Net 30", "StdDueDays": 30})
    books.add("DateDrivenTerms", {"Name": "5th", "DayOfMonthDue": 5})
    assert [one.name for one in books.one("TermsQuery").records] == ["DateDrivenTermsRet", "StandardTermsRet"]
    assert books.one("StandardTermsQuery").records[0]["StdDueDays"] == 30


# -- queries with filters of their own ---------------------------------------------------------------------------


def test_accounts_come_by_type_in_the_order_of_the_chart(books: Books) -> None:
    for name, account in (("z", "Bank"), ("a", "Expense"), ("b", "Bank"), ("c", "FixedAsset"), ("d", "Equity")):
        books.add("Account", {"Name": name, "AccountType": account})
    books.add("Account", {"Name": "s", "AccountType": "Bank", "ParentRef": {"FullName": "b"}})
    assert books.names("Account") == ["b", "b:s", "z", "c", "d", "a"]
    assert books.names("Account", {"AccountType": ["Expense", "Equity"]}) == ["d", "a"]


def test_payment_methods_are_found_by_type(books: Books) -> None:
    for name, method in (("Cash", "Cash"), ("Visa", "Visa"), ("Cheque", "Check")):
        books.add("PaymentMethod", {"Name": name, "PaymentMethodType": method})
    assert books.names("PaymentMethod", {"PaymentMethodType": ["Visa", "Cash"]}) == ["Cash", "Visa"]


def test_price_levels_are_found_by_item(books: Books) -> None:
    books.add("ItemSubtotal", "x")
    prices = [{"ItemRef": {"FullName": "x"}, "CustomPrice": "5"}]
    books.add("PriceLevel", {"Name": "p", "PriceLevelPerItem": prices})
    books.add("PriceLevel", {"Name": "q", "PriceLevelFixedPercentage": "5"})
    assert books.names("PriceLevel", {"ItemRef": {"FullName": "x"}}) == ["p"]
    assert books.one("PriceLevelQuery", {"ItemRef": {"FullName": "no"}}).status_code == 3140


def test_every_filter_of_a_query_is_seen_to() -> None:
    """So that none is passed over in silence when the schema gets another one."""
    schema = Schema("16.0", None)
    seen = {
        *("ListID", "FullName", "MaxReturned", "ActiveStatus", "FromModifiedDate", "ToModifiedDate", "NameFilter"),
        *("NameRangeFilter", "AccountType", "CurrencyFilter", "IncludeRetElement", "OwnerID", "TotalBalanceFilter"),
        *("ClassFilter", "PaymentMethodType", "ItemRef", "DoneStatus", "Name"),
    }
    from qbsimulator.queries import kinds_of

    queries = [one for one in schema.records() if one.endswith("QueryRq") and kinds_of(one.removesuffix("QueryRq"))]
    assert len(queries) == 39
    assert {field for one in queries for field in schema.record(one).fields} == seen
