"""An answer's records taken for those of another kind, and a request that is none."""

from __future__ import annotations

import qbxml
from qbxml import records
from qbxml import requests as rq

sent: str = qbxml.build(rq.CustomerQueryRq(MaxReturned=10))  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
found = qbxml.parse(b"<QBXML/>").records_of(records.CustomerRet)
vendors: list[records.VendorRet] = found  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
town = found[0]["Town"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
level: str = found[0]["Sublevel"]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
