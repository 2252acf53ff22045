"""Every kind of list that the schema has: added, found, changed and deleted, and every answer valid in its version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qbsimulator import QuickBooksError, Settings
from qbsimulator.kinds import LATER, Kind, kinds, looks_like_an_id, meant
from qbsimulator.requests import handlers
from qbxml import Record, testing
from qbxml.schema import RecordType, Schema
from tests.qbsimulator.helpers import Books

EVERY = Schema("16.0", "US")
KINDS = {name: kind for name, kind in kinds().items() if f"{name}AddRq" in EVERY.records()}

#: What no sample can know.
FIELDS: dict[str, dict[str, Any]] = {
    "Employee": {"FirstName": "Ann"},
    "Account": {"AccountType": "Bank"},
    "ItemFixedAsset": {"AssetAccountRef": {}},  # the schema calls it optional
}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    """A company whose applications may see all that employees have."""
    opened = Books(tmp_path / "books.company", Settings(personal_data=True))
    yield opened
    opened.close()


def prepared(books: Books, kind: Kind, version: str, *, full: bool) -> dict[str, Any]:
    """A sample of an Add whose references are to elements that were made for it."""
    content: dict[str, Any] = testing.sample(f"{kind.name}AddRq", version, "US", full=full)[f"{kind.name}Add"]
    content = {**content, **FIELDS.get(kind.name, {})}
    for name in ("OpenBalance", "OpenBalanceDate", "QuantityOnHand", "TotalValue", "InventoryDate"):
        content.pop(name, None)
    schema = Schema(version, "US")
    return aimed(books, kind.name, content, schema.record(f"{kind.name}Add"), version)


def aimed(books: Books, kind: str, content: dict[str, Any], record: RecordType, version: str) -> dict[str, Any]:
    """Content with references to what there is. Those to what no simulator has yet are left out."""
    given: dict[str, Any] = {}
    for name, value in content.items():
        field = record.fields[name]
        if not field.is_record:
            given[name] = value
            continue
        inner = record.record(field)
        if name == "EmployeePayrollInfo":  # it refers to payroll items, of which there are none
            continue
        if not set(inner.fields) <= {"ListID", "FullName"}:
            values = value if isinstance(value, list) else [value]
            found: list[Any] = [aimed(books, kind, one, inner, version) for one in values]
            for one in found:
                one.pop("AdjustPercentage", None)
                one.pop("AdjustRelativeTo", None)
            given[name] = found if isinstance(value, list) else found[0]
            continue
        among = [one for one in meant(name, kind) if one in KINDS and one not in ("ItemSalesTaxGroup",)]
        if not among or name == "CurrencyRef":
            continue
        target = "ItemSubtotal" if "ItemSubtotal" in among else among[0]
        reference = {"FullName": there(books, target, version)}
        given[name] = [reference] if isinstance(value, list) else reference
    return given


def there(books: Books, kind: str, version: str) -> str:
    """The name of an element of a kind, made where there is none."""
    found = books.one(f"{kind}Query").records
    if not found:
        # As that version adds it: later ones leave out what it has to have.
        since = version if f"{kind}AddRq" in Schema(version, "US").records() else "16.0"
        content = prepared(books, KINDS[kind], since, full=False)
        name = "FirstName" if kind == "Employee" else KINDS[kind].name_field
        content[name] = f"1 {kind}"[: EVERY.record(f"{kind}Add").fields[name].limit]
        found = [books.add(kind, content)]
    return str(found[0].get("FullName") or found[0].get("Name") or found[0].get("Initial"))


def added(books: Books, kind: Kind, version: str, *, full: bool) -> Record:
    return books.add(kind.name, prepared(books, kind, version, full=full), version=version)


@pytest.mark.parametrize("full", [False, True], ids=["least", "most"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda one: one.name)
def test_it_is_added_found_changed_and_deleted(books: Books, kind: Kind, full: bool) -> None:
    record = added(books, kind, "16.0", full=full)
    assert record.name == kind.ret
    assert looks_like_an_id(record["ListID"])
    assert record["EditSequence"] == str(int(books.time.seconds))
    if "IsActive" in EVERY.record(kind.ret).fields and not full:
        assert record["IsActive"] is True
    query = {"ListID": [record["ListID"]]}
    assert books.one(f"{kind.name}Query", query).records == [record]
    name = record.get("FullName") or record[kind.name_field]
    by_name = next((one for one in ("FullName", "Name") if one in EVERY.record(f"{kind.name}QueryRq").fields), None)
    if by_name is not None:
        assert books.one(f"{kind.name}Query", {by_name: [name.upper()]}).records == [record]

    books.time.pass_(60)
    if f"{kind.name}ModRq" in EVERY.records():
        limit = EVERY.record(f"{kind.name}Mod").fields[kind.name_field].limit if kind.name != "Employee" else None
        named = {"LastName": "Oak"} if kind.name == "Employee" else {kind.name_field: "Other"[:limit]}
        changed = books.modified(record, **named)
        assert changed["EditSequence"] == str(int(books.time.seconds))
        assert changed[kind.name_field].endswith(next(iter(named.values())))
        own = {kind.name_field, "FullName", "TimeModified", "EditSequence", *named}
        assert {k: v for k, v in changed.items() if k not in own} == {k: v for k, v in record.items() if k not in own}
    if kind.name not in (EVERY.record("ListDelRq").fields["ListDelType"].values or ()):  # as leads
        return
    code = books.delete(record).status_code
    assert code == (3160 if kind.name == "UnitOfMeasureSet" else 0)
    assert books.one(f"{kind.name}Query", query).status_code == (0 if code else 500)


OLD = Schema("4.0", "US")


@pytest.mark.parametrize("full", [False, True], ids=["least", "most"])
@pytest.mark.parametrize(
    "kind", [kind for name, kind in KINDS.items() if f"{name}AddRq" in OLD.records()], ids=lambda one: one.name
)
def test_an_old_version_is_answered_in_its_own_words(books: Books, kind: Kind, full: bool) -> None:
    # The helpers hold every answer against the schema of its version.
    record = added(books, kind, "4.0", full=full)
    assert set(record) <= set(OLD.record(kind.ret).fields)
    everything = {"DoneStatus": "All"} if kind.name == "ToDo" else {}
    assert books.one(f"{kind.name}Query", everything, version="4.0").records[-1].name == kind.ret


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda one: one.name)
def test_what_a_full_add_gives_is_in_the_record(books: Books, kind: Kind) -> None:
    given = prepared(books, kind, "16.0", full=True)
    record = books.add(kind.name, given)
    renamed = {
        "Contacts": "ContactsRet",
        "AdditionalNotes": "AdditionalNotesRet",
        "BarCode": "BarCodeValue",
        "PriceLevelPerItem": "PriceLevelPerItemRet",
        "TaxLineID": "TaxLineInfoRet",
        "BillingRatePerItem": "BillingRatePerItemRet",
        "Locations": "LocationsRet",
        "LeadContacts": "LeadContactsRet",
    }
    missing = {name for name in given if renamed.get(name, name) not in record}
    assert missing == set()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda one: one.name)
def test_it_is_the_same_after_the_file_was_opened_again(books: Books, kind: Kind) -> None:
    record = added(books, kind, "16.0", full=True)
    books.reopen()
    assert books.again(record) == record


# -- every request there is --------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"
REQUESTS = [name for name in EVERY.records() if name.endswith("Rq") and not name.endswith("MsgsRq")]


@pytest.mark.parametrize("request_name", REQUESTS)
def test_every_request_of_the_schema_is_answered(books: Books, request_name: str) -> None:
    content = testing.sample(request_name, "16.0", "US", full=False)
    home = EVERY.message(request_name).message_set
    if home != "QBXMLMsgs":  # those of events have another call
        with pytest.raises(QuickBooksError, match="0x80040400"):
            books.one(request_name.removesuffix("Rq"), content)
        return
    answer = books.one(request_name.removesuffix("Rq"), content)
    if request_name in ("TxnDelRq", "TxnVoidRq") or request_name.endswith("ReportQueryRq"):
        return  # it depends on the kind of transaction or of report
    assert (answer.status_code == 1030) is (request_name.removesuffix("Rq") not in handlers())


def test_the_page_names_every_list_that_is_left_for_later() -> None:
    text = PAGE.read_text("utf-8")
    lists = {one.removesuffix("AddRq") for one in REQUESTS if one.endswith("AddRq")} & LATER
    assert len(lists) >= 3
    assert {one for one in lists if one not in text} == set()
