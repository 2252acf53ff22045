from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qbxml import requests
from qbxml._master import RECORDS
from qbxml.errors import UnknownName
from qbxml.schema import AT, Schema
from qbxml.shapes import columns, describe, interleaving, reachable
from qbxml.typed import TypedRecord
from qbxml.values import UseMacro
from qbxml.versions import VERSIONS

ROOT = Path(__file__).resolve().parents[2]
NAMES = dir(requests)

#: One object, for the tests about what objects can do.
ADA = requests.CustomerAdd(
    Name="Ada",
    BillAddress=requests.BillAddress(City="London"),
    ShipToAddress=[requests.ShipToAddress(Name="Home"), requests.ShipToAddress(Name="Work")],
    OpenBalance=Decimal("1.50"),
    Phone=None,
)
ADA_AS_DICT = {
    "Name": "Ada",
    "BillAddress": {"City": "London"},
    "ShipToAddress": [{"Name": "Home"}, {"Name": "Work"}],
    "OpenBalance": Decimal("1.50"),
    "Phone": None,
}


def class_of(name: str) -> Any:
    return getattr(requests, name)


def whole(name: str) -> dict[str, Any]:
    """A dict with every field of a record, each record in it with its first field (a record with records, too)."""
    return {field: leaf(kind) for field, kind in class_of(name)._names.items()}


def leaf(record: str) -> Any:
    if not record:
        return "1"
    name, kind = next(iter(class_of(record)._names.items()))
    return [{name: leaf(kind)}]


# -- which classes there are -------------------------------------------------------------------------------------


def test_there_is_a_class_for_every_request_of_every_version() -> None:
    for version in VERSIONS:
        for message in Schema(version).messages.values():
            assert class_of(message.request).__name__ == message.request


def test_there_is_a_class_for_every_record_in_a_request_of_every_version() -> None:
    for version in VERSIONS:
        schema = Schema(version)
        waiting = [message.request for message in schema.messages.values()]
        for name in waiting:
            record = schema.record(name)
            allowed = class_of(record.element)._names
            for field in (*record.attributes.values(), *record.fields.values()):
                assert field.name in allowed, f"{name}.{field.name} of {version}"
                assert allowed[field.name] == (field.name if field.is_record else "")
                if field.is_record and field.type not in waiting:
                    waiting.append(field.type)


def test_no_class_has_a_field_that_no_version_has() -> None:
    for name in NAMES:
        forms = [form for form in RECORDS if form.partition(".")[0] == name]
        having = {AT} if name in interleaving() else set()
        for version in VERSIONS:
            for form in forms:
                record = Schema(version).record(form)
                having |= record.attributes.keys() | record.fields.keys()
        assert class_of(name)._names.keys() == having, name


def test_a_type_with_two_forms_has_the_same_names_in_both() -> None:
    forms = [name for name in RECORDS if "." in name]
    assert forms == ["ItemLineAdd.Unlinked"]
    assert {name for name, _ in columns(forms[0])} <= {name for name, _ in columns("ItemLineAdd")}


def test_just_the_kinds_that_interleave_have_a_place() -> None:
    placed: set[str] = set()
    for name in RECORDS:
        if "Msgs" not in name:
            placed |= Schema().record(name).placed
    assert interleaving() == placed


def test_what_only_quickbooks_sends_is_no_request() -> None:
    with pytest.raises(AttributeError, match=r"no 'CustomerRet'; only QuickBooks sends it, see qbxml\.records"):
        _ = class_of("CustomerRet")
    with pytest.raises(AttributeError, match="no 'CustomerAddd'; did you mean CustomerAdd,"):
        _ = class_of("CustomerAddd")
    for name in ("QBXML", "QBXMLMsgsRq", "ItemLineAdd.Unlinked", "__all__", ""):
        assert not hasattr(requests, name)


def test_a_class_is_made_once_whoever_asks() -> None:
    name = "VehicleMileageAdd"
    vars(requests).pop(name, None)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(class_of, [name] * 64))
    assert len(made) == 1


def test_nothing_is_made_on_import() -> None:
    """Nor is typing loaded by making and using a class: it takes longer than all else."""
    program = """
import sys
import qbxml.requests, qbxml.records, qbxml.literals
assert "qbxml._master" not in sys.modules
assert "qbxml.typed" not in sys.modules
assert not any(name[0].isupper() and name != "TYPE_CHECKING" for name in vars(qbxml.requests))
made = qbxml.requests.CustomerAdd(Name="Ada", BillAddress=qbxml.requests.BillAddress(City="London"))
assert qbxml.requests.CustomerAdd.from_dict(made.to_dict()) == made
assert [name for name in vars(qbxml.requests) if name[0].isupper()] == ["TYPE_CHECKING", "CustomerAdd", "BillAddress"]
loaded = {"typing", "dataclasses", "logging", "json", "difflib"} & sys.modules.keys()
assert not loaded, loaded
"""
    # -S: without what an environment's site packages load on their own.
    subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, check=True)


