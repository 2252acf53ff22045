"""Requests about the company as a whole: the host, the company, the preferences, what was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qbxml.model import Record

from .answers import Answer
from .context import Context, Handler, wanted
from .customfields import COMPANY
from .errors import RequestError
from .kinds import kinds
from .settings import known_versions


def _about(name: str, record: dict[str, Any], content: Mapping[str, Any]) -> Answer:
    return Answer(content=[(name, Record(name, record))], wanted=wanted(content))


def host(context: Context, content: Mapping[str, Any]) -> Answer:
    """HostQueryRq."""
    settings = context.settings
    record = {
        "ProductName": settings.product_name,
        "MajorVersion": settings.major_version,
        "MinorVersion": settings.minor_version,
        "Country": settings.country,
        "SupportedQBXMLVersion": known_versions(settings.country, settings.qbxml_version),
        "IsAutomaticLogin": False,
        "QBFileMode": settings.file_mode,
    }
    return _about("HostRet", record, content)


def the_company(context: Context, content: Mapping[str, Any]) -> Answer:
    """CompanyQueryRq."""
    name = context.settings.company_name
    record: dict[str, Any] = {
        "IsSampleCompany": False,
        "CompanyName": name,
        "LegalCompanyName": name,
        "FirstMonthFiscalYear": "January",
        "FirstMonthIncomeTaxYear": "January",
    }
    context.company.custom_fields.show(record, COMPANY, content.get("OwnerID") or ())
    return _about("CompanyRet", record, content)


def preferences(context: Context, content: Mapping[str, Any]) -> Answer:
    """PreferencesQueryRq: the preferences that the settings hold."""
    settings = context.settings
    record: dict[str, Any] = {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": settings.uses_account_numbers,
            "IsRequiringAccounts": True,
            "IsUsingClassTracking": settings.uses_classes,
            "IsUsingAuditTrail": True,
            "IsAssigningJournalEntryNumbers": True,
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": settings.uses_estimates,
            "IsUsingProgressInvoicing": False,
            "IsPrintingItemsWithZeroAmounts": False,
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": False},
    }
    if settings.closing_date is not None:
        record["AccountingPreferences"]["ClosingDate"] = settings.closing_date
    return _about("PreferencesRet", record, content)


def list_deleted(context: Context, content: Mapping[str, Any]) -> Answer:
    """ListDeletedQueryRq: what was deleted of some lists, in the order in which it was."""
    company = context.company
    span = content.get("DeletedDateRangeFilter") or {}
    if "DateMacro" in span:
        raise RequestError(1030)
    begin = span.get("FromDeletedDate")
    end = span.get("ToDeletedDate")
    low = company.clock.moment(begin) if isinstance(begin, date) else float("-inf")
    high = company.clock.moment(end, end=True) if isinstance(end, date) else float("inf")
    if low > high:
        raise RequestError(3030)
    answer = Answer(wanted=wanted(content))
    for kind in content["ListDelType"]:
        if kind not in kinds():
            continue
        for id_, full_name, created, deleted in company._storage.deleted(kind, low, high):
            record = {
                "ListDelType": kind,
                "ListID": id_,
                "TimeCreated": company.clock.local(created),
                "TimeDeleted": company.clock.local(deleted),
                "FullName": full_name,
            }
            answer.content.append(("ListDeletedRet", Record("ListDeletedRet", record)))
    answer.code = 0 if answer.content else 1
    return answer


#: By the name of the request without ``Rq``.
FIXED: dict[str, Handler] = {
    "HostQuery": host,
    "CompanyQuery": the_company,
    "PreferencesQuery": preferences,
    "ListDeletedQuery": list_deleted,
}
