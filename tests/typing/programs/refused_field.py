"""A field that the record does not have."""

from __future__ import annotations

from qbxml import requests as rq

ada = rq.CustomerAdd(Name="Ada", Fone="555-1234")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
query = rq.CustomerQueryRq(MaxReturn=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
request = rq.CustomerAddRq(CustomerAdd=ada, iterator="Start")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
moved = ada.replace(Town="London")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
phone = ada.Fone  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
unknown = rq.CustomerAddd  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
received = rq.CustomerRet  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
