"""Reports as tables: what a ``ReportRet`` holds, in columns and rows with typed cells.

QuickBooks sends a report as a drawing of itself: columns with titles, rows of four kinds (``DataRow``, ``TextRow``,
``SubtotalRow``, ``TotalRow``) in the order of the page, each cell a text under the ``colID`` of its column. This module
puts the cells where they belong and gives them their types. It adds up nothing and renames nothing.

How deep a row is nested is not written in a report. It is worked out from the headings and the subtotals that close
them, see :func:`levels`.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from .checking import interleave
from .errors import QbxmlError
from .model import MessageResponse, Record, Response
from .values import READ, TEXT_TYPES, write_interval

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

_REPORT = "ReportRet"
#: The kinds of rows.
_KINDS = ("DataRow", "TextRow", "SubtotalRow", "TotalRow")
#: The type of the column that says what a row is called.
_LABEL = "Label"


class NoReport(QbxmlError):
    """What was to be read as a report holds none, or more than one."""

    advice = "Give the answer to one report query, or one ReportRet."


class Column:
    """A column: ``id`` (``colID``), ``type`` (``ColType``), ``data_type``, and its ``titles``, one per title row.

    A title that is missing is ``""``, as that of the column of labels always is. ``key`` names the column among the
    others: its titles in a row, else its type, else ``Column 3``; with a number behind it where another column already
    has that name.
    """

    __slots__ = ("data_type", "id", "key", "titles", "type")

    def __init__(self, column_id: int, kind: str, data_type: str, titles: tuple[str, ...], key: str = "") -> None:
        self.id = column_id
        self.type = kind
        self.data_type = data_type
        self.titles = titles
        self.key = key

    @property
    def title(self) -> str:
        """The titles in a row, without those that are missing."""
        return " ".join(title for title in self.titles if title)

    def __repr__(self) -> str:
        return f"<Column {self.id} {self.key!r} {self.type} {self.data_type}>"


class Row:
    """A row: its ``cells``, one for each column of the report, ``None`` where there is none.

    ``kind`` is ``DataRow``, ``TextRow``, ``SubtotalRow`` or ``TotalRow``; ``number`` is its ``rowNumber``; ``level`` is
    how deep it is nested, see :func:`levels`. ``row_type`` and ``value`` say what a row is about (``account`` and its
    full name); the value of a ``TextRow`` is its text. ``label`` is what the row is called on the page.
    ``row["Amount"]`` is the cell of a column by its key.
    """

    __slots__ = ("cells", "columns", "kind", "label", "level", "number", "row_type", "value")

    def __init__(
        self,
        kind: str,
        number: int | None,
        cells: list[Any],
        columns: list[Column],
        *,
        row_type: str | None = None,
        value: str | None = None,
        label: str = "",
    ) -> None:
        self.kind = kind
        self.number = number
        self.cells = cells
        self.columns = columns
        self.row_type = row_type
        self.value = value
        self.label = label
        self.level = 0

    def __getitem__(self, key: str) -> Any:
        for column, cell in zip(self.columns, self.cells, strict=True):
            if column.key == key:
                return cell
        raise KeyError(key)

    def as_dict(self) -> dict[str, Any]:
        """The cells by the keys of their columns."""
        return {column.key: cell for column, cell in zip(self.columns, self.cells, strict=True)}

    def __repr__(self) -> str:
        return f"<{self.kind} {self.number} level {self.level} {self.label!r}>"


class Report:
    """A report: ``title``, ``subtitle``, ``basis`` (``Accrual``, ``Cash`` or ``None``), ``columns`` and ``rows``.

    Iterating gives each row as a dict by the columns' keys, the text of a heading standing in the first column;
    ``dicts("DataRow")`` gives only those rows, without which sums would count twice. ``len`` is the number of rows.
    """

    __slots__ = ("basis", "columns", "rows", "subtitle", "title")

    def __init__(self, title: str, subtitle: str, basis: str | None, columns: list[Column], rows: list[Row]) -> None:
        self.title = title
        self.subtitle = subtitle
        self.basis = basis
        self.columns = columns
        self.rows = rows

    def dicts(self, *kinds: str) -> list[dict[str, Any]]:
        """The rows as dicts: all of them, or those of some kinds."""
        return [row.as_dict() for row in self.rows if not kinds or row.kind in kinds]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.dicts())

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return True

    def to_csv(self, *kinds: str) -> str:
        """The rows, all or those of some kinds, as CSV under a line with the columns' keys.

        As RFC 4180 has it: lines end with CR LF, so open a file for it with ``newline=""``. Values are written as in
        qbXML, a cell that is not there is empty.
        """
        from csv import writer
        from io import StringIO

        out = StringIO(newline="")
        table = writer(out, lineterminator="\r\n")
        table.writerow([column.key for column in self.columns])
        for row in self.rows:
            if not kinds or row.kind in kinds:
                table.writerow([_written(cell) for cell in row.cells])
        return out.getvalue()

    def __repr__(self) -> str:
        return f"<Report {self.title!r} {self.subtitle!r}: {len(self.columns)} columns, {len(self.rows)} rows>"


def report(answer: Response | MessageResponse | Mapping[str, Any]) -> Report:
    """The report in an answer or document, or that a ``ReportRet`` is.

    A cell has the type that it names itself, else that of its column: ``Decimal``, ``int``, ``bool``, ``date``,
    ``datetime``, ``timedelta`` or ``str``; one that does not fit stays text, and one that is empty is ``None`` unless
    its type is text. A cell of a column that is not described gets a column without titles.

    Raises :class:`~qbxml.errors.StatusError` where QuickBooks refused the query, and :class:`NoReport` where there is
    not exactly one report.
    """
    ret = _found(answer)
    columns = _columns(_listed(ret.get("ColDesc")))
    data = ret.get("ReportData")
    lists = data if isinstance(data, dict) else {}
    kinds = [(kind, _listed(items)) for kind, items in lists.items() if kind in _KINDS]
    given = [(kind, one) for kind, _, one in interleave(kinds)]
    cells = [_cells(one, columns) for _, one in given]
    _name(columns)
    rows = [_row(kind, one, found, columns) for (kind, one), found in zip(given, cells, strict=True)]
    for row, level in zip(rows, levels(rows), strict=True):
        row.level = level
    basis = ret.get("ReportBasis")
    return Report(str(ret.get("ReportTitle") or ""), str(ret.get("ReportSubtitle") or ""), basis, columns, rows)


def _found(answer: Response | MessageResponse | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(answer, (Response, MessageResponse)):
        answer.raise_for_status()
        found = [record for record in answer.records if record.name == _REPORT]
        if len(found) != 1:
            raise NoReport(f"{answer!r} holds {len(found) or 'no'} report{'s' if found else ''}")
        return found[0]
    if not isinstance(answer, dict):
        raise NoReport(f"a {type(answer).__name__} is no report")
    inner = answer.get(_REPORT)
    ret: Mapping[str, Any] = inner if isinstance(inner, dict) else answer
    name = ret.name if isinstance(ret, Record) else _REPORT
    if name != _REPORT or not ("ColDesc" in ret or "ReportTitle" in ret):
        raise NoReport("the dict has neither a title nor columns" if name == _REPORT else f"a {name} is no report")
    return ret


def _listed(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _columns(descriptions: Iterable[Mapping[str, Any]]) -> list[Column]:
    columns = []
    for one in descriptions:
        titles = tuple(str(title.get("value") or "") for title in _listed(one.get("ColTitle")))
        columns.append(Column(one.get("colID", 0), str(one.get("ColType", "")), str(one.get("dataType", "")), titles))
    return columns


def _name(columns: Iterable[Column]) -> None:
    """Give every column a key that no other has."""
    taken: set[str] = set()
    for column in columns:
        wanted = key = column.title or column.type or f"Column {column.id}"
        number = 1
        while key in taken:
            number += 1
            key = f"{wanted} {number}"
        taken.add(key)
        column.key = key


def _cells(given: Mapping[str, Any], columns: list[Column]) -> dict[int, Any]:
    """The typed cells of a row by column; columns that are not described are added."""
    found = {}
    for one in _listed(given.get("ColData")):
        column_id = one.get("colID", 0)
        column = next((column for column in columns if column.id == column_id), None)
        if column is None:
            column = Column(column_id, "", "STRTYPE", ())
            columns.append(column)
        found[column_id] = _typed(one.get("value"), str(one.get("dataType") or column.data_type))
    return found


def _typed(text: Any, data_type: str) -> Any:
    if not isinstance(text, str) or data_type in TEXT_TYPES or data_type not in READ:
        return text
    if text == "":
        return None
    try:
        return READ[data_type](text)
    except ValueError:
        return text


def _row(kind: str, given: Mapping[str, Any], found: dict[int, Any], columns: list[Column]) -> Row:
    cells = [found.get(column.id) for column in columns]
    about = given.get("RowData")
    about = about if isinstance(about, dict) else {}
    value = about.get("value", given.get("value"))
    # A heading has no cells: its text stands where labels stand.
    place = next((place for place, column in enumerate(columns) if column.type == _LABEL), 0)
    if cells and cells[place] is None and "value" in given:
        cells[place] = given["value"]
    label = cells[place] if cells else None
    return Row(
        kind,
        given.get("rowNumber"),
        cells,
        columns,
        row_type=about.get("rowType"),
        value=value,
        label=_written(value if label is None else label),
    )


def _written(value: Any) -> str:
    """A cell as text, as qbXML writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return write_interval(value) if isinstance(value, timedelta) else str(value)


