"""PreferencesQueryRq: the preferences that the settings hold, in QuickBooks' groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbxml.model import Record

from .answers import Answer
from .context import Context, wanted
from .kinds import items


def preferences(context: Context, content: Mapping[str, Any]) -> Answer:
    """PreferencesQueryRq. A default that names what the lists do not have is left out."""
    settings = context.settings
    record: dict[str, Any] = {
        "AccountingPreferences": {
            "IsUsingAccountNumbers": settings.uses_account_numbers,
            "IsRequiringAccounts": settings.requires_accounts,
            "IsUsingClassTracking": settings.uses_classes,
            "IsUsingAuditTrail": True,
            "IsAssigningJournalEntryNumbers": settings.numbers_journal_entries,
            "ClosingDate": settings.closing_date,
        },
        "FinanceChargePreferences": {
            "GracePeriod": settings.grace_period,
            "FinanceChargeAccountRef": _reference(context, ("Account",), settings.finance_charge_account),
            "IsAssessingForOverdueCharges": False,
            "CalculateChargesFrom": "DueDate",
            "IsMarkedToBePrinted": False,
        },
        "JobsAndEstimatesPreferences": {
            "IsUsingEstimates": settings.uses_estimates,
            "IsUsingProgressInvoicing": settings.uses_progress_invoicing,
            "IsPrintingItemsWithZeroAmounts": False,
        },
        "MultiCurrencyPreferences": {"IsMultiCurrencyOn": False},
        "MultiLocationInventoryPreferences": {
            "IsMultiLocationInventoryAvailable": settings.uses_multiple_sites,
            "IsMultiLocationInventoryEnabled": settings.uses_multiple_sites,
        },
        "PurchasesAndVendorsPreferences": {
            "IsUsingInventory": settings.uses_purchase_orders_and_inventory,
            "DaysBillsAreDue": settings.days_bills_are_due,
            "IsAutomaticallyUsingDiscounts": settings.uses_discounts_automatically,
            "DefaultDiscountAccountRef": _reference(context, ("Account",), settings.default_discount_account),
        },
        "ReportsPreferences": {
            "AgingReportBasis": settings.aging_report_basis,
            "SummaryReportBasis": settings.summary_report_basis,
        },
        "SalesAndCustomersPreferences": {
            "DefaultShipMethodRef": _reference(context, ("ShipMethod",), settings.default_ship_method),
            "DefaultFOB": settings.default_fob or None,
            "IsTrackingReimbursedExpensesAsIncome": settings.tracks_reimbursed_expenses_as_income,
            "IsAutoApplyingPayments": settings.auto_applies_payments,
            "PriceLevels": {"IsUsingPriceLevels": settings.uses_price_levels},
        },
        **_sales_tax(context),
        "CurrentAppAccessRights": {
            "IsAutomaticLoginAllowed": False,
            "IsPersonalDataAccessAllowed": context.session.personal_data,
        },
        "ItemsAndInventoryPreferences": {"IsTrackingSerialOrLotNumber": "None", "FIFOEnabled": False},
    }
    if settings.uses_time_tracking:
        record["TimeTrackingPreferences"] = {"FirstDayOfWeek": settings.first_day_of_week}
    return Answer(content=[("PreferencesRet", Record("PreferencesRet", record))], wanted=wanted(content))


def _reference(context: Context, among: tuple[str, ...], full_name: str) -> dict[str, str] | None:
    """A reference to what a setting names; ``None`` where there is no such element."""
    found = context.company.elements.found({"FullName": full_name}, among) if full_name else None
    return None if found is None else {"ListID": found.id, "FullName": found.full_name}


def _sales_tax(context: Context) -> dict[str, Any]:
    """The group of sales tax. A file without it, or without what it has to name, does not have the group."""
    settings = context.settings
    references = {
        "DefaultItemSalesTaxRef": _reference(context, items(), settings.default_sales_tax_item),
        "DefaultTaxableSalesTaxCodeRef": _reference(context, ("SalesTaxCode",), settings.default_taxable_code),
        "DefaultNonTaxableSalesTaxCodeRef": _reference(context, ("SalesTaxCode",), settings.default_non_taxable_code),
    }
    if not settings.uses_sales_tax or None in references.values():
        return {}
    return {"SalesTaxPreferences": {**references, "PaySalesTax": settings.pay_sales_tax}}
