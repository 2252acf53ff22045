"""Hours and miles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from qbxml import Record
from tests.qbsimulator.ledger.shop import Shop, ref


def hours(shop: Shop, name: str = "Eve Worker", duration: str = "PT5H30M", **fields: Any) -> Any:
    return shop.try_txn("TimeTracking", EntityRef=ref(name), Duration=duration, **fields)


@pytest.fixture
def spent(shop: Shop) -> Record:
    known: dict[str, Any] = {"CustomerRef": ref("Bob:Kitchen"), "ItemServiceRef": ref("Work")}
    answer = hours(shop, TxnDate="2023-10-02", Notes="cabinets", BillableStatus="Billable", **known)
    made: Record = answer.records[0]
    return made


def test_hours_are_kept(shop: Shop, spent: Record) -> None:
    assert (spent["Duration"], spent["BillableStatus"]) == (timedelta(hours=5, minutes=30), "Billable")
    assert (str(spent["TxnDate"]), spent["Notes"], spent["TxnNumber"]) == ("2023-10-02", "cabinets", 1)
    assert shop.now(spent) == spent
    assert shop.balance("Bob:Kitchen", "Customer") == "0.00"


def test_today_is_the_date_where_none_is_given(shop: Shop) -> None:
    assert str(hours(shop).records[0]["TxnDate"]) == "2023-11-14"


def test_what_is_billable_needs_a_customer_and_an_item(shop: Shop) -> None:
    assert hours(shop, BillableStatus="Billable", ItemServiceRef=ref("Work")).status_code == 3150
    assert hours(shop, BillableStatus="Billable", CustomerRef=ref("Ann")).status_code == 3150
    assert hours(shop, BillableStatus="NotBillable").status_code == 0


def test_who_works_is_no_customer_and_what_is_done_is_a_service(shop: Shop) -> None:
    assert hours(shop, "Ann").status_code == 3140
    assert hours(shop, "Lumber Ltd").status_code == 0
    assert hours(shop, ItemServiceRef=ref("Board")).status_code == 3140


def test_a_duration_that_is_none_is_refused(shop: Shop) -> None:
    content = "<EntityRef><FullName>Eve Worker</FullName></EntityRef><Duration>long</Duration>"
    answer = shop.raw(f"<TimeTrackingAddRq><TimeTrackingAdd>{content}</TimeTrackingAdd></TimeTrackingAddRq>")
    assert b'statusCode="3035"' in answer


def test_hours_are_changed(shop: Shop, spent: Record) -> None:
    new = shop.changed(spent, EntityRef=ref("Lumber Ltd"), Duration="PT45M", BillableStatus="NotBillable")
    assert (new["Duration"], new["EntityRef"]["FullName"]) == (timedelta(minutes=45), "Lumber Ltd")
    assert (new["CustomerRef"], new["EditSequence"]) == (spent["CustomerRef"], "1700000001")


def test_hours_are_found_by_who_worked(shop: Shop, spent: Record) -> None:
    other = hours(shop, "Lumber Ltd").records[0]

    def found(**filters: Any) -> list[str]:
        return [str(one["TxnID"]) for one in shop.one("TimeTrackingQuery", filters).records]

    assert found() == [spent["TxnID"], other["TxnID"]]
    assert found(TimeTrackingEntityFilter={"FullName": ["Eve Worker"]}) == [spent["TxnID"]]
    assert found(TimeTrackingEntityFilter={"ListID": [other["EntityRef"]["ListID"]]}) == [other["TxnID"]]
    assert found(TxnDateRangeFilter={"DateMacro": "ThisMonth"}) == [other["TxnID"]]
    both = {"FullName": ["Eve Worker", "Lumber Ltd"]}
    assert len(found(TimeTrackingEntityFilter=both)) == 2


def test_hours_are_deleted(shop: Shop, spent: Record) -> None:
    assert shop.remove(spent).status_code == 0
    gone = shop.one("TxnDeletedQuery", {"TxnDelType": ["TimeTracking"]}).records
    assert [one["TxnID"] for one in gone] == [spent["TxnID"]]


def test_without_time_tracking_there_is_none(shop: Shop) -> None:
    shop.company.configure(uses_time_tracking=False)
    assert hours(shop).status_code == 3250
    assert shop.one("TimeTrackingQuery").status_code == 3250


# -- miles -------------------------------------------------------------------------------------------------------


def trip(shop: Shop, **fields: Any) -> Any:
    return shop.try_txn("VehicleMileage", VehicleRef=ref("Van"), **fields)


@pytest.fixture
def van(shop: Shop) -> None:
    shop.add("Vehicle", "Van")


@pytest.mark.usefixtures("van")
def test_miles_are_counted(shop: Shop) -> None:
    made = trip(shop, TripStartDate="2023-11-01", OdometerStart="100", OdometerEnd="162.5").records[0]
    assert (str(made["TotalMiles"]), str(made["TripEndDate"])) == ("62.5", "2023-11-01")
    assert "TxnNumber" not in made
    # Its times are known to the day.
    assert str(made["TimeCreated"])[:10] == "2023-11-14"
    assert b"<TimeCreated>2023-11-14</TimeCreated>" in shop.raw("<VehicleMileageQueryRq/>")
    assert made["EditSequence"] == "1700000000"


@pytest.mark.usefixtures("van")
def test_miles_are_billed_at_the_items_price(shop: Shop) -> None:
    known = {"CustomerRef": ref("Ann"), "ItemRef": ref("Freight"), "TotalMiles": "3", "BillableStatus": "Billable"}
    made = trip(shop, **known).records[0]
    assert (str(made["BillableRate"]), str(made["BillableAmount"])) == ("15.00", "45.00")
    assert trip(shop, TotalMiles="3", BillableStatus="Billable").status_code == 3150


@pytest.mark.usefixtures("van")
def test_a_trip_goes_forward(shop: Shop) -> None:
    assert trip(shop, OdometerStart="100", OdometerEnd="99").status_code == 3210
    assert trip(shop, TripStartDate="2023-11-02", TripEndDate="2023-11-01", TotalMiles="1").status_code == 3030


@pytest.mark.usefixtures("van")
def test_a_trip_stays_unless_it_may_go(shop: Shop) -> None:
    made = trip(shop, TotalMiles="3").records[0]
    assert shop.remove(made).status_code == 3160
    shop.company.configure(deletes_vehicle_mileage=True)
    assert shop.remove(made).status_code == 0
