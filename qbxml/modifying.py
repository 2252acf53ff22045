"""From a record that was read to the request that changes it.

QuickBooks answers with ``CustomerRet`` and wants changes as ``CustomerMod``: the identity, the EditSequence, the fields
to change, and of the lines of a transaction either none or all. :func:`to_mod` makes the one from the other. Which
field goes where is read off the schema: ``XRet`` belongs to ``XMod``, and so do their parts.
"""

from __future__ import annotations

from ._master import RECORDS
from .checking import as_fields, as_list, interleave
from .content import model
from .decode import mark
from .errors import QbxmlError, UnknownName
from .model import Record
from .schema import AT, Schema, near_names
from .versions import DEFAULT_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .schema import RecordType

#: What names a line, and what names a new one.
_LINE_ID = "TxnLineID"
_NEW = "-1"

#: Our own keys in the lines of ``changes``.
_DELETE = "_delete"
_AFTER = "_after"

#: Where a new line stands that names no other: behind all.
_END = object()

# Two things that no rule gives. A journal entry is read as debit and credit lines, and changed as lines that say which
# of the two they are; and its request names all of its lines each time, whether they change or not.
_READ_AS: dict[str, dict[str, dict[str, str]]] = {
    "JournalLineMod": {
        "JournalDebitLine": {"JournalLineType": "Debit"},
        "JournalCreditLine": {"JournalLineType": "Credit"},
    }
}
_ALWAYS_LISTED = frozenset(("JournalLineMod",))


class CannotModify(QbxmlError):
    """A record can't be turned into a request that changes it. ``name`` is the record's, ``reason`` says why."""

    advice = "Query the record again, whole: without IncludeRetElement, a transaction with IncludeLineItems."

    def __init__(self, name: str, reason: str, advice: str = "") -> None:
        self.name = name
        self.reason = reason
        if advice:
            self.advice = advice
        super().__init__(f"{name}: {reason}")

    def __reduce__(self) -> Any:
        return type(self), (self.name, self.reason, self.__dict__.get("advice", ""))


