"""The accounts that QuickBooks makes by itself, each when it is first needed."""

from __future__ import annotations

#: By SpecialAccountType: the name and the type of the account.
SPECIAL: dict[str, tuple[str, str]] = {
    "AccountsReceivable": ("Accounts Receivable", "AccountsReceivable"),
    "AccountsPayable": ("Accounts Payable", "AccountsPayable"),
    "UndepositedFunds": ("Undeposited Funds", "OtherCurrentAsset"),
    "InventoryAssets": ("Inventory Asset", "OtherCurrentAsset"),
    "PettyCash": ("Petty Cash", "Bank"),
    "SalesTaxPayable": ("Sales Tax Payable", "OtherCurrentLiability"),
    "PayrollLiabilities": ("Payroll Liabilities", "OtherCurrentLiability"),
    "DirectDepositLiabilities": ("Direct Deposit Liabilities", "OtherCurrentLiability"),
    "ItemReceiptAccount": ("Item Receipt Account", "OtherCurrentLiability"),
    "OpeningBalanceEquity": ("Opening Balance Equity", "Equity"),
    "RetainedEarnings": ("Retained Earnings", "Equity"),
    "UncategorizedIncome": ("Uncategorized Income", "Income"),
    "CostOfGoodsSold": ("Cost of Goods Sold", "CostOfGoodsSold"),
    "UncategorizedExpenses": ("Uncategorized Expenses", "Expense"),
    "PayrollExpenses": ("Payroll Expenses", "Expense"),
    "ReconciliationDifferences": ("Reconciliation Discrepancies", "Expense"),
    "CondenseItemAdjustmentExpenses": ("Condensed Item Adjustments", "Expense"),
    "ExchangeGainLoss": ("Exchange Gain or Loss", "OtherExpense"),
    "PurchaseOrders": ("Purchase Orders", "NonPosting"),
    "Estimates": ("Estimates", "NonPosting"),
    "SalesOrders": ("Sales Orders", "NonPosting"),
}

#: Of these types a company uses any account that it has, before one is made.
ANY_OF_TYPE = frozenset({"AccountsReceivable", "AccountsPayable"})
