"""The requests that answer 1030: QuickBooks has them, and this one has not. A test holds the table against the schema.

Payroll, tax and windows are not what a company file is about here. The others wait for rules of their own, and leave
the table when they get them.
"""

from __future__ import annotations

#: For good, by what they are about. Names without ``Rq``.
UNSUPPORTED: dict[str, tuple[str, ...]] = {
    "Payroll": (
        *("PayrollItemWageAdd", "PayrollItemWageQuery", "PayrollItemNonWageQuery", "PayrollLastPeriodQuery"),
        *("PayrollDetailReportQuery", "PayrollSummaryReportQuery"),
    ),
    "Workers' compensation": ("WorkersCompCodeAdd", "WorkersCompCodeMod", "WorkersCompCodeQuery"),
    "Tax forms and returns": (
        *("AccountTaxLineInfoQuery", "Form1099CategoryAccountMappingMod", "Form1099CategoryAccountMappingQuery"),
        *("SalesTaxReturnQuery", "SalesTaxReturnLineQuery"),
    ),
    "Windows of QuickBooks": ("ListDisplayAdd", "ListDisplayMod", "TxnDisplayAdd", "TxnDisplayMod"),
    "Events": ("DataEventRecoveryInfoDel", "DataEventRecoveryInfoQuery"),
}

#: Until there are rules for them: kinds of transactions, each with its Add, Mod and Query as far as there are such.
TRANSACTIONS_TO_COME = ("BuildAssembly", "TransferInventory")

#: And single requests.
TO_COME = (
    *("ItemAssembliesCanBuildQuery", "ItemSitesQuery"),
    *("JobReportQuery", "TimeReportQuery", "BudgetSummaryReportQuery", "CustomSummaryReportQuery"),
)


def unsupported() -> frozenset[str]:
    """The requests without rules for good."""
    return frozenset(name for names in UNSUPPORTED.values() for name in names)


def to_come() -> frozenset[str]:
    """The names of the requests that wait for their rules; some of them are in no version of the schema."""
    verbs = ("Add", "Mod", "Query")
    return frozenset(TO_COME) | {f"{kind}{verb}" for kind in TRANSACTIONS_TO_COME for verb in verbs}
