"""A value of another type than the field's."""

from __future__ import annotations

from qbxml import requests as rq

name = rq.CustomerAdd(Name=42)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
none = rq.CustomerAdd(Name=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
count = rq.CustomerQueryRq(MaxReturned="ten")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
truth = rq.CustomerAdd(Name="Ada", IsActive="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
amount = rq.InvoiceLineAdd(Amount=[1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
day = rq.CustomerAdd(Name="Ada", JobStartDate=20240131)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
letters = rq.CustomerQueryRq(FullName="Ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
value = rq.CustomerQueryRq(ActiveStatus="Active")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
later = count.replace(MaxReturned=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
given: int = name.Name  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
