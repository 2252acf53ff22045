"""A request is not changed but replaced."""

from __future__ import annotations

from qbxml import requests as rq

query = rq.CustomerQueryRq(MaxReturned=10)
query.MaxReturned = 20  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
