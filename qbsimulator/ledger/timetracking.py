"""Hours and miles: they post nothing, and may be billed to a customer."""

from __future__ import annotations

from decimal import Decimal

from ..errors import NO_SUCH_RECORD, RequestError
from .books import key_of
from .drafts import Draft, TxnKind
from .money import rounded
from .sales import nothing_posted, nothing_shown


def _time_tracking(draft: Draft) -> None:
    draft.default("TxnDate", draft.books.today())
    if draft.record.get("Duration") is None:
        raise RequestError(3150, field="Duration")
    entity = draft.entity
    if entity is None:
        raise RequestError(3150, field="EntityRef")
    if entity.startswith("Customer "):  # who works is no customer
        _refuse(draft, entity, "Entity")
    _billable(draft, "ItemServiceRef")
    item = draft.key("ItemServiceRef")
    if item is not None and not item.startswith("ItemService "):
        _refuse(draft, item, "ItemService")


def _refuse(draft: Draft, key: str, kind: str) -> None:
    name = draft.books.element(key).full_name
    raise RequestError(3140, kind=kind, value=name, name=draft.kind.name, detail=NO_SUCH_RECORD)


def _billable(draft: Draft, item: str) -> None:
    """Raise where something is to be billed without anybody to bill, or without what for."""
    if draft.record.get("BillableStatus") == "Billable":
        for field in ("CustomerRef", item):
            if draft.key(field) is None:
                raise RequestError(3150, field=field)


def _vehicle_mileage(draft: Draft) -> None:
    record = draft.record
    draft.default("TripEndDate", record.get("TripStartDate") or draft.books.today())
    draft.default("TripStartDate", record["TripEndDate"])
    if record["TripStartDate"] > record["TripEndDate"]:
        raise RequestError(3030)
    _billable(draft, "ItemRef")
    start, end = record.get("OdometerStart"), record.get("OdometerEnd")
    if start is not None and end is not None:
        record["TotalMiles"] = end - start
    if record.get("TotalMiles") is None:
        raise RequestError(3150, field="TotalMiles")
    if record["TotalMiles"] < 0:
        words = "The odometer does not run backwards."
        raise RequestError(3210, field="OdometerEnd", value=end or record["TotalMiles"], detail=words)
    key = key_of(record, "ItemRef")
    if key is not None and record.get("BillableStatus") == "Billable":
        rate: Decimal = draft.books.item(key).price or Decimal(0)
        record |= {"BillableRate": rate, "BillableAmount": rounded(rate * record["TotalMiles"])}


KINDS = (
    TxnKind("TimeTracking", _time_tracking, nothing_posted, nothing_shown, "EntityRef", unseen=0),
    TxnKind(
        *("VehicleMileage", _vehicle_mileage, nothing_posted, nothing_shown, "CustomerRef"),
        unseen=0,
        date="TripEndDate",
        times_to_the_day=True,
        deleted_by="deletes_vehicle_mileage",
    ),
)