def to_mod(
    ret: Record | Mapping[str, Any],
    changes: Any,
    *,
    name: str | None = None,
    version: str = DEFAULT_VERSION,
    edition: str | None = "US",
    schema: Schema | None = None,
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The request that changes a record in QuickBooks, and the names of what it can't carry.

    ``ret`` is a record as it was read, or a dict with its ``name`` (``"CustomerRet"``). ``changes`` are fields of the
    ``...Mod`` with their new values, ``None`` or ``""`` to clear one, as a dict or a typed object. The request is ready
    for :func:`qbxml.build`::

        request, not_carried = to_mod(customer, {"Phone": "555-0100", "Fax": None})
        # {"CustomerModRq": {"CustomerMod": {"ListID": ..., "EditSequence": ..., "Phone": ..., "Fax": None}}}

    It has the identity, the EditSequence and whatever else the ``...Mod`` must have from the record, and the changes.

    Lines are left out, and stay as they are, unless ``changes`` has some. Then all lines are listed in the order of the
    document, those that don't change by their TxnLineID alone. ``changes`` names lines in a list by the key of the
    ``...Mod``::

        {"InvoiceLineMod": [
            {"TxnLineID": "2C-1695054615", "Quantity": 3},        # changes this line
            {"TxnLineID": "2D-1695054615", "_delete": True},      # deletes this one
            {"ItemRef": {"FullName": "Rake"}, "Quantity": 1},     # a new one, behind all others
            {"Desc": "As agreed", "_after": "2C-1695054615"},     # a new one behind that line (None: before all)
        ]}

    The lines of a group are named in the same way within the change of their group line; without that they stay as the
    group has them. Deleting the last of a bill's expense or item lines sets ``ClearExpenseLines`` or
    ``ClearItemLines``. Only lines with a TxnLineID are completed so: any other list, such as ``AppliedToTxnMod``, is
    sent as it is given. A journal entry's lines are always listed.

    ``not_carried`` names first those ``changes`` that the record has and its ``...Mod`` does not (``Balance``), which
    are *not* in the request, in lines as ``InvoiceLineMod[0].DataExtRet``; then the fields of the record that are read
    only.

    Raises :class:`~qbxml.errors.UnknownName` for a change that neither has, with similar names, and
    :class:`CannotModify` where QuickBooks has no such request, the record lacks what the request must have (its
    EditSequence, its lines), or a line named is not there.
    """
    schema = schema or Schema(version, edition)
    ret_name = ret.name if isinstance(ret, Record) else name
    if ret_name is None:
        raise CannotModify("record", "a dict does not say what it is", "Give name='CustomerRet', or the Record itself.")
    fields = as_fields(changes)
    if fields is None:
        raise CannotModify(
            ret_name, f"the changes are a {type(changes).__name__}", "Give a dict of the fields to change."
        )
    message = schema.mod_of(ret_name) if ret_name.endswith("Ret") else None
    if message is None:
        raise _no_mod(ret_name, schema)
    request = schema.record(message.request)
    mod = request.record(request.fields[message.name])
    merging = _Merging(ret_name, schema)
    content = merging.record(mod, ret, fields)
    return {message.request: {message.name: content}}, merging.not_carried


def _no_mod(ret_name: str, schema: Schema) -> QbxmlError:
    if ret_name not in RECORDS or not ret_name.endswith("Ret"):
        known = [name for name in RECORDS if name.endswith("Ret")]
        return UnknownName(ret_name, "record that can be changed", near_names(ret_name, known))
    mod = f"{ret_name.removesuffix('Ret')}Mod"
    elsewhere = schema.where_message(mod)
    reason = f"{schema} has no {mod}" + (f"; {elsewhere} has it" if elsewhere else ", nor has any other version")
    return CannotModify(
        ret_name, reason, f"Use {elsewhere}." if elsewhere else "QuickBooks can't change such a record."
    )


def _counterpart(mod: RecordType, name: str) -> str | None:
    """What the field ``name`` of a ``...Ret`` is called in the ``...Mod``, if it has it."""
    stem = name.removesuffix("Ret")
    for one in (name, f"{stem}Mod", stem):
        if one in mod.fields:
            return one
    return next((kind for kind, read in _READ_AS.items() if name in read and kind in mod.fields), None)


def _line_kinds(mod: RecordType) -> list[list[str]]:
    """The lists of lines of a ``...Mod``, each with its kinds, which are one list for QuickBooks."""
    kinds = [
        name
        for name, field in mod.fields.items()
        if field.is_record and field.repeats and _LINE_ID in mod.record(field).fields
    ]
    groups = [[name for name in group if name in kinds] for group in mod.groups]
    return [group for group in groups if group] + [[name] for name in kinds if name not in mod.placed]


def _read_as(kind: str) -> dict[str, dict[str, str]]:
    """What lines of a ``...Mod`` are called in the ``...Ret``, each with what their name says."""
    return _READ_AS.get(kind) or {f"{kind.removesuffix('Mod')}Ret": {}}


class _Line:
    """A line of the record: its ``kind`` in the ``...Mod``, its ``fields``, and what its own kind ``says``."""

    __slots__ = ("fields", "kind", "line_id", "says")

    def __init__(self, kind: str, line_id: str, fields: Mapping[str, Any], says: dict[str, str]) -> None:
        self.kind = kind
        self.line_id = line_id
        self.fields = fields
        self.says = says


class _Merging:
    """One record and its changes being put together."""

    def __init__(self, name: str, schema: Schema) -> None:
        self.name = name
        self.schema = schema
        self.not_carried: list[str] = []

    def record(self, mod: RecordType, ret: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """The content of the ``...Mod``."""
        content = self.changed(mod, self.name, changes, "", (AT,))
        line_kinds = _line_kinds(mod)
        if not any(self.lines_of(kinds, ret) for kinds in line_kinds):
            for kind in (kind for kinds in line_kinds for kind in kinds):
                if kind in content or kind in _ALWAYS_LISTED:
                    raise CannotModify(self.name, f"it was read without its lines, and {kind} has to name them all")
        for kinds in line_kinds:
            if any(kind in content or kind in _ALWAYS_LISTED for kind in kinds):
                self.merge(mod, kinds, ret, content, "")
        for name, field in mod.fields.items():
            if not field.required:
                continue
            if name not in content:
                content[name] = self.carried(ret, name)
            elif field.type == "IDTYPE" and content[name] != ret.get(name):
                raise CannotModify(self.name, f"{name} says which record it is and can't change", f"Leave {name} out.")
        for name in ret:
            if (
                name != AT
                and name not in self.not_carried
                and not _counterpart(mod, name)
                and name not in mod.attributes
            ):
                self.not_carried.append(name)
        known = {name: content[name] for name in mod.attributes if name in content}
        return known | {name: content[name] for name in model(mod).sort(name for name in content if name in mod.fields)}

    def carried(self, ret: Mapping[str, Any], name: str) -> Any:
        value = ret.get(name)
        if value is None or value == "":
            raise CannotModify(self.name, f"it has no {name}, without which it can't be changed")
        from copy import deepcopy

        return deepcopy(value)

    def changed(
        self, mod: RecordType, ret_name: str, changes: Mapping[str, Any], path: str, own: tuple[str, ...]
    ) -> dict[str, Any]:
        """The changes that a ``...Mod`` has; those that only its ``...Ret`` has are noted, others refused.

        ``own`` are keys of ours, left out.
        """
        known = Schema().record(ret_name).fields if ret_name in RECORDS else {}
        content = {}
        for name, value in changes.items():
            if name in mod.fields or name in mod.attributes:
                content[name] = value
            elif name in own:
                continue
            elif name in known and not _counterpart(mod, name):
                self.not_carried.append(f"{path}{name}")
            else:
                other = _counterpart(mod, name)
                near = [other] if other else near_names(name, mod.fields)
                raise UnknownName(name, f"field of {mod.element}", near, self.schema.where(mod.name, name))
        return content

    # -- lines ---------------------------------------------------------------------------------------------------

    def lines_of(self, kinds: list[str], ret: Mapping[str, Any]) -> list[_Line]:
        """The lines of a record, of the kinds that make one list, in the order of the document."""
        read = {name: (kind, says) for kind in kinds for name, says in _read_as(kind).items()}
        lists = [(name, as_list(ret[name])) for name in read if ret.get(name)]
        found = []
        for name, index, line in interleave(lists):
            fields = as_fields(line) or {}
            line_id = fields.get(_LINE_ID)
            if not line_id:
                raise CannotModify(self.name, f"{name}[{index}] has no {_LINE_ID}")
            kind, says = read[name]
            found.append(_Line(kind, str(line_id), fields, says))
        return found

    def merge(
        self, mod: RecordType, kinds: list[str], ret: Mapping[str, Any], content: dict[str, Any], path: str
    ) -> None:
        """Replace the changes to one list of lines in ``content`` by the complete list."""
        lines = self.lines_of(kinds, ret)
        known = {line.line_id: line for line in lines}
        changes: dict[str, dict[str, Any]] = {}
        new: list[tuple[str, dict[str, Any], Any]] = []
        for kind in kinds:
            record = mod.record(mod.fields[kind])
            given = content.pop(kind, None)
            for index, item in enumerate([] if given is None else as_list(given)):
                place = f"{path}{kind}[{index}]"
                fields = as_fields(item)
                if fields is None:
                    raise CannotModify(self.name, f"{place} is a {type(item).__name__}", "Give a dict of its fields.")
                line_id = fields.get(_LINE_ID)
                if line_id in (None, "", _NEW) and not fields.get(_DELETE):
                    line = _Line(kind, _NEW, {}, {})
                    new.append((kind, self.line(record, line, fields, place), fields.get(_AFTER, _END)))
                    continue
                found = known.get(str(line_id))
                if found is None or found.kind != kind or line_id in changes:
                    raise self.no_line(place, line_id, kind, found, line_id in changes, ret)
                changes[found.line_id] = fields if fields.get(_DELETE) else self.line(record, found, fields, place)
        listed: list[tuple[str, dict[str, Any]]] = []
        for line in lines:
            fields = changes.get(line.line_id, {_LINE_ID: line.line_id, **line.says})
            if not fields.get(_DELETE):
                listed.append((line.kind, fields))
        self.place(listed, new)
        if not listed and lines:
            self.empty(mod, kinds, content)
        for kind, fields in listed:
            content.setdefault(kind, []).append(fields)
        mark(listed, mod.groups)

    def place(self, listed: list[tuple[str, dict[str, Any]]], new: list[tuple[str, dict[str, Any], Any]]) -> None:
        """Put new lines among the others: behind the line they name, else at the end."""
        for kind, fields, after in reversed([one for one in new if one[2] is not _END]):
            where = 0
            if after is not None:
                ids = [line[_LINE_ID] for _, line in listed]
                if after not in ids:
                    raise CannotModify(
                        self.name, f"no line {after!r} for a new one to stand behind", "Look at its lines."
                    )
                where = ids.index(after) + 1
            listed.insert(where, (kind, fields))
        listed += [(kind, fields) for kind, fields, after in new if after is _END]

    def line(self, record: RecordType, line: _Line, changes: dict[str, Any], path: str) -> dict[str, Any]:
        """A line that changes, or a new one; of a group, with all of its lines if any of them changes."""
        ret_name = next(name for name, says in _read_as(line.kind).items() if not line.says or says == line.says)
        content = self.changed(record, ret_name, changes, f"{path}.", (AT, _DELETE, _AFTER))
        for kinds in _line_kinds(record):
            if any(kind in content for kind in kinds):
                self.merge(record, kinds, line.fields, content, f"{path}.")
        content.pop(_LINE_ID, None)
        return {_LINE_ID: line.line_id, **line.says, **content}

    def empty(self, mod: RecordType, kinds: list[str], content: dict[str, Any]) -> None:
        """All lines of a list are deleted: say so where the ``...Mod`` can."""
        for kind in kinds:
            clear = f"Clear{kind.removesuffix('Mod')}s"
            if clear in mod.fields:
                content[clear] = True
                return
        raise CannotModify(
            self.name, f"deleting every {' and '.join(kinds)} leaves no line", "Delete or void it instead."
        )

    def no_line(
        self, path: str, line_id: Any, kind: str, found: _Line | None, twice: bool, ret: Mapping[str, Any]
    ) -> CannotModify:
        """The error of a line that can't be changed as asked."""
        if twice:
            reason = f"{path}: the line {line_id!r} is changed twice"
        elif found is not None:
            reason = f"{path}: the line {line_id!r} is no {kind} but {found.kind}"
        else:
            reason = f"{path}: there is no line {line_id!r} here"
            group = _group_of(ret, line_id)
            if group is not None:
                reason += f"; it is a line of the group {group!r}, and is changed within the change of that"
        return CannotModify(self.name, reason, f"A new line has no {_LINE_ID}, or {_NEW!r}.")


def _group_of(ret: Mapping[str, Any], line_id: Any) -> str | None:
    """The TxnLineID of the line among whose own lines one is."""
    for value in ret.values():
        for line in value if isinstance(value, list) else ():
            members = [one for inner in line.values() if isinstance(inner, list) for one in inner] if line else []
            if any(isinstance(one, dict) and one.get(_LINE_ID) == line_id for one in members):
                return str(line.get(_LINE_ID))
    return None
