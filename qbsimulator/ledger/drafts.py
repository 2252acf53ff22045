"""A transaction in the making: the header and the lines as a request gives them, to be completed by its kind's rules.

A Mod that gives any line of a list gives the whole new list: lines it names by TxnLineID stay, in the order of the
document; ``-1`` is a new line; those it does not name go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from qbxml.checking import interleave
from qbxml.schema import AT, Schema
from qbxml.versions import NEWEST_VERSION

from ..contents import Contents
from ..errors import NO_SUCH_RECORD, RequestError
from ..settings import Settings
from .books import Books, Key, key_of
from .rows import Link, Posting, Txn

#: Says "a new line" in the TxnLineID of a Mod.
NEW_LINE = "-1"

#: Lines that have the same name in an Add and in the record.
_ONE_NAME = frozenset({"JournalDebitLine", "JournalCreditLine"})


def ret_name(line: str) -> str:
    """What a line, by its name without ``Add``, ``Mod`` and ``Ret``, is called in the record."""
    return line if line in _ONE_NAME else f"{line}Ret"


def given_name(line: str, suffix: str) -> str:
    """What a line is called in an Add or a Mod."""
    return line if line in _ONE_NAME else f"{line}{suffix}"


@dataclass(frozen=True, slots=True)
class LineList:
    """One of a transaction's lists of lines, by its names without ``Add``, ``Mod`` and ``Ret``.

    ``group`` are the lines that stand for a group of items, with lines of their own; ``clear`` is the field of a Mod
    that empties the list; ``also`` are other lines that may stand between them.
    """

    name: str
    group: str | None = None
    clear: str | None = None
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its lines, that of groups last."""
        return (self.name, *self.also) if self.group is None else (self.name, *self.also, self.group)


@dataclass(slots=True)
class Line:
    """A line in the making. ``given`` is what the request says of it, ``old`` what it held before, if it is no new one.

    ``record`` begins as the one with the other merged into it; the rules of its kind complete it.
    """

    name: str
    given: Mapping[str, Any]
    old: Mapping[str, Any] | None
    record: dict[str, Any]
    members: list[Line] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        """Whether it stands for a group of items."""
        return "Group" in self.name


@dataclass(frozen=True, slots=True)
class TxnKind:
    """One kind of transaction, and its rules.

    ``entity`` and ``account`` name the header's fields for whom it is with and for its own account. ``complete`` fills
    in and computes what the request left out, ``postings`` says what the record does to the ledger, ``shown`` gives
    the fields of a record that follow from what is open and linked. ``unseen`` numbers are passed over after the
    header's id; ``numbers_itself``: whether it takes the next RefNumber where none is given.
    """

    name: str
    complete: Callable[[Draft], None]
    postings: Callable[[Mapping[str, Any], Books], list[Posting]]
    shown: Callable[[Mapping[str, Any], Txn, Books], dict[str, Any]]
    entity: str | None = None
    account: str | None = None
    lines: tuple[LineList, ...] = ()
    unseen: int = 1
    numbers_itself: bool = False
    #: The setting that has to be on for that, if there is one.
    numbered_by: str | None = None
    #: Whether it is a check, which has no number while it is to be printed.
    is_check: bool = False
    #: Whether another may take its place, linked with it by quantity: its record has ``_replaced`` then.
    is_replaceable: bool = False
    #: Whether its TimeCreated and TimeModified say the day alone.
    times_to_the_day: bool = False
    #: The setting that has to be on for it to be deleted, if there is one.
    deleted_by: str | None = None
    #: The field with the transaction's date.
    date: str = "TxnDate"

    @property
    def ret(self) -> str:
        """The name of its record."""
        return f"{self.name}Ret"


@dataclass(frozen=True, slots=True)
class _Place:
    """What errors call the place of a reference."""

    name: str
    ret: str


