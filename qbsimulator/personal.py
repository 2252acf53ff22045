"""Personal data: what only an application sees and changes that was allowed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answers import Answer
from .errors import RequestError

#: The fields of an employee that are personal data.
FIELDS = ("SSN", "BirthDate", "EmployeePayrollInfo")

#: The words of the status, after what it always says.
_DETAIL = "access personal data."


def check(name: str, content: Mapping[str, Any], allowed: bool) -> None:
    """Raise :class:`~qbsimulator.errors.RequestError` where a request gives personal data and may not."""
    if allowed or name not in ("EmployeeAdd", "EmployeeMod"):
        return
    if any(content[name].get(field) for field in FIELDS):
        raise RequestError(3261, detail=_DETAIL)


def withhold(answer: Answer, allowed: bool) -> None:
    """Leave personal data out of an answer to an application that may not see it."""
    if allowed:
        return
    for name, record in answer.content:
        if name == "EmployeeRet" and isinstance(record, dict):
            for field in FIELDS:
                record.pop(field, None)
