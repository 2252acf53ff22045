"""Lists: ids and times, names and trees, references, changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbsimulator import Settings
from tests.qbsimulator.helpers import BEGIN, Books, status

NOTHING_THERE = "QuickBooks error message: Invalid argument.  The specified record does not exist in the list."

# -- ids, EditSequence, times ------------------------------------------------------------------------------------


def test_a_list_id_is_a_counter_in_hexadecimal_and_the_time_of_creation(books: Books) -> None:
    ids = [books.add("Class", f"c{number}")["ListID"] for number in range(1, 17)]
    assert ids[0] == f"80000001-{BEGIN}"
    assert ids[9] == f"8000000A-{BEGIN}"
    assert ids[15] == f"80000010-{BEGIN}"


def test_entities_share_one_counter_and_other_lists_have_their_own(books: Books) -> None:
    records = [
        books.add("Customer", "a"),
        books.add("Vendor", "b"),
        books.add("Employee", {"FirstName": "c"}),
        books.add("OtherName", "d"),
        books.add("Class", "e"),
        books.add("Account", {"Name": "f", "AccountType": "Bank"}),
    ]
    assert [one["ListID"].partition("-")[0][-1] for one in records] == ["1", "2", "3", "4", "1", "1"]


def test_an_id_is_never_given_again(books: Books) -> None:
    first = books.add("Class", "a")
    books.delete(first)
    assert books.add("Class", "a")["ListID"] != first["ListID"]


def test_a_request_that_fails_takes_nothing_with_it(books: Books) -> None:
    contact = {"FirstName": "Ann"}
    first = books.add("Customer", {"Name": "a", "Contacts": [contact]})
    assert books.refused("Customer", {"Name": "b", "Contacts": [contact], "SalesRepRef": {"FullName": "no"}})[0] == 3140
    second = books.add("Customer", {"Name": "b", "Contacts": [contact]})
    numbers = [one["ContactsRet"][0]["ListID"].partition("-")[0] for one in (first, second)]
    assert numbers == ["80000001", "80000002"]
    assert second["ListID"].startswith("80000002-")


def test_section_12_times_are_local_with_an_offset_and_ids_are_no_guids(books: Books) -> None:
    answer = books.raw("<ClassAddRq><ClassAdd><Name>c</Name></ClassAdd></ClassAddRq>").decode()
    assert "<TimeCreated>2023-11-14T14:13:20-08:00</TimeCreated>" in answer
    assert f"<ListID>80000001-{BEGIN}</ListID>" in answer


def test_the_offset_is_that_of_the_day(books: Books) -> None:
    books.time.seconds = 1_688_200_000  # July
    answer = books.raw("<ClassAddRq><ClassAdd><Name>c</Name></ClassAdd></ClassAddRq>").decode()
    assert "<TimeCreated>2023-07-01T01:26:40-07:00</TimeCreated>" in answer


def test_older_releases_show_the_offset_of_standard_time_all_the_year(books: Books) -> None:
    books.company.configure(standard_offset_only=True)
    books.time.seconds = 1_688_200_000
    answer = books.raw("<ClassAddRq><ClassAdd><Name>c</Name></ClassAdd></ClassAddRq>").decode()
    assert "<TimeCreated>2023-07-01T01:26:40-08:00</TimeCreated>" in answer


def test_the_time_zone_is_a_setting(books: Books) -> None:
    books.company.configure(timezone="Asia/Kolkata")
    answer = books.raw("<ClassAddRq><ClassAdd><Name>c</Name></ClassAdd></ClassAddRq>").decode()
    assert "<TimeCreated>2023-11-15T03:43:20+05:30</TimeCreated>" in answer


def test_the_edit_sequence_is_the_second_of_the_last_change(books: Books) -> None:
    first = books.add("Class", "c")
    assert first["EditSequence"] == str(BEGIN)
    books.time.pass_(90.7)
    second = books.modified(first, Name="d")
    assert second["EditSequence"] == str(BEGIN + 90)
    assert second["TimeCreated"] == first["TimeCreated"]
    assert (second["TimeModified"] - first["TimeModified"]).total_seconds() == 90


def test_two_changes_in_one_second_are_not_told_apart(books: Books) -> None:
    customer = books.add("Customer", "c")
    books.modified(customer, Phone="1")
    assert books.modified(customer, Phone="2")["Phone"] == "2"


def test_section_12_side_effects_move_the_time_of_change_and_not_the_edit_sequence(books: Books) -> None:
    books.company.configure(file_mode="MultiUser")
    first = books.add("Class", "c")
    books.time.pass_(60)
    books.delete(first)  # with others in the file it is only made inactive
    second = books.again(first)
    assert second["EditSequence"] == first["EditSequence"]
    assert second["TimeModified"] > first["TimeModified"]


# -- name spaces -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Customer", "Vendor", "OtherName"])
def test_entities_share_one_name_space(books: Books, kind: str) -> None:
    books.add("Customer", "Ann Ash")
    assert books.refused(kind, "ANN ash") == (3100, 'The name "ANN ash" of the list element is already in use.')
    assert books.refused("Employee", {"FirstName": "Ann", "LastName": "Ash"})[0] == 3100


def test_a_job_is_unique_among_its_siblings_alone(books: Books) -> None:
    for name in ("A", "B"):
        books.add("Customer", name)
        books.add("Customer", {"Name": "Kitchen", "ParentRef": {"FullName": name}})
    assert books.refused("Customer", {"Name": "KITCHEN", "ParentRef": {"FullName": "A"}})[0] == 3100
    assert books.add("Vendor", "Kitchen")["Name"] == "Kitchen"


def test_all_kinds_of_items_share_one_name_space(books: Books) -> None:
    books.add("ItemSubtotal", "Sum")
    assert books.refused("ItemPayment", "sum")[0] == 3100


def test_both_kinds_of_terms_share_one_name_space(books: Books) -> None:
    books.add("StandardTerms", "Net 30")
    assert books.refused("DateDrivenTerms", {"Name": "net 30", "DayOfMonthDue": 5})[0] == 3100


def test_other_lists_have_a_name_space_each(books: Books) -> None:
    for kind in ("Class", "CustomerType", "JobType", "VendorType", "PaymentMethod", "ShipMethod", "CustomerMsg"):
        books.add(kind, "Same")
        assert books.refused(kind, "SAME")[0] == 3100


def test_an_inactive_element_still_holds_its_name(books: Books) -> None:
    books.add("Class", {"Name": "c", "IsActive": False})
    assert books.refused("Class", "c")[0] == 3100


def test_a_name_that_is_taken_is_refused_in_a_change_too_and_its_own_is_not(books: Books) -> None:
    books.add("Class", "a")
    second = books.add("Class", "b")
    assert books.mod(second, Name="A").status_code == 3100
    assert books.modified(second, Name="B")["Name"] == "B"


def test_a_number_of_an_account_that_is_taken_is_3180(books: Books) -> None:
    first = books.add("Account", {"Name": "a", "AccountType": "Bank", "AccountNumber": "1000"})
    refused = books.refused("Account", {"Name": "b", "AccountType": "Bank", "AccountNumber": "1000"})
    assert refused == (
        3180,
        'There was an error when saving a Account list, element "b".  QuickBooks error message: '
        "The account number is already in use.",
    )
    assert books.modified(first, Desc="mine")["AccountNumber"] == "1000"


# -- names and trees ---------------------------------------------------------------------------------------------


def test_a_colon_can_not_stand_in_a_name(books: Books) -> None:
    assert books.refused("Customer", "a:b")[0] == 3090
    assert books.mod(books.add("Customer", "a"), Name="a:b").status_code == 3090


def test_a_child_has_a_full_name_a_level_and_its_parent(books: Books) -> None:
    parent = books.add("Customer", "A")
    child = books.add("Customer", {"Name": "Job", "ParentRef": {"FullName": "a"}})
    assert (parent["FullName"], parent["Sublevel"]) == ("A", 0)
    assert "ParentRef" not in parent
    assert (child["FullName"], child["Sublevel"]) == ("A:Job", 1)
    assert child["ParentRef"] == {"ListID": parent["ListID"], "FullName": "A"}
    assert list(child)[4:9] == ["Name", "FullName", "IsActive", "ParentRef", "Sublevel"]


def test_a_tree_has_five_levels(books: Books) -> None:
    path = "0"
    books.add("Class", path)
    for level in range(1, 5):
        record = books.add("Class", {"Name": str(level), "ParentRef": {"FullName": path}})
        path = f"{path}:{level}"
        assert (record["FullName"], record["Sublevel"]) == (path, level)
    assert books.refused("Class", {"Name": "5", "ParentRef": {"FullName": path}})[0] == 3090


def test_moving_does_not_make_a_tree_deeper_than_five_levels(books: Books) -> None:
    for path in ("0", "0:1", "0:1:2", "x", "x:y", "x:y:z"):
        parent, _, name = path.rpartition(":")
        books.add("Class", {"Name": name, **({"ParentRef": {"FullName": parent}} if parent else {})})
    top = books.one("ClassQuery", {"FullName": ["x"]}).records[0]
    assert books.mod(top, ParentRef={"FullName": "0:1:2"}).status_code == 3090
    assert books.modified(top, ParentRef={"FullName": "0:1"})["FullName"] == "0:1:x"
    assert books.names("Class") == ["0", "0:1", "0:1:2", "0:1:x", "0:1:x:y", "0:1:x:y:z"]


def test_renaming_renames_all_below_without_a_new_edit_sequence(books: Books) -> None:
    top = books.add("Customer", "A")
    child = books.add("Customer", {"Name": "b", "ParentRef": {"FullName": "A"}})
    below = books.add("Customer", {"Name": "c", "ParentRef": {"FullName": "A:b"}})
    books.time.pass_(60)
    books.modified(top, Name="Z")
    for before, full_name in ((child, "Z:b"), (below, "Z:b:c")):
        now = books.again(before)
        assert now["FullName"] == full_name
        assert now["ParentRef"]["FullName"] == full_name.rpartition(":")[0]
        assert now["EditSequence"] == before["EditSequence"]


def test_a_parent_can_be_changed_and_taken_away(books: Books) -> None:
    books.add("Class", "a")
    child = books.add("Class", {"Name": "c", "ParentRef": {"FullName": "a"}})
    books.add("Class", "b")
    assert books.modified(child, ParentRef={"FullName": "b"})["FullName"] == "b:c"
    top = books.modified(child, ParentRef={})
    assert (top["FullName"], top["Sublevel"], "ParentRef" in top) == ("c", 0, False)


def test_nothing_goes_below_itself(books: Books) -> None:
    top = books.add("Class", "a")
    books.add("Class", {"Name": "b", "ParentRef": {"FullName": "a"}})
    assert books.mod(top, ParentRef={"FullName": "a"}).status_code == 3130
    assert books.mod(top, ParentRef={"FullName": "a:b"}).status_code == 3130


def test_an_employee_is_named_by_the_parts_of_the_name(books: Books) -> None:
    employee = books.add("Employee", {"FirstName": "Ann", "MiddleName": "B", "LastName": "Ash"})
    assert (employee["Name"], employee["EmployeeType"]) == ("Ann B Ash", "Regular")
    assert books.modified(employee, LastName="Oak")["Name"] == "Ann B Oak"
    assert books.refused("Employee", {"Phone": "1"})[0] == 3150


# -- references --------------------------------------------------------------------------------------------------


def test_a_reference_by_id_or_name_comes_back_with_both(books: Books) -> None:
    big = books.add("CustomerType", "Big")
    both = {"ListID": big["ListID"], "FullName": "Big"}
    for name, reference in (("a", {"FullName": "BIG"}), ("b", {"ListID": big["ListID"]})):
        assert books.add("Customer", {"Name": name, "CustomerTypeRef": reference})["CustomerTypeRef"] == both


def test_the_id_of_a_reference_wins_over_its_name(books: Books) -> None:
    big, small = books.add("CustomerType", "Big"), books.add("CustomerType", "Small")
    reference = {"ListID": big["ListID"], "FullName": small["FullName"]}
    customer = books.add("Customer", {"Name": "a", "CustomerTypeRef": reference})
    assert customer["CustomerTypeRef"]["FullName"] == "Big"


def test_a_reference_shows_the_name_of_the_day(books: Books) -> None:
    terms = books.add("Class", "East")
    vendor = books.add("Vendor", {"Name": "v", "ClassRef": {"FullName": "East"}})
    books.modified(terms, Name="West")
    assert books.again(vendor)["ClassRef"]["FullName"] == "West"


def test_a_reference_to_nothing_is_3140_and_to_no_parent_3130(books: Books) -> None:
    assert books.refused("Customer", {"Name": "a", "CustomerTypeRef": {"FullName": "Big"}}) == (
        3140,
        f'There is an invalid reference to QuickBooks CustomerType "Big" in the Customer.  {NOTHING_THERE}',
    )
    assert books.refused("Customer", {"Name": "a", "ParentRef": {"FullName": "Nobody"}}) == (
        3130,
        f'There is an invalid reference to a parent "Nobody" in the Customer list.  {NOTHING_THERE}',
    )


def test_a_reference_to_another_kind_is_3140(books: Books) -> None:
    books.add("Vendor", "Big")
    assert books.refused("Customer", {"Name": "a", "CustomerTypeRef": {"FullName": "Big"}})[0] == 3140
    assert books.refused("Customer", {"Name": "a", "ParentRef": {"FullName": "Big"}})[0] == 3130


def test_an_id_that_can_be_none_is_3000_wherever_it_stands(books: Books) -> None:
    customer = books.add("Customer", "a")
    wrong = (3000, 'The given object ID "seven" in the field "ListID" is invalid.')
    assert books.refused("Customer", {"Name": "b", "TermsRef": {"ListID": "seven"}}) == wrong
    assert books.refused("Customer", {"Name": "b", "ParentRef": {"ListID": "seven"}}) == wrong
    assert status(books.mod({**customer, "ListID": "seven"}, Phone="1")) == wrong
    assert status(books.one("ListDel", {"ListDelType": "Customer", "ListID": "seven"})) == wrong


def test_references_are_checked_before_names(books: Books) -> None:
    books.add("Customer", "a")
    assert books.refused("Customer", {"Name": "a", "TermsRef": {"FullName": "no"}})[0] == 3140


def test_references_within_records_and_lists_are_looked_up_too(books: Books) -> None:
    books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    sales = {"Desc": "hours", "AccountRef": {"FullName": "sales"}}
    hours = books.add("ItemService", {"Name": "Hours", "SalesOrPurchase": sales})
    assert hours["SalesOrPurchase"]["AccountRef"]["FullName"] == "Sales"
    group = books.add("ItemGroup", {"Name": "g", "ItemGroupLine": [{"ItemRef": {"FullName": "hours"}, "Quantity": 2}]})
    assert group["ItemGroupLine"][0]["ItemRef"] == {"ListID": hours["ListID"], "FullName": "Hours"}
    wrong = [{"ItemRef": {"FullName": "no"}}]
    assert books.refused("ItemGroup", {"Name": "h", "ItemGroupLine": wrong})[0] == 3140


def test_a_reference_for_which_there_are_several_lists_finds_each(books: Books) -> None:
    books.add("StandardTerms", "Net 30")
    books.add("DateDrivenTerms", {"Name": "5th", "DayOfMonthDue": 5})
    for name in ("Net 30", "5th"):
        assert books.add("Customer", {"Name": name, "TermsRef": {"FullName": name}})["TermsRef"]["FullName"] == name


def test_a_supervisor_is_an_employee(books: Books) -> None:
    boss = books.add("Employee", {"FirstName": "Bo"})
    below = books.add("Employee", {"FirstName": "Al", "SupervisorRef": {"FullName": "bo"}})
    assert below["SupervisorRef"]["ListID"] == boss["ListID"]


def test_what_a_preference_has_off_is_3250(tmp_path: Path) -> None:
    books = Books(tmp_path / "a.company", Settings(uses_classes=False))
    off = "This feature is not enabled or not available in this version of QuickBooks."
    assert books.refused("Vendor", {"Name": "a", "ClassRef": {"FullName": "c"}}) == (3250, off)
    assert books.refused("Vendor", {"Name": "a", "CurrencyRef": {"FullName": "Euro"}}) == (3250, off)
    books.close()


# -- what is filled in -------------------------------------------------------------------------------------------


def test_a_customer_is_filled_in(books: Books) -> None:
    answer = books.raw("<CustomerAddRq><CustomerAdd><Name>a</Name></CustomerAdd></CustomerAddRq>").decode()
    for line in ("<Balance>0.00</Balance>", "<TotalBalance>0.00</TotalBalance>", "<JobStatus>None</JobStatus>"):
        assert line in answer.splitlines()


def test_a_customer_is_taxed_as_usual_where_there_is_sales_tax(books: Books) -> None:
    assert "SalesTaxCodeRef" not in books.add("Customer", "before")
    books.add("SalesTaxCode", {"Name": "Tax", "IsTaxable": True})
    assert books.add("Customer", "after")["SalesTaxCodeRef"]["FullName"] == "Tax"
    books.company.configure(uses_sales_tax=False)
    assert "SalesTaxCodeRef" not in books.add("Customer", "without")


@pytest.mark.parametrize(
    ("account", "flow"),
    [
        ("Bank", "NotApplicable"),
        ("AccountsReceivable", "Operating"),
        ("FixedAsset", "Investing"),
        ("Equity", "Financing"),
        ("Expense", "None"),
    ],
)
def test_an_account_has_a_place_in_the_cash_flow_by_its_type(books: Books, account: str, flow: str) -> None:
    assert books.add("Account", {"Name": "a", "AccountType": account})["CashFlowClassification"] == flow


def test_an_address_comes_back_as_a_block_too(books: Books) -> None:
    given = {
        "Addr1": "1 Swamp",
        "Addr2": "Rear",
        "City": "Miami",
        "State": "FL",
        "PostalCode": "33101",
        "Country": "US",
    }
    customer = books.add("Customer", {"Name": "a", "BillAddress": given})
    assert customer["BillAddress"] == given
    block = ["1 Swamp", "Rear", "Miami, FL  33101", "US"]
    assert list(customer["BillAddressBlock"].values()) == block
    for kind, field in (
        ("Vendor", "VendorAddress"),
        ("OtherName", "OtherNameAddress"),
        ("InventorySite", "SiteAddress"),
    ):
        assert list(books.add(kind, {"Name": kind, field: given})[f"{field}Block"].values()) == block


# -- changes -----------------------------------------------------------------------------------------------------


def test_section_12_a_stale_edit_sequence_is_3200_with_the_current_record(books: Books) -> None:
    first = books.add("Customer", "a")
    books.time.pass_(1)
    current = books.modified(first, Phone="1")
    answer = books.mod(first, Phone="2")
    assert answer.status_code == 3200
    assert answer.status_message.endswith("is out-of-date. ")
    assert answer.records == [current]
    assert books.again(first)["Phone"] == "1"


def test_a_change_of_nothing_that_is_there_is_3120(books: Books) -> None:
    gone = {"ListID": "8000000F-1700000000", "EditSequence": "1"}
    assert status(books.mod(gone, Phone="1")) == (
        3120,
        f'Object "8000000F-1700000000" specified in the request cannot be found.  {NOTHING_THERE}',
    )
    vendor = books.add("Vendor", "v")
    assert books.mod({**vendor}, Phone="1").status_code == 3120, "a vendor is no customer"


def test_only_what_is_given_changes_and_what_is_given_empty_is_cleared(books: Books) -> None:
    books.add("CustomerType", "Big")
    first = books.add(
        "Customer", {"Name": "a", "Phone": "1", "Fax": "2", "CustomerTypeRef": {"FullName": "Big"}, "CreditLimit": "9"}
    )
    second = books.modified(first, Phone="3")
    assert (second["Phone"], second["Fax"], second["Name"]) == ("3", "2", "a")
    third = books.modified(second, Phone="", CustomerTypeRef={}, CreditLimit=None)
    assert not {"Phone", "CustomerTypeRef", "CreditLimit"} & set(third)
    assert third["Fax"] == "2"


def test_what_is_cleared_is_in_use_no_longer(books: Books) -> None:
    big = books.add("CustomerType", "Big")
    customer = books.add("Customer", {"Name": "a", "CustomerTypeRef": {"FullName": "Big"}})
    assert books.delete(big).status_code == 3160
    books.modified(customer, CustomerTypeRef={})
    assert books.delete(big).status_code == 0


def test_a_record_within_keeps_what_is_not_given(books: Books) -> None:
    books.add("Account", {"Name": "Sales", "AccountType": "Income"})
    first = books.add(
        "ItemService", {"Name": "h", "SalesOrPurchase": {"Price": "5", "AccountRef": {"FullName": "Sales"}}}
    )
    second = books.modified(first, SalesOrPurchaseMod={"Desc": "hours"})
    assert str(second["SalesOrPurchase"]["Price"]) == "5.00"
    assert second["SalesOrPurchase"]["Desc"] == "hours"
    third = books.modified(second, SalesOrPurchaseMod={"PricePercent": "10"})
    assert "Price" not in third["SalesOrPurchase"], "it has a price or a percentage"


def test_a_change_of_an_address_changes_its_block(books: Books) -> None:
    first = books.add("Customer", {"Name": "a", "BillAddress": {"Addr1": "1", "City": "Miami"}})
    second = books.modified(first, BillAddress={"City": "Tampa"})
    assert second["BillAddressBlock"] == {"Addr1": "1", "Addr2": "Tampa"}
    third = books.modified(second, BillAddress={})
    assert not {"BillAddress", "BillAddressBlock"} & set(third)


def test_lists_within_a_record_are_replaced_when_given(books: Books) -> None:
    for name in ("x", "y"):
        books.add("ItemSubtotal", name)
    first = books.add("ItemGroup", {"Name": "g", "ItemGroupLine": [{"ItemRef": {"FullName": "x"}}] * 2})
    second = books.modified(first, ItemDesc="words")
    assert len(second["ItemGroupLine"]) == 2
    third = books.modified(second, ItemGroupLine=[{"ItemRef": {"FullName": "y"}}])
    assert [one["ItemRef"]["FullName"] for one in third["ItemGroupLine"]] == ["y"]
    assert "ItemGroupLine" not in books.modified(third, ClearItemsInGroup=True)


def test_contacts_have_ids_of_their_own_and_are_replaced_as_a_list(books: Books) -> None:
    first = books.add("Customer", {"Name": "a", "Contacts": [{"FirstName": "Ann"}, {"FirstName": "Bo"}]})
    ann, bo = first["ContactsRet"]
    assert (ann["FirstName"], bo["FirstName"]) == ("Ann", "Bo")
    assert ann["ListID"] != bo["ListID"]
    books.time.pass_(5)
    kept = {"ListID": bo["ListID"], "EditSequence": bo["EditSequence"], "FirstName": "Bob"}
    bob, cy = books.modified(first, ContactsMod=[kept, {"FirstName": "Cy"}])["ContactsRet"]
    assert (bob["ListID"], bob["FirstName"], bob["TimeCreated"]) == (bo["ListID"], "Bob", bo["TimeCreated"])
    assert cy["ListID"] not in (ann["ListID"], bo["ListID"])


def test_notes_are_numbered_and_dated(books: Books) -> None:
    first = books.add("Customer", {"Name": "a", "AdditionalNotes": [{"Note": "one"}, {"Note": "two"}]})
    assert [(one["NoteID"], str(one["Date"]), one["Note"]) for one in first["AdditionalNotesRet"]] == [
        (0, "2023-11-14", "one"),
        (1, "2023-11-14", "two"),
    ]
    second = books.modified(first, AdditionalNotesMod=[{"NoteID": 1, "Note": "three"}])
    assert [one["Note"] for one in second["AdditionalNotesRet"]] == ["one", "three"]
    assert books.mod(second, AdditionalNotesMod=[{"NoteID": 7, "Note": "x"}]).status_code == 3120


def test_prices_per_item_and_a_percentage_exclude_each_other(books: Books) -> None:
    books.add("ItemSubtotal", "x")
    prices = [{"ItemRef": {"FullName": "x"}, "CustomPrice": "5"}]
    level = books.add("PriceLevel", {"Name": "p", "PriceLevelPerItem": prices})
    assert str(level["PriceLevelPerItemRet"][0]["CustomPrice"]) == "5.00"
    changed = books.modified(level, PriceLevelFixedPercentage="-10")
    assert "PriceLevelPerItemRet" not in changed
    assert changed["PriceLevelFixedPercentage"] == -10
