"""What the values of AccountTypeFilter and ItemTypeFilter stand for, in reports and in TransactionQuery alike."""

from __future__ import annotations

_CURRENT_ASSETS = ("Bank", "AccountsReceivable", "OtherCurrentAsset")
_ASSETS = (*_CURRENT_ASSETS, "FixedAsset", "OtherAsset")
_CURRENT_LIABILITIES = ("AccountsPayable", "CreditCard", "OtherCurrentLiability")
_LIABILITIES = (*_CURRENT_LIABILITIES, "LongTermLiability")
_ORDINARY = ("Income", "CostOfGoodsSold", "Expense")
_RESULT = (*_ORDINARY, "OtherIncome", "OtherExpense")

#: The types of accounts that a value of AccountTypeFilter means, where it is not just one of the same name.
ACCOUNT_TYPES: dict[str, tuple[str, ...]] = {
    "APAndSalesTax": ("AccountsPayable",),
    "APOrCreditCard": ("AccountsPayable", "CreditCard"),
    "ARAndAP": ("AccountsReceivable", "AccountsPayable"),
    "Asset": _ASSETS,
    "BalanceSheet": (*_ASSETS, *_LIABILITIES, "Equity"),
    "BankAndARAndAPAndUF": ("Bank", "AccountsReceivable", "AccountsPayable"),
    "BankAndUF": ("Bank",),
    "CostOfSales": ("CostOfGoodsSold",),
    "CurrentAsset": _CURRENT_ASSETS,
    "CurrentAssetAndExpense": (*_CURRENT_ASSETS, "Expense"),
    "CurrentLiability": _CURRENT_LIABILITIES,
    "EquityAndIncomeAndExpense": ("Equity", *_RESULT),
    "ExpenseAndOtherExpense": ("Expense", "OtherExpense"),
    "IncomeAndExpense": _RESULT,
    "IncomeAndOtherIncome": ("Income", "OtherIncome"),
    "Liability": _LIABILITIES,
    "LiabilityAndEquity": (*_LIABILITIES, "Equity"),
    "OrdinaryExpense": ("Expense",),
    "OrdinaryIncome": ("Income",),
    "OrdinaryIncomeAndCOGS": ("Income", "CostOfGoodsSold"),
    "OrdinaryIncomeAndExpense": _ORDINARY,
    "OtherIncomeOrExpense": ("OtherIncome", "OtherExpense"),
}
#: The special accounts that such a value means beside them.
SPECIAL_TOO = {
    "APAndSalesTax": "SalesTaxPayable",
    "BankAndARAndAPAndUF": "UndepositedFunds",
    "BankAndUF": "UndepositedFunds",
}

#: The kinds of items that a value of ItemTypeFilter means, without ``Item``.
ITEM_TYPES: dict[str, tuple[str, ...]] = {
    "Assembly": ("InventoryAssembly",),
    "InventoryAndAssembly": ("Inventory", "InventoryAssembly"),
    "Sales": ("Service", "Inventory", "InventoryAssembly", "NonInventory", "OtherCharge", "Discount", "FixedAsset"),
    "SalesTax": ("SalesTax", "SalesTaxGroup"),
}
