"""Requests about the company as a whole: the host, the company, its activity, what was deleted."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from typing import Any

from qbxml.model import Record

from . import deletions
from .answers import Answer
from .contents import address_block
from .context import Context, Handler, wanted
from .customfields import COMPANY
from .errors import RequestError
from .preferences import preferences
from .settings import known_versions

#: The services that a company can subscribe to; this one never did.
_SERVICES = (("QuickBooks Online Banking", "banking.qb"), ("QuickBooks Online Billing", "billing.qb"))


def _about(name: str, record: dict[str, Any], content: Mapping[str, Any]) -> Answer:
    return Answer(content=[(name, Record(name, record))], wanted=wanted(content))


def host(context: Context, content: Mapping[str, Any]) -> Answer:
    """HostQueryRq."""
    if (content.get("IncludeListMetaData") or {}).get("IncludeMaxCapacity"):
        raise RequestError(1030)
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
    """CompanyQueryRq: what the settings say of the company, and its custom fields."""
    settings = context.settings
    address = _given(
        Addr1=settings.company_street,
        City=settings.company_city,
        State=settings.company_state,
        PostalCode=settings.company_postal_code,
        Country=settings.company_country,
    )
    record: dict[str, Any] = {
        "IsSampleCompany": settings.is_sample_company,
        "CompanyName": settings.company_name,
        "LegalCompanyName": settings.legal_company_name or settings.company_name,
        **_given(Phone=settings.company_phone, Fax=settings.company_fax, Email=settings.company_email),
        **_given(CompanyWebSite=settings.company_web_site, CompanyType=settings.company_type),
        **_given(EIN=settings.company_ein),
        "FirstMonthFiscalYear": calendar.month_name[settings.first_fiscal_month],
        "FirstMonthIncomeTaxYear": calendar.month_name[settings.first_tax_month],
        "TaxForm": settings.tax_form,
        "SubscribedServices": {
            "Service": [{"Name": name, "Domain": domain, "ServiceStatus": "Never"} for name, domain in _SERVICES]
        },
        "AccountantCopy": {"AccountantCopyExists": False},
    }
    if address:
        block = address_block(address)
        for name in ("Address", "LegalAddress", "CompanyAddressForCustomer"):
            record[name] = address
        record["AddressBlock"] = record["CompanyAddressBlockForCustomer"] = block
    context.company.custom_fields.show(record, COMPANY, content.get("OwnerID") or ())
    return _about("CompanyRet", record, content)


def _given(**values: str) -> dict[str, Any]:
    """Those of some values that say something."""
    return {name: value for name, value in values.items() if value}


def activity(context: Context, content: Mapping[str, Any]) -> Answer:
    """CompanyActivityQueryRq. What never was is the beginning of 1970, on the machine's own clock."""
    local, settings = context.company.clock.local, context.settings
    record = {
        "LastRestoreTime": local(settings.last_restore),
        "LastCondenseTime": local(settings.last_condense),
    }
    return _about("CompanyActivityRet", record, content)


def list_deleted(context: Context, content: Mapping[str, Any]) -> Answer:
    """ListDeletedQueryRq: what was deleted of some lists, in the order in which it was."""
    return deletions.told(context, content, "List", context.company._storage.deleted, "FullName")


#: By the name of the request without ``Rq``.
FIXED: dict[str, Handler] = {
    "HostQuery": host,
    "CompanyQuery": the_company,
    "CompanyActivityQuery": activity,
    "PreferencesQuery": preferences,
    "ListDeletedQuery": list_deleted,
}
