"""A record without what every version wants."""

from __future__ import annotations

from qbxml import requests as rq

nameless = rq.CustomerAdd(Phone="555-1234")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
empty = rq.CustomerAddRq(requestID="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
unnamed = rq.CustomerMod(ListID="80000001-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
positional = rq.CustomerAdd("Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
