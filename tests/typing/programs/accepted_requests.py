"""What callers write every day, and what qbXML allows besides: all of it is accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from qbxml import requests as rq
from qbxml.literals import ActiveStatus
from qbxml.values import UseMacro


def customers(active: ActiveStatus, since: datetime) -> rq.CustomerQueryRq:
    names = rq.NameFilter(MatchCriterion="StartsWith", Name="A")
    query = rq.CustomerQueryRq(MaxReturned=100, iterator="Start", ActiveStatus=active, NameFilter=names)
    return query.replace(FromModifiedDate=since, requestID="7")


def invoice(customer: rq.CustomerRef) -> rq.InvoiceAddRq:
    item = rq.ItemRef(FullName="Consulting")
    lines = [rq.InvoiceLineAdd(ItemRef=item, Quantity=2, Rate=Decimal("99.50"), Amount="199.00", _at=0)]
    group = rq.InvoiceLineGroupAdd(ItemGroupRef=rq.ItemGroupRef(FullName="Kit"), Quantity=1.5, _at=1)
    added = rq.InvoiceAdd(
        CustomerRef=customer,
        TxnDate=date(2024, 1, 31),
        DueDate="2024-02-29",
        IsPending=False,
        Memo=None,
        ExternalGUID=UUID(int=1),
        LinkToTxnID=["1-2", "3-4"],
        InvoiceLineAdd=lines,
        InvoiceLineGroupAdd=(group,),
        defMacro="TxnID:First",
    )
    return rq.InvoiceAddRq(InvoiceAdd=added, IncludeRetElement=("TxnID",))


def hours(worker: rq.EntityRef) -> rq.TimeTrackingAdd:
    return rq.TimeTrackingAdd(TxnDate=date.today(), EntityRef=worker, Duration=timedelta(hours=1))


def payment(invoice: str) -> rq.AppliedToTxnAdd:
    paid = rq.AppliedToTxnAdd(TxnID=UseMacro("TxnID:First"), PaymentAmount=10)
    return paid if paid.TxnID else paid.replace(TxnID=invoice)


def read(line: rq.InvoiceLineAdd) -> str:
    reference: rq.ItemRef | None = line.ItemRef
    name: str | None = reference.FullName if reference else None
    again = rq.InvoiceLineAdd.from_dict(line.to_dict())
    return name or ("cleared" if again == line and "ItemRef" in line else "absent")


queries: list[rq.CustomerQueryRq] = [
    customers("All", datetime.now(UTC)),
    rq.CustomerQueryRq(FromModifiedDate=date(2024, 1, 1), ToModifiedDate="2024-01-31T12:00:00-08:00"),
    rq.CustomerQueryRq(ListID=["80000001-1"], OwnerID=["0"]),
]
