"""What each method of the Node client's ``qbd`` is called with, on the sample company, and what is to come of it.

One table by object. ``add`` is what an Add is given; ``change`` what a Mod changes in what was added. The query asks
for what was added by its id. Methods of another kind stand in :data:`OTHERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: What came of the methods called so far: their values by name.
Values = dict[str, Any]
Given = dict[str, Any] | Callable[[Values], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """An object with an Add, and a Mod and a Query where the client has them."""

    add: Given
    change: dict[str, Any] = field(default_factory=dict)
    #: The field by which what was added is found.
    id: str = "ListID"


def _ref(name: str) -> dict[str, Any]:
    return {"FullName": name}


ANNIE, LUMBER = _ref("Annie's Alligators"), _ref("Thornbush Lumber Yard")
CHECKING, CARD, SAVINGS = _ref("Checking"), _ref("Business Card"), _ref("Savings")
DAY = "2023-12-01"
PERIOD = {"FromReportDate": "2023-01-01", "ToReportDate": "2023-12-15"}
EXPENSES = {"ExpenseLineAdd": [{"AccountRef": _ref("Advertising"), "Amount": "25.00"}]}
SALE = [{"ItemRef": _ref("Design"), "Quantity": 2, "Rate": "60.00"}]
MEMO = {"Memo": "changed by a program"}
SOLD = {"SalesOrPurchase": {"Price": "9.99", "AccountRef": _ref("Construction Income:Design")}}


def _txn(add: Given, change: dict[str, Any] = MEMO) -> Kind:
    return Kind(add, change, "TxnID")


def _sold(lines: str, **more: Any) -> dict[str, Any]:
    return {"CustomerRef": ANNIE, "TxnDate": DAY, lines: SALE, **more}


def _paid_bill(values: Values) -> dict[str, Any]:
    return {"TxnID": values["bill.add"]["TxnID"], "PaymentAmount": "5.00"}


def _deposited(values: Values) -> dict[str, Any]:
    line = {"EntityRef": ANNIE, "AccountRef": _ref("Construction Income:Design"), "Amount": "12.00"}
    return {"TxnDate": DAY, "DepositToAccountRef": CHECKING, "DepositLineAdd": [line]}


def _journal(values: Values) -> dict[str, Any]:
    debit, credit = {"AccountRef": _ref("Advertising")}, {"AccountRef": CHECKING}
    return {
        "TxnDate": DAY,
        "JournalDebitLine": [{**debit, "Amount": "3.00"}],
        "JournalCreditLine": [{**credit, "Amount": "3.00"}],
    }


KINDS: dict[str, Kind] = {
    "account": Kind({"Name": "Fuel Refunds", "AccountType": "OtherIncome"}, {"Desc": "What comes back"}),
    "bill": _txn({"VendorRef": LUMBER, "TxnDate": DAY, **EXPENSES}),
    "billingRate": Kind({"Name": "By the hour", "FixedBillingRate": "75.00"}),
    "billPaymentCheck": _txn(
        lambda values: {
            "PayeeEntityRef": LUMBER,
            "BankAccountRef": CHECKING,
            "IsToBePrinted": True,
            "AppliedToTxnAdd": [_paid_bill(values)],
        }
    ),
    "billPaymentCreditCard": _txn(
        lambda values: {
            "PayeeEntityRef": LUMBER,
            "CreditCardAccountRef": CARD,
            "AppliedToTxnAdd": [_paid_bill(values)],
        }
    ),
    "buildAssembly": _txn({"ItemInventoryAssemblyRef": _ref("Door Set"), "QuantityToBuild": 1}),
    "charge": _txn({"CustomerRef": ANNIE, "ItemRef": _ref("Design"), "Quantity": 1, "Rate": "60.00"}, {"Desc": "More"}),
    "check": _txn({"AccountRef": CHECKING, "PayeeEntityRef": LUMBER, "TxnDate": DAY, **EXPENSES}),
    "class": Kind({"Name": "Repairs"}, {"Name": "Repair Work"}),
    "creditCardCharge": _txn({"AccountRef": CARD, "TxnDate": DAY, **EXPENSES}),
    "creditCardCredit": _txn({"AccountRef": CARD, "TxnDate": DAY, **EXPENSES}),
    "creditMemo": _txn(_sold("CreditMemoLineAdd")),
    "currency": Kind({"Name": "Reed Shell", "CurrencyCode": "RSH"}, {"Name": "Reed"}),
    "customer": Kind({"Name": "Marsh Hens"}, {"Phone": "555-0142"}),
    "customerType": Kind({"Name": "Waders"}),
    "dateDrivenTerms": Kind({"Name": "By the 20th", "DayOfMonthDue": 20}),
    "deposit": _txn(_deposited),
    "employee": Kind({"FirstName": "Ann", "LastName": "Sedge"}, {"JobTitle": "Mason"}),
    "estimate": _txn(_sold("EstimateLineAdd")),
    "inventoryAdjustment": _txn(
        {
            "AccountRef": _ref("Cost of Goods Sold"),
            "TxnDate": DAY,
            "InventoryAdjustmentLineAdd": [
                {"ItemRef": _ref("Doors:Exterior"), "QuantityAdjustment": {"QuantityDifference": 1}}
            ],
        }
    ),
    "inventorySite": Kind({"Name": "Shed"}, {"SiteDesc": "Behind the office"}),
    "invoice": _txn(_sold("InvoiceLineAdd", PONumber="17")),
    "itemDiscount": Kind(
        {"Name": "Friends", "DiscountRatePercent": "5.0", "AccountRef": _ref("Advertising")}, {"ItemDesc": "Off"}
    ),
    "itemFixedAsset": Kind(
        {
            "Name": "Ladder",
            "AcquiredAs": "New",
            "PurchaseDesc": "A ladder",
            "PurchaseDate": DAY,
            "AssetAccountRef": _ref("Buildings:Cost"),
        },
        {"Notes": "In the shed"},
    ),
    "itemGroup": Kind(
        {"Name": "Two Doors", "ItemGroupLine": [{"ItemRef": _ref("Design"), "Quantity": 2}]}, {"ItemDesc": "A pair"}
    ),
    "itemInventory": Kind(
        {
            "Name": "Hinge",
            "SalesPrice": "4.50",
            "IncomeAccountRef": _ref("Construction Income:Materials"),
            "COGSAccountRef": _ref("Cost of Goods Sold"),
            "AssetAccountRef": _ref("Inventory Asset"),
        },
        {"SalesDesc": "A hinge"},
    ),
    "itemInventoryAssembly": Kind(
        {
            "Name": "Hung Door",
            "IncomeAccountRef": _ref("Construction Income:Materials"),
            "COGSAccountRef": _ref("Cost of Goods Sold"),
            "AssetAccountRef": _ref("Inventory Asset"),
            "ItemInventoryAssemblyLine": [{"ItemInventoryRef": _ref("Doors:Exterior"), "Quantity": 1}],
        },
        {"SalesDesc": "A door with hinges"},
    ),
    "itemNonInventory": Kind({"Name": "Nails", **SOLD}, {"ManufacturerPartNumber": "N-1"}),
    "itemOtherCharge": Kind({"Name": "Delivery Fee", **SOLD}, {"Name": "Haulage"}),
    "itemPayment": Kind({"Name": "Paid at the Door"}, {"ItemDesc": "Thanks"}),
    "itemReceipt": _txn({"VendorRef": LUMBER, "TxnDate": DAY, **EXPENSES}),
    "itemSalesTax": Kind({"Name": "Reed Tax", "TaxRate": "1.0"}, {"ItemDesc": "One per cent"}),
    "itemSalesTaxGroup": Kind({"Name": "Reeds", "ItemSalesTaxRef": [_ref("State Tax")]}, {"ItemDesc": "State"}),
    "itemService": Kind({"Name": "Survey", **SOLD}, {"Name": "Surveying"}),
    "itemSubtotal": Kind({"Name": "So Far"}, {"ItemDesc": "So far"}),
    "jobType": Kind({"Name": "Bridges"}),
    "journalEntry": _txn(_journal, {"RefNumber": "J-77"}),
    "lead": Kind({"FullName": "Rushes & Co."}, {"FullName": "Rushes & Co.", "Status": "Warm", "CompanyName": "Rushes"}),
    "otherName": Kind({"Name": "The Postman"}, {"Notes": "Rings twice"}),
    "paymentMethod": Kind({"Name": "Barter"}),
    "payrollItemWage": Kind({"Name": "Hourly", "WageType": "HourlyRegular", "ExpenseAccountRef": _ref("Advertising")}),
    "priceLevel": Kind({"Name": "Neighbours", "PriceLevelFixedPercentage": "-5.0"}, {"Name": "Near"}),
    "purchaseOrder": _txn(
        {"VendorRef": LUMBER, "PurchaseOrderLineAdd": [{"ItemRef": _ref("Lumber:Decking"), "Quantity": 1}]}
    ),
    "receivePayment": _txn(
        lambda values: {
            "CustomerRef": ANNIE,
            "TotalAmount": "20.00",
            "AppliedToTxnAdd": [{"TxnID": values["invoice.add"]["TxnID"], "PaymentAmount": "20.00"}],
        }
    ),
    "salesOrder": _txn(_sold("SalesOrderLineAdd")),
    "salesReceipt": _txn(_sold("SalesReceiptLineAdd")),
    "salesRep": Kind(
        lambda values: {"Initial": "AS", "SalesRepEntityRef": {"ListID": values["employee.add"]["ListID"]}},
        {"Initial": "ASE"},
    ),
    "salesTaxCode": Kind({"Name": "Sch", "IsTaxable": False}, {"Desc": "Schools"}),
    "salesTaxPaymentCheck": _txn(
        {
            "PayeeEntityRef": _ref("State Revenue Board"),
            "TxnDate": DAY,
            "BankAccountRef": CHECKING,
            "IsToBePrinted": True,
            "SalesTaxPaymentCheckLineAdd": [{"ItemSalesTaxRef": _ref("State Tax"), "Amount": "1.00"}],
        }
    ),
    "standardTerms": Kind({"Name": "Net 45", "StdDueDays": 45}),
    "timeTracking": _txn(
        {"TxnDate": DAY, "EntityRef": _ref("Desmond Aldwick"), "Duration": "PT2H30M0S"},
        {"EntityRef": _ref("Desmond Aldwick"), "Duration": "PT3H0M", "Notes": "Longer"},
    ),
    "transfer": _txn(
        {"TxnDate": DAY, "TransferFromAccountRef": CHECKING, "TransferToAccountRef": SAVINGS, "Amount": "40.00"}
    ),
    "transferInventory": _txn(
        {
            "FromInventorySiteRef": _ref("Shed"),
            "ToInventorySiteRef": _ref("Yard"),
            "TransferInventoryLineAdd": [{"ItemRef": _ref("Doors:Exterior"), "QuantityToTransfer": 1}],
        }
    ),
    "vehicle": Kind({"Name": "Barge"}, {"Desc": "Flat"}),
    "vehicleMileage": _txn({"VehicleRef": _ref("Flatbed"), "TripEndDate": DAY, "TotalMiles": 12}),
    "vendor": Kind({"Name": "Osier & Wand"}, {"Phone": "555-0177"}),
    "vendorCredit": _txn({"VendorRef": LUMBER, "TxnDate": DAY, **EXPENSES}),
    "vendorType": Kind({"Name": "Basket Makers"}),
    "workersCompCode": Kind(
        {"Name": "5403", "RateEntry": [{"Rate": "1.0", "EffectiveDate": DAY}]}, {"Desc": "Carpentry"}
    ),
}

_FIELD = {"OwnerID": "0", "DataExtName": "Gate Code", "ListDataExtType": "Customer", "ListObjRef": ANNIE}
_DETAIL = {"SummarizeRowsBy": "Account", "IncludeColumn": ["Date", "Amount"]}
_SUMMARY = {"SummarizeColumnsBy": "TotalOnly", "SummarizeRowsBy": "Account"}

#: In this order, after all others.
OTHERS: dict[str, Given] = {
    "company.query": {},
    "dataExt.add": {**_FIELD, "DataExtValue": "1234"},
    "dataExt.mod": {**_FIELD, "DataExtValue": "4321"},
    "itemSites.query": {},
    "report.aging": {"AgingReportType": "ARAgingSummary", "ReportAgingAsOf": "Today"},
    "report.budgetSummary": {"BudgetSummaryReportType": "BalanceSheetBudgetOverview", "FiscalYear": 2023},
    "report.customDetail": {"CustomDetailReportType": "CustomTxnDetail", "ReportPeriod": PERIOD, **_DETAIL},
    "report.customSummary": {"CustomSummaryReportType": "CustomSummary", "ReportPeriod": PERIOD, **_SUMMARY},
    "report.generalDetail": {"GeneralDetailReportType": "TxnListByDate", "ReportPeriod": PERIOD},
    "report.generalSummary": {"GeneralSummaryReportType": "BalanceSheetStandard", "ReportPeriod": PERIOD},
    "report.job": {"JobReportType": "JobProfitabilitySummary"},
    "report.payrollSummary": {"PayrollSummaryReportType": "PayrollSummary"},
    "report.payrollDetail": {"PayrollDetailReportType": "PayrollTransactionDetail"},
    "report.time": {"TimeReportType": "TimeByName"},
    "transaction.query": lambda values: {"TxnID": [values["invoice.add"]["TxnID"]]},
    "transaction.void": lambda values: {"TxnVoidType": "Check", "TxnID": values["check.add"]["TxnID"]},
    "transaction.delete": lambda values: {
        "TxnDelType": "CreditCardCharge",
        "TxnID": values["creditCardCharge.add"]["TxnID"],
    },
    "txnDeleted.query": {"TxnDelType": ["CreditCardCharge"]},
    "listDeleted.query": {"ListDelType": ["Customer"]},
}

#: Those that answer another status than success, by the status. All others have a result.
_REFUSED: dict[str, tuple[str, ...]] = {
    # Not supported by the simulator: see docs/simulator.md.
    "1030": (
        *("buildAssembly.add", "buildAssembly.mod", "buildAssembly.query"),
        *("transferInventory.add", "transferInventory.mod", "transferInventory.query"),
        *("workersCompCode.add", "workersCompCode.mod", "workersCompCode.query"),
        *("payrollItemWage.add", "payrollItemWage.query", "itemSites.query"),
        *("report.budgetSummary", "report.customSummary", "report.job", "report.time"),
        *("report.payrollSummary", "report.payrollDetail"),
    ),
    # The company has one currency.
    "3250": ("currency.add", "currency.mod", "currency.query"),
}

#: The status by the method.
REFUSED = {name: status for status, names in _REFUSED.items() for name in names}
