"""A request out, its records in, each of the type that was asked for."""

from __future__ import annotations

from decimal import Decimal

import qbxml
from qbxml import records
from qbxml import requests as rq

sent: bytes = qbxml.build([rq.CustomerQueryRq(MaxReturned=10), {"HostQueryRq": {}}], version="13.0", edition="US")


def balances(answer: bytes) -> dict[str, Decimal]:
    found = qbxml.parse(answer).records_of(records.CustomerRet)
    return {customer["FullName"]: customer.get("Balance", Decimal(0)) for customer in found}
