"""What old versions of qbXML can't express."""

from __future__ import annotations

from tests.qbsimulator.ledger.shop import Shop, ref


def test_an_item_that_an_old_version_can_not_express_is_left_out(shop: Shop) -> None:
    price = {"Price": "9.00"}  # no account: today it is optional
    shop.company.configure(requires_accounts=False)
    shop.add("ItemService", {"Name": "Loose", "SalesOrPurchase": price})
    new = shop.one("ItemServiceQuery", {"FullName": ["Loose", "Work"]})
    assert [one["Name"] for one in new.records] == ["Loose", "Work"]
    old = shop.one("ItemServiceQuery", {"FullName": ["Loose", "Work"]}, version="2.0")
    assert (old.status_code, old.status_severity) == (501, "Warn")
    assert old.status_message == 'Unable to represent ItemService "Loose" in this version of the qbXML spec.'
    assert [one["Name"] for one in old.records] == ["Work"]


def test_versions_that_know_no_deposit_without_lines_are_given_them(shop: Shop) -> None:
    line = {"AccountRef": ref("Capital"), "Amount": "25.00"}
    shop.txn("Deposit", DepositToAccountRef=ref("Checking"), DepositLineAdd=[line])
    old = shop.one("DepositQuery", {}, version="2.0")
    assert old.status_code == 0
    assert [str(one["Amount"]) for one in old.records[0]["DepositLineRet"]] == ["25.00"]
    assert "DepositLineRet" not in shop.one("DepositQuery", {}).records[0]
