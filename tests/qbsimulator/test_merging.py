"""Merging: one element becomes another, and what referred to the first refers to the second."""

from __future__ import annotations

from typing import Any

import pytest

from qbxml import Record
from qbxml.model import MessageResponse
from tests.qbsimulator.helpers import Books


def merge(books: Books, source: Record, target: Record, **changed: Any) -> MessageResponse:
    content = {
        "ListMergeType": source.name.removesuffix("Ret"),
        "MergeFrom": {"ListID": source["ListID"], "EditSequence": source["EditSequence"]},
        "MergeTo": {"ListID": target["ListID"], "EditSequence": target["EditSequence"]},
    }
    return books.one("ListMerge", {**content, **changed})


def test_one_is_gone_and_the_other_stays(books: Books) -> None:
    source, target = books.add("Vendor", "Old"), books.add("Vendor", "New")
    books.time.pass_(60)
    answer = merge(books, source, target)
    assert answer.status_code == 0, answer.status_message
    assert answer.content["ListMergeType"] == "Vendor"
    told_from, told_to = answer.content["MergedFrom"], answer.content["MergedTo"]
    assert (told_from["ListID"], told_from["FullName"]) == (source["ListID"], "Old")
    assert (told_to["ListID"], told_to["FullName"], told_to["TimeCreated"]) == (
        target["ListID"],
        "New",
        target["TimeCreated"],
    )
    assert int(told_to["EditSequence"]) == int(target["EditSequence"]) + 60
    assert books.names("Vendor") == ["New"]
    assert [one["FullName"] for one in books.one("ListDeletedQuery", {"ListDelType": ["Vendor"]}).records] == ["Old"]


def test_references_move(books: Books) -> None:
    source, target = books.add("Vendor", "Old"), books.add("Vendor", "New")
    tax = books.add("ItemSalesTax", {"Name": "Tax", "TaxVendorRef": {"FullName": "Old"}})
    merge(books, source, target)
    after = books.again(tax)
    assert after["TaxVendorRef"] == {"ListID": target["ListID"], "FullName": "New"}
    assert after["EditSequence"] == tax["EditSequence"]
    # It is in use now, as the other was.
    assert books.delete(target).status_code == 3160


def test_what_is_below_moves_with_it(books: Books) -> None:
    source, target = books.add("Customer", "Old"), books.add("Customer", "New")
    job = books.add("Customer", {"Name": "Roof", "ParentRef": {"FullName": "Old"}})
    books.add("Customer", {"Name": "Tiles", "ParentRef": {"FullName": "Old:Roof"}})
    merge(books, source, target)
    assert books.names("Customer") == ["New", "New:Roof", "New:Roof:Tiles"]
    assert books.again(job)["ParentRef"]["ListID"] == target["ListID"]


def test_names_below_that_meet_are_refused(books: Books) -> None:
    source, target = books.add("Customer", "Old"), books.add("Customer", "New")
    for parent in ("Old", "New"):
        books.add("Customer", {"Name": "Roof", "ParentRef": {"FullName": parent}})
    assert merge(books, source, target).status_code == 3500
    assert books.names("Customer") == ["New", "New:Roof", "Old", "Old:Roof"]


@pytest.mark.parametrize("which", ["MergeFrom", "MergeTo"])
def test_both_have_to_be_as_they_were_read(books: Books, which: str) -> None:
    source, target = books.add("Vendor", "Old"), books.add("Vendor", "New")
    stale = {"ListID": (source if which == "MergeFrom" else target)["ListID"], "EditSequence": "1"}
    assert merge(books, source, target, **{which: stale}).status_code == 3200
    missing = {"ListID": "8000FFFF-1", "EditSequence": "1"}
    assert merge(books, source, target, **{which: missing}).status_code == 3120
    odd = {"ListID": "what", "EditSequence": "1"}
    assert merge(books, source, target, **{which: odd}).status_code == 3000


def test_it_needs_the_file_for_itself(books: Books) -> None:
    source, target = books.add("Vendor", "Old"), books.add("Vendor", "New")
    books.company.configure(file_mode="MultiUser")
    assert merge(books, source, target).status_code == 3500
    assert books.names("Vendor") == ["New", "Old"]


def test_what_can_not_become_one(books: Books) -> None:
    vendor = books.add("Vendor", "V")
    assert merge(books, vendor, vendor).status_code == 3500
    top = books.add("Customer", "A")
    job = books.add("Customer", {"Name": "Roof", "ParentRef": {"FullName": "A"}})
    assert merge(books, job, top).status_code == 3500
    bank = books.add("Account", {"Name": "Bank", "AccountType": "Bank"})
    income = books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    assert merge(books, bank, income).status_code == 3500


def test_whatever_is_kept_beside_the_lists_is_told(books: Books) -> None:
    source, target = books.add("Vendor", "Old"), books.add("Vendor", "New")
    told: list[tuple[str, str]] = []
    books.company.merge_hooks.append(lambda old, new: told.append((old, new)))
    merge(books, source, target)
    assert told == [(f"Vendor {source['ListID']}", f"Vendor {target['ListID']}")]
