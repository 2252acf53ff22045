"""Deleting elements of lists, and asking what was deleted."""

from __future__ import annotations

from tests.qbsimulator.helpers import BEGIN, Books


def test_a_deletion_says_what_and_when(books: Books) -> None:
    first = books.add("Class", "c")
    books.time.pass_(5)
    answer = books.raw(f"<ListDelRq><ListDelType>Class</ListDelType><ListID>{first['ListID']}</ListID></ListDelRq>")
    assert answer.decode().splitlines()[4:8] == [
        "<ListDelType>Class</ListDelType>",
        f"<ListID>80000001-{BEGIN}</ListID>",
        "<TimeDeleted>2023-11-14T14:13:25-08:00</TimeDeleted>",
        "<FullName>c</FullName>",
    ]
    assert books.one("ClassQuery", {"ActiveStatus": "All"}).status_code == 1
    assert books.delete(first).status_code == 3120


def test_a_deletion_by_the_wrong_kind_finds_nothing(books: Books) -> None:
    vendor = books.add("Vendor", "v")
    assert books.one("ListDel", {"ListDelType": "Customer", "ListID": vendor["ListID"]}).status_code == 3120


def test_what_is_referred_to_can_not_be_deleted(books: Books) -> None:
    big = books.add("CustomerType", "Big")
    customer = books.add("Customer", {"Name": "a", "CustomerTypeRef": {"FullName": "Big"}})
    assert books.delete(big).status_code == 3160
    assert books.again(big)["Name"] == "Big"
    assert books.delete(customer).status_code == 0
    assert books.delete(big).status_code == 0, "with the customer its reference went"


def test_a_reference_deep_within_a_record_counts(books: Books) -> None:
    account = books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    books.add("ItemService", {"Name": "h", "SalesOrPurchase": {"AccountRef": {"FullName": "Sales"}}})
    assert books.delete(account).status_code == 3160


def test_what_has_children_can_not_be_deleted(books: Books) -> None:
    top = books.add("Customer", "a")
    job = books.add("Customer", {"Name": "b", "ParentRef": {"FullName": "a"}})
    assert books.delete(top).status_code == 3160
    assert books.delete(job).status_code == 0
    assert books.delete(top).status_code == 0


def test_units_of_measure_can_not_be_deleted(books: Books) -> None:
    units = {"Name": "Hours", "UnitOfMeasureType": "Time", "BaseUnit": {"Name": "hour", "Abbreviation": "h"}}
    assert books.delete(books.add("UnitOfMeasureSet", units)).status_code == 3160


def test_with_others_in_the_file_a_deletion_only_makes_inactive(books: Books) -> None:
    books.company.configure(file_mode="MultiUser")
    first = books.add("Class", "c")
    assert books.delete(first).status_code == 0
    assert books.again(first)["IsActive"] is False
    assert books.names("Class") == []
    assert books.names("Class", {"ActiveStatus": "InactiveOnly"}) == ["c"]
    assert books.one("ListDeletedQuery", {"ListDelType": ["Class"]}).status_code == 1, "it is there"


def test_section_12_what_was_deleted_is_kept_and_told(books: Books) -> None:
    kinds = ("Class", "CustomerType", "Class")
    records = []
    for number, kind in enumerate(kinds):
        records.append(books.add(kind, f"n{number}"))
        books.time.pass_(60)
        books.delete(records[-1])
    answer = books.one("ListDeletedQuery", {"ListDelType": ["Class"]})
    assert [one["FullName"] for one in answer.records] == ["n0", "n2"]
    first = answer.records[0]
    assert list(first) == ["ListDelType", "ListID", "TimeCreated", "TimeDeleted", "FullName"]
    assert (first["TimeDeleted"] - first["TimeCreated"]).total_seconds() == 60
    both = books.one("ListDeletedQuery", {"ListDelType": ["CustomerType", "Class"]})
    assert {one["FullName"] for one in both.records} == {"n0", "n1", "n2"}


def test_deletions_are_found_by_their_time(books: Books) -> None:
    for day in range(3):
        books.delete(books.add("Class", f"day {day}"))
        books.time.pass_(24 * 3600)

    def found(**span: str) -> list[str]:
        content = {"ListDelType": ["Class"], "DeletedDateRangeFilter": span}
        return [str(one["FullName"]) for one in books.one("ListDeletedQuery", content).records]

    assert found(FromDeletedDate="2023-11-15") == ["day 1", "day 2"]
    assert found(ToDeletedDate="2023-11-15") == ["day 0", "day 1"], "a date is meant to its end"
    assert found(FromDeletedDate="2023-11-15", ToDeletedDate="2023-11-15") == ["day 1"]
    assert found(FromDeletedDate="2023-11-15T14:13:21") == ["day 2"]
    assert found(FromDeletedDate="2023-11-15T22:13:20+00:00", ToDeletedDate="2023-11-15T14:13:20") == ["day 1"]
    assert found(FromDeletedDate="2023-11-20") == []


def test_section_12_a_range_the_wrong_way_round_is_3030(books: Books) -> None:
    span = {"FromDeletedDate": "2023-11-16", "ToDeletedDate": "2023-11-15"}
    answer = books.one("ListDeletedQuery", {"ListDelType": ["Class"], "DeletedDateRangeFilter": span})
    assert answer.status_code == 3030
    assert answer.status_message == "Invalid date range: From date is greater than To date."
