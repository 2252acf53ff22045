"""What the sample company has in its lists: accounts, the small lists, and items. All of it is invented.

Tables only. :mod:`.people` has the customers, vendors and employees; :mod:`.lists` makes requests of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: What the file is set to while it is made.
SETTINGS: dict[str, Any] = {
    "company_name": "Quillfeather Construction",
    "legal_company_name": "Quillfeather Construction, Inc.",
    "company_street": "9 Tollgate Lane",
    "company_city": "Port Ellery",
    "company_state": "CA",
    "company_postal_code": "94999",
    "company_phone": "707-555-0100",
    "company_email": "office@example.com",
    "company_web_site": "http://quillfeather.example.com",
    "company_type": "Construction",
    "is_sample_company": True,
    "pay_sales_tax": "Quarterly",
}
#: What it is set to when it is made: what a new customer is taxed by.
AFTERWARDS: dict[str, Any] = {"default_sales_tax_item": "Port Ellery"}

#: Built-in accounts, by the type by which QuickBooks makes them.
SPECIAL_ACCOUNTS = {
    "AccountsReceivable": "Accounts Receivable",
    "PettyCash": "Petty Cash",
    "UndepositedFunds": "Undeposited Funds",
    "InventoryAssets": "Inventory Asset",
    "AccountsPayable": "Accounts Payable",
    "SalesTaxPayable": "Sales Tax Payable",
    "PayrollLiabilities": "Payroll Liabilities",
    "OpeningBalanceEquity": "Opening Balance Equity",
    "RetainedEarnings": "Retained Earnings",
    "CostOfGoodsSold": "Cost of Goods Sold",
    "PayrollExpenses": "Payroll Expenses",
    "PurchaseOrders": "Purchase Orders",
    "Estimates": "Estimates",
    "SalesOrders": "Sales Orders",
}

#: All other accounts: their type, and full names, a parent before its children.
ACCOUNTS: dict[str, tuple[str, ...]] = {
    "Bank": ("Checking", "Savings", "Payroll Checking"),
    "OtherCurrentAsset": (
        "Retainage Receivable",
        "Employee Advances",
        "Prepaid Insurance",
        "Prepaid Insurance:Liability",
        "Prepaid Insurance:Workers Compensation",
        "Prepaid Taxes",
    ),
    "FixedAsset": (
        "Land",
        "Buildings",
        "Buildings:Cost",
        "Buildings:Accumulated Depreciation",
        "Construction Equipment",
        "Construction Equipment:Cost",
        "Construction Equipment:Accumulated Depreciation",
        "Office Equipment",
        "Office Equipment:Cost",
        "Office Equipment:Accumulated Depreciation",
        "Vehicles",
        "Vehicles:Cost",
        "Vehicles:Accumulated Depreciation",
    ),
    "OtherAsset": ("Security Deposits",),
    "CreditCard": ("Business Card", "Fuel Card"),
    "OtherCurrentLiability": (
        "Payroll Liabilities:Federal Withholding",
        "Payroll Liabilities:State Withholding",
        "Payroll Liabilities:FICA",
        "Payroll Liabilities:Unemployment",
        "Payroll Liabilities:Health Insurance",
        "Customer Deposits",
        "Line of Credit",
    ),
    "LongTermLiability": ("Truck Loan", "Equipment Loan", "Building Mortgage"),
    "Equity": ("Owner's Equity", "Owner's Equity:Contributions", "Owner's Equity:Draws"),
    "Income": (
        "Construction Income",
        "Construction Income:Design",
        "Construction Income:Labor",
        "Construction Income:Materials",
        "Construction Income:Subcontracted Work",
        "Construction Income:Permits Reimbursed",
        "Construction Income:Discounts Given",
        "Product Sales",
        "Product Sales:Doors and Windows",
        "Product Sales:Cabinets",
        "Product Sales:Hardware",
        "Service Calls",
        "Finance Charges Earned",
    ),
    "CostOfGoodsSold": (
        "Job Costs",
        "Job Costs:Direct Labor",
        "Job Costs:Materials",
        "Job Costs:Subcontractors",
        "Job Costs:Equipment Rental",
        "Job Costs:Permits and Fees",
        "Job Costs:Waste Removal",
        "Job Costs:Freight",
    ),
    "Expense": (
        "Advertising",
        "Automobile",
        "Automobile:Fuel",
        "Automobile:Insurance",
        "Automobile:Repairs",
        "Automobile:Registration",
        "Bank Charges",
        "Depreciation",
        "Dues and Subscriptions",
        "Insurance",
        "Insurance:General Liability",
        "Insurance:Workers Compensation",
        "Interest",
        "Interest:Mortgage",
        "Interest:Loans",
        "Licenses",
        "Meals",
        "Office Supplies",
        "Postage",
        "Professional Fees",
        "Professional Fees:Accounting",
        "Professional Fees:Legal",
        "Rent",
        "Repairs",
        "Repairs:Building",
        "Repairs:Tools",
        "Payroll Expenses:Officer Salary",
        "Payroll Expenses:Office Wages",
        "Payroll Expenses:Employer Taxes",
        "Payroll Expenses:Health Insurance",
        "Small Tools",
        "Software",
        "Telephone",
        "Utilities",
        "Utilities:Gas and Electric",
        "Utilities:Water",
    ),
    "OtherIncome": ("Interest Income", "Rebates", "Gain on Sale of Assets"),
    "OtherExpense": ("Penalties", "Loss on Sale of Assets"),
}

CLASSES = ("Remodel", "New Construction", "Remodel:Kitchen", "Remodel:Bath", "Service", "Shop", "Overhead")
CUSTOMER_TYPES = ("Residential", "Commercial", "Residential:Referral", "Public", "Walk-in")
VENDOR_TYPES = ("Materials", "Subcontractor", "Service Provider", "Tax Agency", "Utility")
JOB_TYPES = ("Remodel", "Addition", "New Building", "Repair", "Outdoor")
SHIP_METHODS = ("Own Truck", "Freight", "Pick-up")
CUSTOMER_MESSAGES = (
    "Thank you for letting us build with you.",
    "Please pay within the terms above.",
    "All work is guaranteed for one year.",
    "A deposit is due before materials are ordered.",
)

#: Days until due, days for the discount, and its percentage.
TERMS: dict[str, tuple[int, int, str]] = {
    "Due on receipt": (0, 0, "0"),
    "Net 10": (10, 0, "0"),
    "Net 15": (15, 0, "0"),
    "Net 30": (30, 0, "0"),
    "Net 60": (60, 0, "0"),
    "1% 10 Net 30": (30, 10, "1"),
    "2% 10 Net 30": (30, 10, "2"),
}
#: Due on that day of the month, and of the next one when it is so many days away.
DATED_TERMS: dict[str, tuple[int, int]] = {"10th of month": (10, 5)}

PAYMENT_METHODS = {
    "Cash": "Cash",
    "Check": "Check",
    "American Express": "AmericanExpress",
    "Discover": "Discover",
    "MasterCard": "MasterCard",
    "Visa": "Visa",
    "Debit Card": "DebitCard",
    "E-Check": "ECheck",
}

#: Whether the code is for what is taxed, and its description.
TAX_CODES = {"Tax": (True, "Taxable Sales"), "Non": (False, "Non-Taxable Sales"), "Rsl": (False, "Sold for Resale")}

#: Rate in percent, and the agency that it is paid to.
TAXES: dict[str, tuple[str, str]] = {
    "State Tax": ("6.00", "State Revenue Board"),
    "Marrow County Tax": ("1.50", "Marrow County Tax Office"),
    "Port Ellery City Tax": ("0.75", "Port Ellery City Treasurer"),
    "Out of State": ("0.00", "State Revenue Board"),
}
TAX_GROUPS: dict[str, tuple[str, ...]] = {
    "Port Ellery": ("State Tax", "Marrow County Tax", "Port Ellery City Tax"),
    "Marrow County": ("State Tax", "Marrow County Tax"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """An item that is bought or sold. Of an account that is empty there is none: the item is only bought, or sold."""

    kind: str
    name: str
    price: str = "0.00"
    cost: str = "0.00"
    income: str = ""
    expense: str = ""
    taxable: bool = True
    vendor: str = ""
    desc: str = ""
    reorder: int = 0
    parts: tuple[tuple[str, int], ...] = ()


_LABOR, _DESIGN = "Construction Income:Labor", "Construction Income:Design"
_SUBS, _MATERIALS = "Construction Income:Subcontracted Work", "Construction Income:Materials"
_SUB_COST, _MATERIAL_COST = "Job Costs:Subcontractors", "Job Costs:Materials"
_DOORS, _CABINETS, _HARDWARE = ("Product Sales:Doors and Windows", "Product Sales:Cabinets", "Product Sales:Hardware")
_LUMBER, _MILL, _STONE = "Thornbush Lumber Yard", "Wrenfield Millwork", "Greywacke Stone and Brick"
_KNOBS = "Brassmoth Hardware Supply"


def _service(name: str, price: str, income: str, desc: str) -> Item:
    return Item("Service", name, price, income=income, taxable=False, desc=desc)


def _sub(name: str, price: str, cost: str, vendor: str, desc: str) -> Item:
    return Item("Service", name, price, cost, _SUBS, _SUB_COST, False, vendor, desc)


def _material(name: str, price: str, cost: str, vendor: str, desc: str) -> Item:
    return Item("NonInventory", name, price, cost, _MATERIALS, _MATERIAL_COST, True, vendor, desc)


def _stock(name: str, price: str, cost: str, income: str, vendor: str, desc: str, reorder: int) -> Item:
    return Item("Inventory", name, price, cost, income, "Cost of Goods Sold", True, vendor, desc, reorder)


#: What is bought and sold, a parent before its children.
ITEMS: tuple[Item, ...] = (
    _service("Labor", "0.00", _LABOR, "Work by our own crew"),
    _service("Labor:Framing", "58.00", _LABOR, "Framing, by the hour"),
    _service("Labor:Carpentry", "64.00", _LABOR, "Finish carpentry, by the hour"),
    _service("Labor:Demolition", "46.50", _LABOR, "Taking out and hauling, by the hour"),
    _service("Labor:Concrete Work", "61.25", _LABOR, "Forming and pouring, by the hour"),
    _service("Labor:Installation", "55.00", _LABOR, "Installing doors, windows and cabinets, by the hour"),
    _service("Design", "85.00", _DESIGN, "Plans and drawings, by the hour"),
    _service("Supervision", "72.00", _LABOR, "Site supervision, by the hour"),
    _service("Service Call", "125.00", "Service Calls", "A visit, first hour included"),
    _sub("Subs", "0.00", "0.00", "", "Work by subcontractors"),
    _sub("Subs:Electrical", "95.00", "74.00", "Bright Heron Electric", "Electrical work, by the hour"),
    _sub("Subs:Plumbing", "98.00", "76.50", "Otterpool Plumbing", "Plumbing work, by the hour"),
    _sub("Subs:Roofing", "412.50", "318.00", "Slatewing Roofing", "Roofing, by the square"),
    _sub("Subs:Painting", "52.00", "39.75", "Marigold Painters", "Painting, by the hour"),
    _sub("Subs:Drywall", "2.35", "1.72", "Plumb Bob Drywall", "Drywall hung and taped, by the square foot"),
    _sub("Subs:Tile", "14.80", "10.90", "Terrazine Tile Setters", "Tile set and grouted, by the square foot"),
    _sub("Subs:Excavation", "145.00", "118.00", "Badger Bend Excavating", "Excavation, by the hour"),
    _material("Lumber", "0.00", "0.00", "", "Lumber and sheet goods"),
    _material("Lumber:Studs", "5.85", "4.12", _LUMBER, "Stud, 8 foot"),
    _material("Lumber:Plywood", "48.90", "36.40", _LUMBER, "Plywood, 4 by 8"),
    _material("Lumber:Decking", "22.75", "16.85", _LUMBER, "Decking board, 16 foot"),
    _material("Lumber:Trim", "3.95", "2.61", _MILL, "Trim, by the foot"),
    _material("Concrete", "168.00", "131.00", "Gravelly Run Ready Mix", "Concrete, by the yard"),
    _material("Insulation", "1.18", "0.79", "Thornbush Lumber Yard", "Insulation, by the square foot"),
    _material("Shingles", "39.60", "28.15", "Slatewing Roofing", "Shingles, by the bundle"),
    _material("Stone", "12.40", "8.95", _STONE, "Stone veneer, by the square foot"),
    _material("Paint", "41.25", "29.80", "Marigold Painters", "Paint, by the gallon"),
    _material("Fixtures", "265.00", "188.00", "Otterpool Plumbing", "Bathroom and kitchen fixtures"),
    Item("NonInventory", "Shop Supplies", "0.00", "0.00", "", "Small Tools", desc="Blades, bits and fasteners"),
    Item(
        "OtherCharge",
        "Permit",
        "0.00",
        "0.00",
        "Construction Income:Permits Reimbursed",
        "Job Costs:Permits and Fees",
        False,
        "City Permit Counter",
        "Permit fee",
    ),
    Item(
        "OtherCharge",
        "Equipment Rental",
        "240.00",
        "185.00",
        _MATERIALS,
        "Job Costs:Equipment Rental",
        False,
        "Crane Hollow Rentals",
        "Equipment, by the day",
    ),
    Item(
        "OtherCharge",
        "Dumpster",
        "395.00",
        "310.00",
        _MATERIALS,
        "Job Costs:Waste Removal",
        False,
        "Lantern Bay Hauling",
        "Dumpster, by the load",
    ),
    Item("OtherCharge", "Delivery", "65.00", "0.00", _MATERIALS, "", False, "", "Delivery"),
    Item("OtherCharge", "Finance Charge", "25.00", "0.00", "Finance Charges Earned", "", False, "", "Late payment"),
    _stock("Doors", "0.00", "0.00", _DOORS, "", "Doors", 0),
    _stock("Doors:Interior", "148.00", "92.40", _DOORS, _MILL, "Interior door, six panels", 6),
    _stock("Doors:Exterior", "585.00", "389.50", _DOORS, _MILL, "Exterior door, fibreglass", 2),
    _stock("Windows", "372.00", "246.80", _DOORS, "Glimmerpane Glass", "Window, double hung", 4),
    _stock("Cabinets", "0.00", "0.00", _CABINETS, "", "Cabinets", 0),
    _stock("Cabinets:Base", "428.00", "284.60", _CABINETS, _MILL, "Base cabinet, 36 inch", 3),
    _stock("Cabinets:Wall", "296.00", "191.25", _CABINETS, _MILL, "Wall cabinet, 30 inch", 3),
    _stock("Hardware", "0.00", "0.00", _HARDWARE, "", "Hardware", 0),
    _stock("Hardware:Doorknob", "38.50", "22.90", _HARDWARE, _KNOBS, "Doorknob, brass", 12),
    _stock("Hardware:Hinge", "7.95", "4.15", _HARDWARE, _KNOBS, "Hinge, brass", 36),
    _stock("Hardware:Cabinet Pull", "9.60", "5.20", _HARDWARE, _KNOBS, "Cabinet pull, nickel", 40),
    Item(
        "InventoryAssembly",
        "Door Set",
        "246.00",
        "127.75",
        _DOORS,
        "Cost of Goods Sold",
        True,
        "",
        "Interior door, hung and fitted",
        parts=(("Doors:Interior", 1), ("Hardware:Hinge", 3), ("Hardware:Doorknob", 1)),
    ),
)

#: Groups: their description and members.
GROUPS: dict[str, tuple[str, tuple[tuple[str, int], ...]]] = {
    "Cabinet Run": (
        "Cabinets, pulls and their installation",
        (("Cabinets:Base", 4), ("Cabinets:Wall", 3), ("Hardware:Cabinet Pull", 14), ("Labor:Installation", 12)),
    ),
    "Bath Basics": (
        "Fixtures with plumbing",
        (("Fixtures", 3), ("Subs:Plumbing", 10), ("Subs:Tile", 90)),
    ),
}

#: Discounts in percent.
DISCOUNTS = {"Early Bird Discount": "5.0", "Contractor Discount": "10.0"}
SUBTOTAL = "Subtotal"
#: Reduces what an invoice asks for.
PAYMENT_ITEM = "Payment at Signing"

#: Fixed assets: their account, description, day of purchase and cost.
FIXED_ASSETS: dict[str, tuple[str, str, str, str]] = {
    "Flatbed Truck": ("Vehicles:Cost", "Flatbed truck, white", "2019-04-12", "38500.00"),
    "Crew Van": ("Vehicles:Cost", "Crew van", "2020-08-03", "29800.00"),
    "Skid Loader": ("Construction Equipment:Cost", "Skid loader", "2020-03-18", "31250.00"),
    "Table Saw": ("Construction Equipment:Cost", "Table saw, cabinet model", "2021-02-22", "3400.00"),
    "Plan Printer": ("Office Equipment:Cost", "Plan printer, 36 inch", "2021-06-10", "4150.00"),
}

#: Price levels by a fixed percentage.
PRICE_LEVELS = {"Builder": "-8.0", "Public Works": "-3.5", "Rush": "12.0"}
#: A price level item by item.
ITEM_PRICE_LEVEL = ("Shop Regulars", {"Doors:Interior": "139.00", "Cabinets:Base": "399.00", "Windows": "349.00"})

#: Custom fields: what they are of, and the values that some have.
CUSTOM_FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "Gate Code": (
        "Customer",
        {"Barrowmere, Theo": "4471", "Quenby Stables": "none, ring", "Jessamine Court Homes": "1200"},
    ),
    "Licence": (
        "Vendor",
        {"Bright Heron Electric": "E-10442", "Otterpool Plumbing": "P-20817", "Slatewing Roofing": "R-3390"},
    ),
    "Shelf": ("Item", {"Doors:Interior": "A 1", "Windows": "B 2", "Hardware:Doorknob": "C 7"}),
}

VEHICLES = {"Flatbed": "Flatbed truck, white", "Crew Van": "Crew van, grey"}


def price(item: str) -> Decimal:
    """What an item, or a group of items, is sold for."""
    if item in GROUPS:
        return sum((price(part) * count for part, count in GROUPS[item][1]), Decimal())
    return Decimal(_BY_NAME[item].price)


def cost(item: str) -> Decimal:
    """What an item is bought for."""
    return Decimal(_BY_NAME[item].cost)


def is_taxable(item: str) -> bool:
    """Whether an item is taxed unless something else is said."""
    return _BY_NAME[item].taxable


def tax_rate(name: str) -> Decimal:
    """The rate of a tax, or of a group of taxes, in percent."""
    return sum((Decimal(TAXES[one][0]) for one in TAX_GROUPS.get(name, (name,))), Decimal())


_BY_NAME = {item.name: item for item in ITEMS}