class Draft:
    """One transaction in the making, for an Add or a Mod.

    ``old`` is the record before a Mod, with keys for references; ``None`` for an Add. ``links`` are the links that the
    request asks for: completed by the rules, they are made when the transaction is written.
    """

    def __init__(
        self,
        books: Books,
        kind: TxnKind,
        id_: str,
        given: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        new_line_id: Callable[[], str],
    ) -> None:
        self.books = books
        self.kind = kind
        self.id = id_
        self.given = given
        self.old = old
        self.links: list[Link] = []
        #: What it settled before a Mod, without which everything is as it would be: what stays is put among ``links``.
        self.owned: list[Link] = []
        #: Links that its request takes away, whoever made them.
        self.released: list[Link] = []
        #: Whether nothing but links comes of it: a payment of nothing that sets credits.
        self.makes_nothing = False
        #: The code and the message of a warning, with which it is done all the same.
        self.warning: tuple[int, str] | None = None
        self._new_line_id = new_line_id
        self._schema = Schema(NEWEST_VERSION, None).record(kind.ret)
        header = {name: value for name, value in given.items() if not self._is_line(name)}
        contents = Contents(books, kind, old or {}, books.settings)
        self.record: dict[str, Any] = contents.taken(header)
        number, most = str(given.get("RefNumber") or ""), getattr(self._schema.fields.get("RefNumber"), "limit", None)
        if most is not None and len(number) > most:
            raise RequestError(3070, value=number, field="RefNumber", detail=most)

    @property
    def settings(self) -> Settings:
        """The company's settings."""
        return self.books.settings

    @property
    def date(self) -> date:
        """The transaction's date. Raises 3150 where it was given empty, and has to be given."""
        found = self.record.get(self.kind.date)
        if not isinstance(found, date):
            raise RequestError(3150, field=self.kind.date)
        return found

    @property
    def entity(self) -> str | None:
        """The key of whom the transaction is with."""
        return self.key(self.kind.entity) if self.kind.entity else None

    def key(self, *path: str) -> str | None:
        """The key that a reference of the header holds."""
        return key_of(self.record, *path)

    def new_line_id(self) -> str:
        """The next TxnLineID."""
        return self._new_line_id()

    def default(self, name: str, value: Any) -> None:
        """Fill in a field of the header that nothing was given for; a key becomes a reference to it."""
        if value is not None and self.record.get(name) is None:
            self.record[name] = ref(value) if name.endswith("Ref") and isinstance(value, str) else value

    def changed(self, *names: str) -> bool:
        """Whether the request says something about one of these fields."""
        return any(name in self.given for name in names)

    # -- lines -------------------------------------------------------------------------------------------------------

    def _is_line(self, name: str) -> bool:
        names = (one for each in self.kind.lines for one in each.names)
        return any(name in (given_name(one, "Add"), given_name(one, "Mod")) for one in names)

    def lines(
        self,
        which: LineList,
        expand: Callable[[Draft, Line, str], None] = lambda *_: None,
        given: Sequence[tuple[str, Mapping[str, Any]]] | None = None,
    ) -> list[Line]:
        """The lines of a list in their order. Raises :class:`~qbsimulator.errors.RequestError`.

        ``expand`` is called with each line of a group, and the name of the lines in it, and may give it members.
        ``given`` are the lines that the request has, each with its name, where it calls them otherwise.
        """
        given = self.given_lines(which) if given is None else given
        old = [] if self.old is None else stored_lines(self.old, which)
        if given is not None:
            found = self._matched(given, old, lambda line: expand(self, line, which.name) if line.is_group else None)
        elif which.clear and self.given.get(which.clear):
            found = []
        else:
            found = [self._line(name, {}, one) for name, one in old]
        return found

    def given_lines(self, which: LineList) -> list[tuple[str, Mapping[str, Any]]] | None:
        """The lines of a list that were given, in the order of the document; ``None`` in a Mod that gives none."""
        suffix = "Add" if self.old is None else "Mod"
        names = [(name, given_name(name, suffix)) for name in which.names]
        found = [(name, self.given[given]) for name, given in names if given in self.given]
        if not found:
            return [] if self.old is None else None
        return [(name, item) for name, _, item in interleave(found)]

    def _matched(
        self,
        given: Sequence[tuple[str, Mapping[str, Any]]],
        old: Sequence[tuple[str, Mapping[str, Any]]],
        made: Callable[[Line], None] = lambda line: None,
    ) -> list[Line]:
        """Given lines, each with the one that it names among the old ones, whose order is to be kept.

        ``made`` is called with each, before the next one takes its number.
        """
        places = {one["TxnLineID"]: number for number, (_, one) in enumerate(old)}
        last, lines = -1, []
        for name, one in given:
            id_ = str(one.get("TxnLineID", NEW_LINE))
            before: Mapping[str, Any] | None = None
            if id_ != NEW_LINE:
                if id_ not in places or (old[places[id_]][0] != name and name not in _ONE_NAME):
                    raise RequestError(3120, value=id_, detail=NO_SUCH_RECORD)
                if places[id_] <= last:
                    raise RequestError(3290, value=id_)
                last = places[id_]
                before = old[last][1]
            lines.append(self._line(name, one, before))
            made(lines[-1])
        return lines

    def _line(self, name: str, given: Mapping[str, Any], old: Mapping[str, Any] | None) -> Line:
        ret = ret_name(name)
        place = _Place(f"{self.kind.name} line", ret)
        contents = Contents(self.books, place, old or {}, self.books.settings)
        inner = next((one for one in given if _is_member(one)), None)
        plain = {one: value for one, value in given.items() if one != inner and one not in ("TxnLineID", "DataExt", AT)}
        record = contents.merged({} if old is None else old, plain, Schema(NEWEST_VERSION, None).record(ret))
        record.pop(AT, None)
        record = {"TxnLineID": self._new_line_id() if old is None else old["TxnLineID"], **record}
        line = Line(name, given, old, record)
        if inner is not None or old is not None:
            member = next((one for one in (old or {}) if _is_member(one)), "")
            held = [(member.removesuffix("Ret"), one) for one in (old or {}).get(member) or []]
            if inner is not None:
                named = inner.removesuffix("Mod").removesuffix("Add")
                line.members = self._matched([(named, one) for one in given[inner]], held)
            else:
                line.members = [self._line(one_name, {}, one) for one_name, one in held]
            record.pop(member, None)
        return line

    def new_member(self, name: str, given: Mapping[str, Any]) -> Line:
        """A line of a group that nobody gave: it comes with the group."""
        return self._line(name, given, None)

    def put(self, which: LineList, lines: Sequence[Line]) -> None:
        """Put the finished lines of a list into the record, in their order."""
        for name in which.names:
            self.record.pop(ret_name(name), None)
        mixed = len({line.name for line in lines}) > 1
        for number, line in enumerate(lines):
            if mixed:
                line.record[AT] = number
            if line.members:
                line.record[f"{line.members[0].name}Ret"] = [one.record for one in line.members]
            self.record.setdefault(ret_name(line.name), []).append(line.record)


def _is_member(name: str) -> bool:
    """Whether a field of a group's line holds the lines of the group."""
    plain = name.removesuffix("Mod").removesuffix("Ret").removesuffix("Add")
    return plain != name and plain.endswith("Line")


def ref(key: str) -> Key:
    """A reference as a record holds it."""
    return {"key": key}


def stored_lines(record: Mapping[str, Any], which: LineList) -> list[tuple[str, Mapping[str, Any]]]:
    """The lines of a list that a record holds, in the order of the document, each with its name."""
    kinds = [(name, record.get(ret_name(name)) or []) for name in which.names]
    return [(name, item) for name, _, item in interleave(kinds)]


def flat(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines with those of groups in their place."""
    for line in lines:
        if line.is_group:
            yield from line.members
        else:
            yield line


def stored_flat(record: Mapping[str, Any], which: LineList) -> Iterator[Mapping[str, Any]]:
    """The lines of a record that hold an item or an account, those of groups among them."""
    for _, line in stored_lines(record, which):
        members = [one for name, held in line.items() if _is_member(name) and isinstance(held, list) for one in held]
        if members:
            yield from members
        elif "ItemGroupRef" not in line:
            yield line