# -- what an object is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_class_can_do_what_the_base_promises(name: str) -> None:
    kind = class_of(name)
    assert issubclass(kind, TypedRecord)
    assert (kind.__module__, kind.__qualname__) == ("qbxml.requests", name)
    given = whole(name)
    made = kind.from_dict(given)
    assert made.to_dict() == given
    assert made == kind.from_dict(dict(reversed(given.items())))
    assert made != kind() or not given
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.replace()):
        assert again == made
        assert type(again) is kind
        assert again is not made
    assert repr(made).startswith(f"{name}(")
    for field, child in kind._names.items():
        assert field in made
        assert field not in kind()
        assert getattr(kind(), field) is None
        value = getattr(made, field)
        if child:
            assert [type(one) for one in value] == [class_of(child)]
        else:
            assert value == given[field]
        assert getattr(made.replace(**{field: None}), field) is None
    assert not hasattr(made, "__dict__")


def test_an_object_reads_back_what_it_was_given() -> None:
    assert ADA.Name == "Ada"
    assert ADA.BillAddress is not None
    assert ADA.BillAddress.City == "London"
    assert ADA.Phone is None
    assert ADA.Fax is None
    assert "Phone" in ADA
    assert "Fax" not in ADA
    assert 3 not in ADA


def test_its_repr_is_what_makes_it_again() -> None:
    assert repr(ADA).startswith("CustomerAdd(Name='Ada', BillAddress=BillAddress(City='London'), ShipToAddress=[Ship")
    names = {name: class_of(name) for name in ("CustomerAdd", "BillAddress", "ShipToAddress")}
    assert eval(repr(ADA), {**names, "Decimal": Decimal}) == ADA
    assert repr(requests.HostQueryRq()) == "HostQueryRq()"


def test_it_becomes_a_plain_dict_and_comes_back() -> None:
    plain = ADA.to_dict()
    assert plain == ADA_AS_DICT
    assert list(plain) == list(ADA_AS_DICT)
    assert {type(part) for part in (plain, plain["BillAddress"], *plain["ShipToAddress"])} == {dict}
    assert requests.CustomerAdd.from_dict(plain) == ADA


def test_its_dict_shares_nothing_with_it() -> None:
    lines = [{"Name": "Home"}]
    made = class_of("CustomerAdd")(Name="Ada", ShipToAddress=lines)
    plain = made.to_dict()
    plain["ShipToAddress"][0]["Name"] = "Work"
    plain["ShipToAddress"].append({})
    assert made.ShipToAddress == lines == [{"Name": "Home"}]


def test_values_are_kept_as_given() -> None:
    reference = UseMacro("TxnID:First")
    made = requests.AppliedToTxnAdd(TxnID=reference, PaymentAmount=1)
    assert made.to_dict()["TxnID"] is reference
    assert requests.CustomerAdd(Name="Ada", JobStartDate=date(2024, 1, 31)).JobStartDate == date(2024, 1, 31)
    assert pickle.loads(pickle.dumps(made)).TxnID == reference


def test_records_may_be_given_as_dicts_and_become_objects_only_on_request() -> None:
    made = class_of("CustomerAdd")(Name="Ada", BillAddress={"City": "London"})
    assert made.BillAddress == {"City": "London"}
    converted = requests.CustomerAdd.from_dict(made.to_dict())
    assert converted.BillAddress == requests.BillAddress(City="London")


def test_from_dict_takes_lists_tuples_objects_and_single_records() -> None:
    home = requests.ShipToAddress(Name="Home")
    for given in ([{"Name": "Home"}], ({"Name": "Home"},), [home], (home,)):
        assert requests.CustomerAdd.from_dict({"ShipToAddress": given}).ShipToAddress == [home]
    assert requests.CustomerAdd.from_dict({"ShipToAddress": {"Name": "Home"}}).ShipToAddress == home
    assert requests.CustomerAdd.from_dict({"BillAddress": None}).BillAddress is None


