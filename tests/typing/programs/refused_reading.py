"""A key that the record does not have, or a value taken for one of another type."""

from __future__ import annotations

from qbxml import records


def shown(customer: records.CustomerRet, answer: records.CustomerQueryRs) -> str:
    name = customer["Fullname"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    invoices = answer["InvoiceRet"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    level: str = customer["Sublevel"]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    code: str = answer["statusCode"]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    vendor: records.VendorRet = customer  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    request: records.CustomerAdd = {}  # type: ignore[name-defined]  # pyright: ignore[reportAttributeAccessIssue]
    return f"{name} {invoices} {level} {code} {vendor} {request}"
