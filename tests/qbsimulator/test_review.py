"""What a company answers at the edges: times and numbers out of reach, iterators misused, outcomes of deletions."""

from __future__ import annotations

from pathlib import Path

import pytest

import qbxml
from tests.qbsimulator.helpers import Books, status
from tests.qbsimulator.ledger.shop import Shop, ref


@pytest.mark.parametrize("query", ["CustomerQuery", "ListDeletedQuery", "TxnDeletedQuery", "InvoiceQuery"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_filter_may_reach_to_the_ends_of_the_calendar(books: Books, query: str, day: str) -> None:
    books.add("Customer", "Ann")
    given = {
        "CustomerQuery": f"<ToModifiedDate>{day}</ToModifiedDate>",
        "InvoiceQuery": f"<ModifiedDateRangeFilter><ToModifiedDate>{day}</ToModifiedDate></ModifiedDateRangeFilter>",
    }
    kind = "<ListDelType>Customer</ListDelType>" if query[0] == "L" else "<TxnDelType>Invoice</TxnDelType>"
    span = f"<DeletedDateRangeFilter><ToDeletedDate>{day}</ToDeletedDate></DeletedDateRangeFilter>"
    answer = qbxml.parse(books.raw(f"<{query}Rq>{given.get(query, kind + span)}</{query}Rq>"))[0]
    assert answer.status_code == (0 if (query, day) == ("CustomerQuery", "9999-12-31") else 1)


def test_how_many_lists_were_deleted_is_told_when_asked(books: Books) -> None:
    for name in ("Ann", "Bob"):
        books.delete(books.add("Customer", name))
    given = {"ListDelType": ["Customer"], "metaData": "MetaDataOnly"}
    answer = books.one("ListDeletedQuery", given)
    assert (answer.ret_count, answer.records) == (2, [])
    assert books.one("ListDeletedQuery", {**given, "metaData": "MetaDataAndResponseData"}).ret_count == 2


@pytest.mark.parametrize("day", [0, -1, 32])
@pytest.mark.parametrize("version", ["2.0", "16.0"])
def test_a_number_that_its_record_cannot_hold_is_3085(books: Books, day: int, version: str) -> None:
    fields = f"<Name>Odd</Name><DayOfMonthDue>{day}</DayOfMonthDue><DueNextMonthDays>1</DueNextMonthDays>"
    add = f"<DateDrivenTermsAddRq><DateDrivenTermsAdd>{fields}</DateDrivenTermsAdd></DateDrivenTermsAddRq>"
    assert qbxml.parse(books.raw(add, version=version))[0].status_code == 3085


def test_what_was_deleted_is_named_when_the_outcome_is_recovered(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.company")
    invoice = shop.invoice()
    requests = [
        {"TxnVoidRq": {"TxnVoidType": "Invoice", "TxnID": invoice["TxnID"]}},
        {"TxnDelRq": {"TxnDelType": "Invoice", "TxnID": invoice["TxnID"]}},
    ]
    first, again = (shop.ask(*requests, new_message_set_id="7") for _ in range(2))
    assert [one.status_code for one in (*first, *again)] == [0] * 4
    told = [dict(one.content["ErrorRecovery"]) for one in again]
    assert told == [{"TxnID": invoice["TxnID"]}] * 2
    shop.close()


def test_an_iterator_goes_on_with_its_id_and_a_page_size(books: Books) -> None:
    for name in "abc":
        books.add("Customer", name)
    first = books.one("CustomerQuery", {"iterator": "Start", "MaxReturned": 1})
    going_on = {"iterator": "Continue", "iteratorID": first.iterator_id}
    assert books.one("CustomerQuery", {"iterator": "Continue", "MaxReturned": 1}).status_code == 3390
    assert books.one("CustomerQuery", going_on).status_code == 3390
    # A query that it is not of does it no harm.
    assert books.one("VendorQuery", {**going_on, "MaxReturned": 1}).status_code == 3391
    assert books.one("CustomerQuery", {**going_on, "MaxReturned": 9}).iterator_remaining_count == 0


def test_a_group_is_not_merged_with_what_it_holds(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.company")
    inner = shop.add("ItemGroup", {"Name": "Inner", "ItemGroupLine": [{"ItemRef": ref("Work")}]})
    outer = shop.add("ItemGroup", {"Name": "Outer", "ItemGroupLine": [{"ItemRef": ref("Inner")}]})
    for source, target in ((inner, outer), (outer, inner)):
        names = {
            end: {"ListID": one["ListID"], "EditSequence": one["EditSequence"]}
            for end, one in (("MergeFrom", source), ("MergeTo", target))
        }
        answer = shop.one("ListMerge", {"ListMergeType": "ItemGroup", **names})
        assert status(answer)[0] == 3500
    assert shop.company.check() == []
    shop.close()


def test_a_price_that_is_too_long_is_3045(books: Books) -> None:
    books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    price = {"Price": "9999999999.00", "AccountRef": {"FullName": "Sales"}}
    books.add("ItemService", {"Name": "Dear", "SalesOrPurchase": price})
    row = {"ItemRef": {"FullName": "Dear"}, "AdjustPercentage": "50.0", "AdjustRelativeTo": "StandardPrice"}
    given = {"Name": "More", "PriceLevelPerItem": [row]}
    assert books.refused("PriceLevel", given)[0] == 3045


@pytest.mark.parametrize(
    ("time", "status_code"),
    [("2023-11-14T14", 0), ("2023-11-14T15", 1), ("2023-11-14T24:00:00", 3020), ("2023-02-31", 3020)],
)
def test_a_filter_may_begin_at_an_hour_and_not_on_a_day_that_never_is(
    books: Books, time: str, status_code: int
) -> None:
    books.add("Customer", "Ann")
    query = f"<CustomerQueryRq><FromModifiedDate>{time}</FromModifiedDate></CustomerQueryRq>"
    assert qbxml.parse(books.raw(query))[0].status_code == status_code


@pytest.mark.parametrize("day", ["99999-01-01", "2024-02-31"])
def test_a_day_that_never_is_is_no_date_of_a_transaction(tmp_path: Path, day: str) -> None:
    shop = Shop(tmp_path / "shop.company")
    line = "<InvoiceLineAdd><ItemRef><FullName>Advice</FullName></ItemRef></InvoiceLineAdd>"
    head = f"<CustomerRef><FullName>Ann</FullName></CustomerRef><TxnDate>{day}</TxnDate>"
    add = f"<InvoiceAddRq><InvoiceAdd>{head}{line}</InvoiceAdd></InvoiceAddRq>"
    assert qbxml.parse(shop.raw(add))[0].status_code == 3020
    shop.close()


def test_a_line_of_an_address_is_cut_to_what_it_may_hold(books: Books) -> None:
    address = {"Addr1": "1 Road", "City": "C" * 31, "State": "S" * 21, "PostalCode": "9" * 13}
    block = books.add("Customer", {"Name": "Far", "BillAddress": address})["BillAddressBlock"]
    assert block == {"Addr1": "1 Road", "Addr2": "C" * 31 + ", " + "S" * 8}


def test_a_set_that_comes_again_has_no_status_of_the_older_one(books: Books) -> None:
    add = "<CustomerAddRq><CustomerAdd><Name>{}</Name></CustomerAdd></CustomerAddRq>"
    both = 'onError="stopOnError" newMessageSetID="B" oldMessageSetID="A"'
    books.raw(add.format("Ann"), attributes='onError="stopOnError" newMessageSetID="A"')
    for _ in range(2):
        assert b'messageSetStatusCode="0"' in books.raw(add.format("Bob"), attributes=both)


def test_a_part_of_a_record_has_what_it_must(books: Books) -> None:
    unit = "<Name>each</Name><Abbreviation>ea</Abbreviation>"
    related = f"<RelatedUnit>{unit}<ConversionRatio></ConversionRatio></RelatedUnit>"
    given = f"<Name>Count</Name><UnitOfMeasureType>Count</UnitOfMeasureType><BaseUnit>{unit}</BaseUnit>{related}"
    add = f"<UnitOfMeasureSetAddRq><UnitOfMeasureSetAdd>{given}</UnitOfMeasureSetAdd></UnitOfMeasureSetAddRq>"
    given = "<FullName>Lea</FullName><Status>Hot</Status><Locations><Location></Location></Locations>"
    contact = "<Name>Ann</Name><Contacts><FirstName></FirstName><LastName>Oak</LastName></Contacts>"
    customer = f"<CustomerAddRq><CustomerAdd>{contact}</CustomerAdd></CustomerAddRq>"
    for messages in (add, customer, f"<LeadAddRq><LeadAdd>{given}</LeadAdd></LeadAddRq>"):
        assert qbxml.parse(books.raw(messages))[0].status_code == 3150


def test_a_missing_id_goes_by_the_settings(books: Books) -> None:
    books.company.configure(missing_id_in_query=3120)
    assert books.one("CustomerQuery", {"ListID": ["80000001-1"]}).status_code == 3120
    assert books.one("InvoiceQuery", {"TxnID": ["1-1"]}).status_code == 3120
    assert books.one("CustomerQuery", {"FullName": ["Ann"]}).status_code == 500


def test_what_a_name_filter_looks_at_goes_by_the_settings(books: Books) -> None:
    books.add("Customer", "Ann")
    books.add("Customer", {"Name": "Barn", "ParentRef": {"FullName": "Ann"}})
    begin = {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "b"}}
    span = {"NameRangeFilter": {"FromName": "b", "ToName": "c"}}
    assert [books.names("Customer", one) for one in (begin, span)] == [[], []]
    books.company.configure(name_filter_looks_at="Name")
    assert [books.names("Customer", one) for one in (begin, span)] == [["Ann:Barn"], ["Ann:Barn"]]


def test_what_was_deleted_is_known_for_90_days(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop.company")
    shop.delete(shop.add("Customer", "Gone"))
    invoice = shop.invoice()
    shop.remove(invoice)

    def told() -> list[int]:
        lists = shop.one("ListDeletedQuery", {"ListDelType": ["Customer"]})
        return [len(lists.records), len(shop.one("TxnDeletedQuery", {"TxnDelType": ["Invoice"]}).records)]

    shop.time.pass_(89 * 86400)
    assert told() == [1, 1]
    shop.time.pass_(2 * 86400)
    assert told() == [0, 0]
    shop.close()
