"""What all typed requests have in common, and how their classes are made from the schema.

``qbxml/requests.py`` hands the classes out; here is what they do. An object holds what its caller gave, as given and in
that order, and nothing else: whether a value fits, and which version and edition has the field, is the builder's to
say, which reports everything at once and with its path. Only a field that no version has is refused at once.

A class has the fields of every version and edition. Names are all that is needed to make one, so nothing is compiled.
"""

from __future__ import annotations

from ._master import RECORDS
from .errors import QbxmlError, UnknownName
from .schema import AT, near_names
from .shapes import columns, describe, interleaving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, NoReturn, Self, dataclass_transform
else:

    def dataclass_transform(**options):
        """Only type checkers need the real one; importing ``typing`` takes longer than all of this package."""
        return lambda cls: cls


@dataclass_transform(kw_only_default=True, frozen_default=True)
class TypedRecord:
    """Base of the classes in :mod:`qbxml.requests`: the fields of one request or record, given by keyword.

    ``CustomerAdd(Name="Ada", Phone=None)``: a field left out is not sent; ``None`` sends an empty element, which clears
    the field in QuickBooks. Reading a field gives what was put in, or ``None``; ``"Phone" in record`` tells a cleared
    field from one left out. A record in a record is an object of its class or a dict of the same shape.

    Objects can't be changed (:meth:`replace` makes changed copies), are equal where class and fields are, and can be
    pickled. Raises :class:`~qbxml.errors.UnknownName` for a field that no version of qbXML has here. All else is judged
    by :func:`qbxml.build`, a missing field included, for it reports all problems together.
    """

    __slots__ = ("_fields",)

    #: what was given, by qbXML name
    _fields: dict[str, Any]
    #: the element's name
    _name: ClassVar[str] = ""
    #: the fields it may have; with the record's name where the field is a record, else ``""``
    _names: ClassVar[dict[str, str]] = {}

    def __init__(self, /, **fields: Any) -> None:
        names = self._names
        for name in fields:
            if name not in names:
                raise UnknownName(name, f"field of {self._name}", near_names(name, names))
        object.__setattr__(self, "_fields", fields)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Make one from a dict of its fields; dicts in it become typed objects, to any depth.

        Raises :class:`~qbxml.errors.UnknownName`.
        """
        if not hasattr(fields, "items"):
            raise QbxmlError(f"a {type(fields).__name__} holds no fields of {cls._name}; a dict is wanted")
        names = cls._names
        return cls(**{str(name): _typed(names.get(name), value) for name, value in fields.items()})

    def to_dict(self) -> dict[str, Any]:
        """The fields that were given as a plain dict, to any depth; it shares no list or dict with this object."""
        return {name: _plain(value) for name, value in self._fields.items()}

    if not TYPE_CHECKING:
        # The stubs say of each class what it takes; a checker that saw these would take anything.

        def replace(self, /, **changes):
            """A copy with some fields changed or added. Raises :class:`~qbxml.errors.UnknownName`."""
            return type(self)(**{**self._fields, **changes})

        __replace__ = replace

        def __getattr__(self, name):
            if name in self._names:
                return self._fields.get(name)
            near = near_names(name, self._names)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise AttributeError(f"{type(self).__name__} has no field {name!r}{hint}", name=name, obj=self)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {self._name} can't be changed; .replace({name}=...) makes a changed copy")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {self._name} can't be changed")

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __dir__(self) -> list[str]:
        return [*self._names, *super().__dir__()]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._fields == other._fields

    # Lists may be among the fields.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self._name}({', '.join(f'{name}={value!r}' for name, value in self._fields.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remake, (type(self), self._fields)


def _remake(kind: type[TypedRecord], fields: dict[str, Any]) -> TypedRecord:
    """Make an object again, for pickle and copy."""
    return kind(**fields)


def _typed(record: str | None, value: Any) -> Any:
    """A value as a typed object has it. ``record`` names the record that it stands for, if it does."""
    if isinstance(value, (list, tuple)):
        return [_typed(record, item) for item in value]
    if record and hasattr(value, "keys"):
        from . import requests

        made: TypedRecord = getattr(requests, record).from_dict(value)
        return made
    return value


def _plain(value: Any) -> Any:
    """A value without typed objects, and without a list or dict of the original's."""
    if isinstance(value, TypedRecord):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


class _Doc:
    """The docstring of a class, written when somebody asks for it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, obj: object, owner: object = None) -> str:
        return "\n".join(describe(self.name, "Rq"))


def make_class(name: str) -> type[TypedRecord]:
    """A new class for a record that callers send. The module that hands it out keeps it."""
    names = {field: kind if kind in RECORDS else "" for field, kind in columns(name)}
    if name in interleaving():
        names[AT] = ""
    namespace = {
        "__slots__": (),
        "__module__": "qbxml.requests",
        "__qualname__": name,
        "__doc__": _Doc(name),
        "_name": name,
        "_names": names,
    }
    return type(name, (TypedRecord,), namespace)
