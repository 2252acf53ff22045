"""A record of another kind than the field's, or none where many are wanted."""

from __future__ import annotations

from qbxml import requests as rq

terms = rq.TermsRef(FullName="Net 30")
bill = rq.BillAdd(VendorRef=terms)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
address = rq.CustomerAdd(Name="Ada", BillAddress=terms)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
request = rq.CustomerAddRq(CustomerAdd=bill)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
customer = rq.CustomerRef(FullName="Ada")
lines = rq.InvoiceAdd(CustomerRef=customer, InvoiceLineAdd=[terms])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
single = rq.InvoiceAdd(CustomerRef=customer, InvoiceLineAdd=rq.InvoiceLineAdd())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
plain = rq.CustomerAddRq(CustomerAdd={"Name": "Ada"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
