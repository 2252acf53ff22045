from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from qbxml import literals, records
from qbxml.schema import AT, EVENTS, Schema
from qbxml.shapes import interleaving
from qbxml.values import READ
from qbxml.versions import VERSIONS

NAMES = dir(records)

#: A text of each simple type whose value is no text.
SAMPLES = {
    "AMTTYPE": "100.00",
    "PRICETYPE": "1.25",
    "QUANTYPE": "2",
    "PERCENTTYPE": "7.5",
    "FLOATTYPE": "1.5",
    "INTTYPE": "7",
    "BOOLTYPE": "true",
    "DATETYPE": "2024-01-31",
    "DATETIMETYPE": "2024-01-31T12:00:00-08:00",
    "TIMEINTERVALTYPE": "PT8H30M",
}


def shape(name: str) -> Any:
    return getattr(records, name)


def bare(annotation: Any) -> Any:
    """The type under ``NotRequired``."""
    return get_args(annotation)[0] if get_origin(annotation) is NotRequired else annotation


def test_there_is_a_shape_for_every_record_in_an_answer_of_every_version() -> None:
    for version in VERSIONS:
        schema = Schema(version)
        waiting = [message.response for message in schema.messages.values()]
        if EVENTS in schema.record("QBXML").fields:
            waiting.append(EVENTS)
        for name in waiting:
            record = schema.record(name)
            keys = shape(name).__annotations__
            for field in (*record.attributes.values(), *record.fields.values()):
                assert field.name in keys, f"{name}.{field.name} of {version}"
                if field.is_record and field.type not in waiting:
                    waiting.append(field.type)


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_says_what_the_schema_says(name: str) -> None:
    made = shape(name)
    assert is_typeddict(made)
    assert (made.__module__, made.__name__) == ("qbxml.records", name)
    record = Schema().record(name)
    newest = {**record.attributes, **record.fields}
    hints = get_type_hints(made, include_extras=True)
    always = {field.name for field in newest.values() if field.always or (field.min and not field.in_choice)}
    assert made.__required_keys__ == always
    for key, hint in hints.items():
        type_ = bare(hint)
        if key == AT:
            assert name in interleaving()
            assert type_ is int
            continue
        field = newest.get(key)
        if field is None:
            continue
        if field.max != 1 or key in record.placed:
            assert get_origin(type_) is list
            (type_,) = get_args(type_)
        if field.is_record:
            assert type_ is shape(field.type)
        elif field.values:
            assert set(field.values) - {""} <= set(get_args(type_))
        elif field.type in SAMPLES:
            assert isinstance(READ[field.type](SAMPLES[field.type]), type_)
        else:
            assert type_ is str


def test_a_customer_looks_as_quickbooks_answers_it() -> None:
    hints = get_type_hints(records.CustomerRet, include_extras=True)
    assert hints["ListID"] is str
    assert hints["TimeCreated"] == datetime | date
    assert hints["Sublevel"] is int
    assert hints["Balance"] == NotRequired[Decimal]
    assert hints["IsActive"] == NotRequired[bool]
    assert hints["BillAddress"] == NotRequired[records.BillAddress]
    assert hints["JobStatus"] == NotRequired[literals.JobStatus]
    assert hints["JobStartDate"] == NotRequired[date]
    assert hints["DataExtRet"] == NotRequired[list[records.DataExtRet]]
    assert get_type_hints(records.TimeTrackingRet)["Duration"] is timedelta


def test_lines_of_kinds_that_interleave_are_lists_and_have_a_place() -> None:
    hints = get_type_hints(records.InvoiceRet)
    assert hints["InvoiceLineRet"] == list[records.InvoiceLineRet]
    assert hints["InvoiceLineGroupRet"] == list[records.InvoiceLineGroupRet]
    assert AT in records.InvoiceLineRet.__optional_keys__
    assert AT not in records.InvoiceRet.__annotations__


def test_an_answer_has_its_attributes_and_its_records() -> None:
    answer = records.CustomerQueryRs
    assert answer.__required_keys__ == {"statusCode", "statusSeverity"}
    hints = get_type_hints(answer)
    assert hints["iteratorRemainingCount"] is int
    assert hints["CustomerRet"] == list[records.CustomerRet]


def test_what_only_callers_send_is_no_shape_of_an_answer() -> None:
    with pytest.raises(AttributeError, match=r"no 'CustomerAdd'; only callers send it, see qbxml\.requests"):
        _ = shape("CustomerAdd")
    with pytest.raises(AttributeError, match=r"no 'CustomrRet'; did you mean CustomerRet\b"):
        _ = shape("CustomrRet")
    for name in ("QBXML", "QBXMLMsgsRs", "__all__", ""):
        assert not hasattr(records, name)


def test_a_shape_is_made_once_whoever_asks() -> None:
    vars(records).pop("VehicleMileageRet", None)
    with ThreadPoolExecutor(8) as pool:
        assert len({id(made) for made in pool.map(shape, ["VehicleMileageRet"] * 64)}) == 1


def test_literals_have_the_values_of_every_version() -> None:
    assert get_args(literals.ActiveStatus) == ("ActiveOnly", "InactiveOnly", "All")
    # Until 16.0, and since 16.0.
    assert {"BOX14", "BOX16"} <= set(get_args(literals.MappingCategory))
    for name in dir(literals):
        assert "" not in get_args(getattr(literals, name))
    with pytest.raises(AttributeError, match="no 'ActivStatus'; did you mean ActiveStatus"):
        _ = getattr(literals, "ActivStatus")  # noqa: B009  the stub would refuse it
