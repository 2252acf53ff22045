"""What a company's file is set to: preferences, rights, and the behaviours on which sources disagree.

qbXML can't change any of it; ``company.settings`` and ``qbsimulator set FILE NAME=VALUE`` do. A setting is kept in the
file. Those marked (?) stand for a behaviour that nobody has recorded for certain: the default is the likelier one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qbxml.versions import EDITIONS, RANK, VERSIONS

from .dates import WEEKDAYS
from .errors import UnknownSetting

#: The values that a setting can have, where they are few.
_CHOICES: dict[str, tuple[Any, ...]] = {
    "country": tuple(EDITIONS),
    "qbxml_version": VERSIONS,
    "file_mode": ("SingleUser", "MultiUser"),
    "first_fiscal_month": tuple(range(1, 13)),
    "first_tax_month": tuple(range(1, 13)),
    "first_day_of_week": WEEKDAYS,
    "tax_form": ("Form1040", "Form1065", "Form1120", "Form1120S", "Form990", "Form990PF", "Form990T", "OtherOrNone"),
    "aging_report_basis": ("AgeFromDueDate", "AgeFromTransactionDate"),
    "summary_report_basis": ("Accrual", "Cash"),
    "pay_sales_tax": ("Monthly", "Quarterly", "Annually"),
    "odd_id_in_query": (500, 3000),
    "missing_id_in_query": (500, 3120),
    "name_filter_looks_at": ("FullName", "Name"),
    "nothing_stored": (600, 9002),
    "unbalanced_journal": (3180, 3210),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a company file."""

    company_name: str = "Empty Company"
    #: What else CompanyRet says; what is empty is left out. The legal name is the company's own where it is empty.
    legal_company_name: str = ""
    company_street: str = ""
    company_city: str = ""
    company_state: str = ""
    company_postal_code: str = ""
    company_country: str = ""
    company_phone: str = ""
    company_fax: str = ""
    company_email: str = ""
    company_web_site: str = ""
    company_type: str = ""
    company_ein: str = ""
    tax_form: str = "OtherOrNone"
    is_sample_company: bool = False
    #: Months by their number: that in which the fiscal year begins, and the year of the income tax.
    first_fiscal_month: int = 1
    first_tax_month: int = 1
    #: The product, as HostRet has it.
    product_name: str = "QuickBooks Enterprise Solutions 24.0"
    major_version: str = "34"
    minor_version: str = "0"
    country: str = "US"
    #: The newest qbXML version that this QuickBooks knows.
    qbxml_version: str = "16.0"
    #: The Windows machine's time zone.
    timezone: str = "America/Los_Angeles"
    #: ``SingleUser`` or ``MultiUser``; in the second a deleted list element is only made inactive.
    file_mode: str = "SingleUser"
    #: When the file was last restored from a backup, and condensed: seconds since 1970; 0: never.
    last_restore: int = 0
    last_condense: int = 0
    #: Changes on or before it are refused (3171, 3161); ``None``: nothing is closed.
    closing_date: date | None = None
    uses_classes: bool = True
    uses_account_numbers: bool = False
    uses_sales_tax: bool = True
    uses_estimates: bool = True
    uses_sales_orders: bool = True
    uses_purchase_orders_and_inventory: bool = True
    uses_price_levels: bool = True
    uses_time_tracking: bool = True
    uses_progress_invoicing: bool = False
    uses_multiple_sites: bool = True
    uses_units_of_measure: bool = True
    uses_ship_methods: bool = True
    requires_accounts: bool = True
    numbers_journal_entries: bool = True
    #: A bill without terms is due so many days after its date.
    days_bills_are_due: int = 10
    uses_discounts_automatically: bool = False
    #: Full names of what transactions take where nothing else is said; empty: none.
    default_discount_account: str = ""
    default_terms: str = ""
    default_ship_method: str = ""
    default_fob: str = ""
    tracks_reimbursed_expenses_as_income: bool = False
    #: Whether a payment in QuickBooks' own window is applied by itself.
    auto_applies_payments: bool = True
    aging_report_basis: str = "AgeFromDueDate"
    summary_report_basis: str = "Accrual"
    first_day_of_week: str = "Monday"
    #: Full names: the tax of a sale, and the codes of what is taxed and what is not.
    default_sales_tax_item: str = ""
    default_taxable_code: str = "Tax"
    default_non_taxable_code: str = "Non"
    pay_sales_tax: str = "Monthly"
    #: Finance charges: days of grace, and the full name of their account.
    grace_period: int = 0
    finance_charge_account: str = ""
    #: Whether the user that applications log in as may change anything.
    may_write: bool = True
    #: Whether an application sees and changes personal data of employees (3261) where its session does not say.
    personal_data: bool = False
    #: (?) An ID of an impossible form in a query: 500, or 3000.
    odd_id_in_query: int = 500
    #: (?) An ID of a possible form in a query, of which there is nothing: 500, or 3120.
    missing_id_in_query: int = 500
    #: (?) What NameFilter and NameRangeFilter look at in a tree: ``FullName``, or ``Name``.
    name_filter_looks_at: str = "FullName"
    #: (?) Whether a new transaction may not refer to names and items that are inactive (3140).
    refuses_inactive: bool = False
    #: (?) A status query for an id under which nothing is stored: 600, or 9002.
    nothing_stored: int = 9002
    #: (?) A journal entry whose debits and credits differ: 3180, or 3210.
    unbalanced_journal: int = 3180
    #: (?) Whether a trip of a vehicle can be deleted; else 3160.
    deletes_vehicle_mileage: bool = False
    #: (?) Seconds without a call after which an iterator is gone; 0: never.
    iterator_idle: int = 0
    #: (?) Whether a custom field that is set changes the EditSequence of its object; TimeModified it changes anyway.
    custom_field_moves_edit_sequence: bool = False
    #: (?) Whether what was paid or credited can be deleted, what was applied to it being left as a credit; else 3160.
    deletes_what_is_paid: bool = True
    #: (?) Whether the definition of a private custom field that is assigned stays, though its deletion is a success.
    assigned_definition_stays: bool = True
    #: (?) Older releases print the offset of standard time all the year.
    standard_offset_only: bool = False

    def __post_init__(self) -> None:
        """Raises :class:`~qbsimulator.errors.UnknownSetting` for a value that no company can have."""
        for one in dataclasses.fields(self):
            value, default = getattr(self, one.name), one.default
            fits = value is None or isinstance(value, date) if default is None else type(value) is type(default)
            if not fits:
                raise UnknownSetting(
                    one.name, f"{value!r} is no {'date' if default is None else type(default).__name__}"
                )
            if one.name in _CHOICES and value not in _CHOICES[one.name]:
                known = ", ".join(str(choice) for choice in _CHOICES[one.name])
                raise UnknownSetting(one.name, f"{value!r} is none of {known}")
        for name in ("iterator_idle", "days_bills_are_due", "grace_period", "last_restore", "last_condense"):
            if getattr(self, name) < 0:
                raise UnknownSetting(name, "a time is not negative")
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            raise UnknownSetting("timezone", f"this system knows no time zone {self.timezone!r}") from None
        if not known_versions(self.country, self.qbxml_version):
            raise UnknownSetting("qbxml_version", f"QuickBooks {self.country} is of later versions")

    def changed(self, **values: Any) -> Settings:
        """These settings with others in their place. Raises :class:`~qbsimulator.errors.UnknownSetting`."""
        for name in values:
            if name not in Settings.__slots__:
                known = ", ".join(sorted(Settings.__slots__))
                raise UnknownSetting(name, f"there is none of that name; there are {known}")
        return dataclasses.replace(self, **values)

    def told(self, texts: Mapping[str, str]) -> Settings:
        """These settings with some of them told as text: ``true``, ``2024-12-31``, ``600``.

        Raises :class:`~qbsimulator.errors.UnknownSetting`.
        """
        defaults = {one.name: one.default for one in dataclasses.fields(Settings)}
        values: dict[str, Any] = dict(texts)
        for name, text in texts.items():
            default = defaults.get(name, "")  # of an unknown one it is said below that there is none
            try:
                if isinstance(default, bool):
                    values[name] = {"true": True, "false": False}[text.lower()]
                elif isinstance(default, int):
                    values[name] = int(text)
                elif default is None:
                    values[name] = date.fromisoformat(text) if text else None
            except (KeyError, ValueError):
                wanted = {bool: "true or false", int: "a whole number"}.get(type(default), "a date such as 2024-12-31")
                raise UnknownSetting(name, f"{text!r} is not {wanted}") from None
        return self.changed(**values)

    def to_json(self) -> str:
        """All settings as text, for the file."""
        plain = dataclasses.asdict(self)
        plain["closing_date"] = None if self.closing_date is None else self.closing_date.isoformat()
        return json.dumps(plain)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """What :meth:`to_json` wrote. Settings that this release does not know are left out."""
        plain = {name: value for name, value in json.loads(text).items() if name in cls.__slots__}
        closing = plain.get("closing_date")
        plain["closing_date"] = None if closing is None else date.fromisoformat(closing)
        return cls(**plain)


def known_versions(country: str, newest: str) -> list[str]:
    """The qbXML versions that a QuickBooks of a country knows, the oldest first."""
    first = EDITIONS[country]
    return [version for version in VERSIONS if RANK[first] <= RANK[version] <= RANK[newest]]
