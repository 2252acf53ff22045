"""Every operation of the table once, through the real application, to a QuickBooks that takes and has everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qbxml
from qbgateway.client.operations import QuickBooksOperation, quickbooks, quickbooks_operation
from qbxml import testing
from soap.testing.connector import ModelConnector
from tests.gateway.helpers import Books

from .computers import VERSION, EveryQuickBooks, busy, client, has, sample_answer

OBJECTS = sorted(quickbooks())
#: What the service and the endpoint set by themselves, and what makes an answer smaller than a sample is.
UNSENT = frozenset({"requestID", "iterator", "iteratorID", "metaData"})


def operations(name: str) -> list[QuickBooksOperation]:
    return [quickbooks_operation(message) for message in quickbooks()[name].values()]


def edition_of(operation: QuickBooksOperation) -> str | None:
    """The first edition that has it; ``None`` for what only older versions had."""
    return next((one for one in ("US", *qbxml.EDITIONS) if has(operation.request, VERSION, one)), None)


class Place:
    """A gateway, and a computer of an edition whose QuickBooks takes everything."""

    def __init__(self, path: Path, edition: str) -> None:
        self.books = Books(f"sqlite:///{path}", migrate=True)
        self.computer = computer = self.books.connected(self.books.end_user())
        self.quickbooks = EveryQuickBooks(
            owner_id=self.books.account.owner_id, file_id=computer.connection.file_id, country=edition
        )
        endpoint = self.books.endpoint()
        user = (computer.connection.id, computer.password)
        computer.quickbooks, computer.connector = (
            self.quickbooks,
            ModelConnector(lambda: endpoint, self.quickbooks, *user),
        )
        assert computer.update()
        self.application = self.books.application()


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Place]]:
    """Made once, for nothing of one request is left for the next."""
    made = {edition: Place(tmp_path_factory.mktemp(edition) / "gateway.db", edition) for edition in ("US", "CA")}
    yield made
    for place in made.values():
        place.books.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_asked_is_what_quickbooks_gets_and_its_answer_comes_back(name: str, places: dict[str, Place]) -> None:
    for operation in operations(name):
        edition = edition_of(operation)
        if edition is None:
            # In no QuickBooks of today; the service would refuse it by name.
            assert operation.message == "PayrollLastPeriodQuery"
            continue
        place = places[edition]
        content = testing.sample(operation.request, VERSION, edition)
        content = {key: one for key, one in content.items() if key not in UNSENT}
        inner = content.get(operation.inner, {}) if operation.inner else {}
        fields = {**{key: one for key, one in content.items() if key != operation.inner}, **inner}
        with busy(place.computer), client(place.books, place.application) as calling:
            method = getattr(getattr(calling.qbd, name), operation.name)
            found = method(place.computer.end_user.id, **fields)
        taken = place.quickbooks.taken[operation.request]
        # To QuickBooks it is the same as what the codec would have built by itself.
        assert bare(taken) == bare(built(operation, content, edition))
        judge(operation, found, edition)


def built(operation: QuickBooksOperation, content: dict[str, Any], edition: str) -> dict[str, Any]:
    document = qbxml.build({operation.request: content}, version=VERSION, edition=edition)
    found: dict[str, Any] = qbxml.parse_request(document).messages[0].content
    return found


def bare(content: dict[str, Any]) -> dict[str, Any]:
    """Without the id, and without the iterator that the service begins where a page is asked for."""
    return {key: one for key, one in content.items() if key not in UNSENT}


def judge(operation: QuickBooksOperation, found: Any, edition: str) -> None:
    """What the method gave is what the codec reads in the same answer."""
    read = qbxml.parse(sample_answer(operation.request, edition)).messages[0].content
    wanted = {key: one for key, one in read.items() if key[:1].isupper()}
    if operation.request in ("HostQueryRq", "CompanyQueryRq"):
        assert len(found) == 1
    elif operation.unwraps:
        records = wanted[operation.kinds[0]]
        one_by_one = records if isinstance(records, list) else [records]
        assert found == (one_by_one if operation.is_list else one_by_one[0])
    else:
        empty = {kind: list[Any]() for kind in operation.kinds} if operation.is_list else {}
        assert found == {**empty, **wanted}


# -- the rule ----------------------------------------------------------------------------------------------------


def test_every_message_of_a_company_file_has_one_place() -> None:
    messages = {name for name, one in qbxml.Schema().messages.items() if one.message_set == "QBXMLMsgs"}
    placed = [message for methods in quickbooks().values() for message in methods.values()]
    assert len(placed) == len(messages) == 232
    assert set(placed) == messages


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("invoice.query", "InvoiceQuery"),
        ("ar_refund_credit_card.add", "ARRefundCreditCardAdd"),
        ("class_.mod", "ClassMod"),
        ("to_do.add", "ToDoAdd"),
        ("form1099_category_account_mapping.mod", "Form1099CategoryAccountMappingMod"),
        ("list.delete", "ListDel"),
        ("list.merge", "ListMerge"),
        ("transaction.void", "TxnVoid"),
        ("transaction.delete", "TxnDel"),
        ("transaction.query", "TransactionQuery"),
        ("txn_deleted.query", "TxnDeletedQuery"),
        ("data_ext.delete", "DataExtDel"),
        ("report.general_summary", "GeneralSummaryReportQuery"),
        ("report.payroll_detail", "PayrollDetailReportQuery"),
    ],
)
def test_names_follow_from_qbxmls(place: str, message: str) -> None:
    object_, _, method = place.partition(".")
    assert quickbooks()[object_][method] == message


def test_names_are_such_as_python_takes() -> None:
    for name, methods in quickbooks().items():
        for one in (name, *methods):
            assert re.fullmatch("[a-z][a-z0-9_]*", one)
