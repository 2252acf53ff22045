"""What needs a preference that may be off: one table of requests and fields, and the setting that each of them needs.

QuickBooks answers 3250 to a request about a feature that the company does not use, and to a field of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .answers import Answer
from .context import Context, Handler
from .errors import RequestError
from .settings import Settings

#: For what no company here has.
NEVER = ""

#: Requests, by what they are about: the name without Add, Mod and Query.
ABOUT: dict[str, str] = {
    "Class": "uses_classes",
    "Currency": NEVER,
    "Estimate": "uses_estimates",
    "SalesOrder": "uses_sales_orders",
    **dict.fromkeys(
        ("PurchaseOrder", "ItemReceipt", "InventoryAdjustment", "BuildAssembly", "ItemAssembliesCanBuild"),
        "uses_purchase_orders_and_inventory",
    ),
    **dict.fromkeys(("ItemInventory", "ItemInventoryAssembly"), "uses_purchase_orders_and_inventory"),
    **dict.fromkeys(("InventorySite", "ItemSites", "TransferInventory"), "uses_multiple_sites"),
    "PriceLevel": "uses_price_levels",
    "UnitOfMeasureSet": "uses_units_of_measure",
    "TimeTracking": "uses_time_tracking",
    **dict.fromkeys(("SalesTaxPaymentCheck", "SalesTaxPayable"), "uses_sales_tax"),
}

#: Fields, wherever they stand in a request.
FIELDS: dict[str, str] = {
    **dict.fromkeys(("CurrencyRef", "CurrencyFilter", "ExchangeRate"), NEVER),
    **dict.fromkeys(("ClassRef", "OverrideClassRef", "ClassFilter"), "uses_classes"),
    "PriceLevelRef": "uses_price_levels",
    **dict.fromkeys(
        ("UnitOfMeasureSetRef", "OverrideUOMSetRef", "UnitOfMeasure"),
        "uses_units_of_measure",
    ),
    **dict.fromkeys(
        ("InventorySiteRef", "InventorySiteLocationRef", "FromInventorySiteRef", "ToInventorySiteRef"),
        "uses_multiple_sites",
    ),
    **dict.fromkeys(("ItemSalesTaxRef", "SalesTaxCodeRef", "CustomerSalesTaxCodeRef"), "uses_sales_tax"),
    "ShipMethodRef": "uses_ship_methods",
}


def check(name: str, content: Mapping[str, Any], settings: Settings) -> None:
    """Raise :class:`~qbsimulator.errors.RequestError` where a request needs what the company does not use.

    ``name`` is the request's, without ``Rq``. A field that is given empty asks for nothing.
    """
    about = next((name.removesuffix(verb) for verb in ("Add", "Mod", "Query") if name.endswith(verb)), name)
    if about in ABOUT and not _is_on(ABOUT[about], settings):
        raise RequestError(3250)
    _check_fields(content, settings)


def _check_fields(content: Mapping[str, Any], settings: Settings) -> None:
    for name, value in content.items():
        if name in FIELDS and _says_something(value) and not _is_on(FIELDS[name], settings):
            raise RequestError(3250)
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, dict):
                _check_fields(one, settings)


def _says_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_says_something(one) for one in value.values())
    return value not in (None, "", [])


def _is_on(setting: str, settings: Settings) -> bool:
    return setting != NEVER and bool(getattr(settings, setting))


def _refuse(context: Context, content: Mapping[str, Any]) -> Answer:
    raise RequestError(3250)


#: The requests about what no company here has, by their names without ``Rq``.
REFUSED: dict[str, Handler] = {
    f"{about}{verb}": _refuse
    for about, setting in ABOUT.items()
    if setting == NEVER
    for verb in ("Add", "Mod", "Query")
}
