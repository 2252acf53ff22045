"""The gateway's client: records go in typed or as dicts, and come out with the codec's types, for both clients."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from qbgateway.client import AsyncClient, Client, EndUser
from qbxml import records
from qbxml import requests as rq


def walk(client: Client) -> Decimal:
    user: EndUser = client.end_users.create(company_name="Reed", source_id="7", email="ann@reed.example")
    users: list[EndUser] = client.end_users.list()
    customer = client.qbd.customer.add(user.id, Name="Ada", BillAddress={"City": "London"})
    again: records.CustomerRet = client.qbd.customer.add(users[0].id, rq.CustomerAdd(Name="Ada"), timeout=30)
    lines = [rq.InvoiceLineAdd(Quantity=2, Rate=Decimal("10.00"))]
    ref = rq.CustomerRef(ListID=customer["ListID"])
    made = client.qbd.invoice.add(user.id, CustomerRef=ref, InvoiceLineAdd=lines, idempotency_key="mine")
    found: list[records.InvoiceRet] = client.qbd.invoice.query(user.id, TxnID=[made["TxnID"]])
    _ = client.qbd.transaction.void(user.id, TxnVoidType="Invoice", TxnID=found[0]["TxnID"])
    total = again.get("Balance", Decimal(0))
    for invoice in client.qbd.invoice.iterate(user.id, TxnDateRangeFilter={"FromTxnDate": date(2024, 1, 1)}):
        total += invoice.get("Subtotal", Decimal(0))
    return total


async def walk_async(client: AsyncClient) -> list[str]:
    made = await client.qbd.class_.add("end_usr_1", Name="Retail")
    return [made["ListID"], *[one["TxnID"] async for one in client.qbd.bill.iterate("end_usr_1")]]