def test_replace_makes_a_changed_copy() -> None:
    bob = ADA.replace(Name="Bob", Fax="555")
    assert (bob.Name, bob.Fax, bob.BillAddress) == ("Bob", "555", ADA.BillAddress)
    assert (ADA.Name, ADA.Fax) == ("Ada", None)
    with pytest.raises(UnknownName, match="unknown field of CustomerAdd 'Nme'; did you mean Name"):
        class_of("CustomerAdd")(Name="Ada").replace(Nme="Bob")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace is new in Python 3.13")
def test_copy_replace_works() -> None:
    replaced = getattr(copy, "replace")(ADA, Name="Bob")  # noqa: B009  mypy checks for 3.11
    assert replaced == ADA.replace(Name="Bob")


def test_it_can_not_be_changed() -> None:
    for name in ("Name", "Fax", "Nonsense", "_fields"):
        with pytest.raises(AttributeError, match=r"a CustomerAdd can't be changed; \.replace"):
            setattr(ADA, name, "Bob")
        with pytest.raises(AttributeError, match="a CustomerAdd can't be changed"):
            delattr(ADA, name)
    with pytest.raises(TypeError, match="unhashable"):
        hash(ADA)


def test_records_of_two_kinds_are_never_equal() -> None:
    assert requests.CustomerRef(FullName="A") != requests.VendorRef(FullName="A")
    assert requests.CustomerRef(FullName="A") != {"FullName": "A"}
    assert requests.CustomerRef(FullName="A") != requests.CustomerRef(FullName="B")
    # Cleared is not the same as left out.
    assert requests.CustomerRef(FullName="A") != requests.CustomerRef(FullName="A", ListID=None)


# -- what is refused ---------------------------------------------------------------------------------------------


def test_an_unknown_field_is_refused_with_the_names_that_are_near() -> None:
    customer = class_of("CustomerAdd")
    with pytest.raises(UnknownName) as caught:
        customer(Name="Ada", billaddress=None)
    assert (caught.value.name, caught.value.near) == ("billaddress", ("BillAddress",))
    with pytest.raises(UnknownName, match="unknown field of BillAddress 'Town'"):
        customer.from_dict({"Name": "Ada", "BillAddress": {"Town": "London"}})
    with pytest.raises(UnknownName):
        customer(_at=1)
    with pytest.raises(AttributeError, match="CustomerAdd has no field 'Nme'; did you mean Name"):
        _ = customer(Name="Ada").Nme


def test_what_is_missing_is_left_to_the_builder() -> None:
    assert class_of("CustomerAdd")().Name is None


def test_fields_of_an_older_version_are_known() -> None:
    assert requests.TimeTrackingAdd(TxnDate="2002-01-31", EntityRef=None, Duration=None, IsBillable=True).IsBillable  # type: ignore[arg-type]


# -- its words ---------------------------------------------------------------------------------------------------


def test_a_class_has_its_docstring_when_asked() -> None:
    documentation = requests.CustomerQueryRq.__doc__ or ""
    assert documentation.startswith("Request.\nAt most one of: ListID | FullName | MaxReturned, ActiveStatus,")
    assert "(NameFilter | NameRangeFilter)" in documentation
    assert "ClassFilter: since 12.0; only US, CA, UK." in documentation


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("InvoiceAddRq", "Request; writes."),
        ("AccountModRq", "Request; since 6.0; writes."),
        ("InvoiceAdd", "Part of InvoiceAddRq."),
        ("InvoiceAdd", "IsTaxIncluded: since 6.0; only CA, UK, AU."),
        ("InvoiceAdd", "DiscountLineAdd: since 4.0; not in the editions of today."),
        # The choice that it stands in is since 11.0; the field itself has no mark.
        ("InvoiceLineAdd", "SerialNumber: since 11.0; only US, CA, UK; up to 4095 characters."),
        ("CustomerAdd", "ResaleNumber: up to 15 (US) or 21 (CA, UK, AU) characters."),
        ("CustomerAdd", "ShipToAddress: since 12.0; at most 50."),
        ("CustomerQueryRq", 'ActiveStatus: default "ActiveOnly".'),
        ("CustomerQueryRq", "MaxReturned: from 1."),
        ("DateDrivenTermsAdd", "DayOfMonthDue: from 1 to 31."),
        ("EmployeePayrollInfo", "IsUsingTimeDataToCreatePaychecks: until 4.1; deprecated."),
    ],
)
def test_a_docstring_says_what_the_schema_knows(record: str, said: str) -> None:
    assert said in describe(record, "Rq")


def test_every_record_can_be_described() -> None:
    for direction in ("Rq", "Rs"):
        for name in sorted(reachable(direction))[::7]:
            summary = describe(name, direction)[0]
            assert summary.endswith(".")
            assert len(summary) < 110