# -- nesting ----------------------------------------------------------------------------------------------------


def levels(rows: Iterable[Row]) -> list[int]:
    """How deep each row is nested, as far as headings and totals tell; 0 is the outermost.

    - A heading (``TextRow``) stands at the depth reached so far; what follows is one deeper, until it is closed.
    - A ``SubtotalRow`` closes the innermost open heading ``X`` that it names: ``Total X``, or ``Net X`` where the
      heading begins with ``X`` (``Net Ordinary Income`` and ``Ordinary Income/Expense``). It stands at the depth of
      that heading.
    - A subtotal ``Total ...`` that names none and is about nothing (``Total COGS`` under ``Cost of Goods Sold``) closes
      the innermost heading.
    - Any other subtotal (``Gross Profit``, the ``Total`` of a parent without a heading) closes nothing and stands like
      a row of data.
    - A ``TotalRow`` closes everything and stands at 0.
    - A heading that nothing names or closes in this way ends where the next heading or total comes.

    Words are compared without regard to case. Reports of a QuickBooks that does not speak English have other words for
    totals: their headings end with the next one, at depth 0.
    """
    given = list(rows)
    closed = _closings(given)
    closers = {closer: heading for heading, closer in closed.items()}
    open_headings: list[int] = []
    found = []
    for place, row in enumerate(given):
        heading = closers.get(place)
        if row.kind == "TotalRow":
            open_headings.clear()
        elif heading is not None:
            del open_headings[open_headings.index(heading) :]
        elif row.kind != "DataRow":
            while open_headings and open_headings[-1] not in closed:
                open_headings.pop()
        found.append(len(open_headings))
        if row.kind == "TextRow":
            open_headings.append(place)
    return found


def _closings(rows: list[Row]) -> dict[int, int]:
    """For each heading that a total closes, the place of that total."""
    closed: dict[int, int] = {}
    open_headings: list[int] = []
    for place, row in enumerate(rows):
        if row.kind == "TextRow":
            open_headings.append(place)
        elif row.kind == "TotalRow":
            closed.update((heading, place) for heading in open_headings[:1] if _names(row, rows[heading]))
            open_headings.clear()
        elif row.kind == "SubtotalRow":
            heading = next((one for one in reversed(open_headings) if _names(row, rows[one])), None)
            if heading is None and open_headings and row.row_type is None and _words(row).startswith("total"):
                heading = open_headings[-1]
            if heading is not None:
                closed[heading] = place
                del open_headings[open_headings.index(heading) :]
    return closed


def _words(row: Row) -> str:
    return " ".join(row.label.casefold().split())


def _names(total: Row, heading: Row) -> bool:
    words, name = _words(total), _words(heading)
    first, _, rest = words.partition(" ")
    if first == "total":
        return rest == name
    return first == "net" and bool(rest) and name.startswith(rest)
