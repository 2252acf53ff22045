"""Write documents: requests to send, and responses for tests and simulators.

A good request takes the fast way (``encode.py``); any other goes through ``checking.Writer``, which takes what is
allowed and names all problems of the whole document together. Nothing invalid is ever returned.
"""

from __future__ import annotations

from .characters import escape_attribute, policy
from .checking import Writer, as_fields
from .encode import NOT_FAST, encoder
from .errors import InvalidRequest
from .model import MAIN_SET, Message, Request, Response
from .problems import Problem
from .schema import EVENTS, Schema, near_names
from .versions import DEFAULT_VERSION, NEWEST_VERSION, RANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

#: QuickBooks refuses longer ones (status 1060, message-set code 9004).
MAX_REQUEST_ID = 50
MAX_MESSAGE_SET_ID = 24

#: The order in which a document has its message sets.
_SET_ORDER = ("SignonMsgs", "QBXMLMsgs", "QBXMLSubscriptionMsgs")


def build(
    requests: Any,
    *,
    version: str | None = None,
    edition: str | None = "US",
    on_error: str | None = None,
    response_data: str | None = None,
    new_message_set_id: str | None = None,
    old_message_set_id: str | None = None,
    characters: str = "refuse",
    truncate: bool = False,
    report: Callable[[Problem], None] | None = None,
    schema: Schema | None = None,
) -> bytes:
    """Write a document that is valid against the schema of ``version`` and ``edition``.

    ``requests`` is one request or many, in the order to run in: typed objects of ``qbxml.requests``, plain dicts
    ``{"CustomerQueryRq": {...}}`` with their keys in any order, a :class:`~qbxml.model.Request` that was read, or a
    :class:`~qbxml.model.Response` to write a response document. ``schema`` may stand for version and edition.

    The version is 13.0 and the edition US where none is named; a document that was read is built with the version it
    names itself, a response with the newest, and then as the union of all editions.

    ``on_error`` is ``"stopOnError"`` (the default) or ``"continueOnError"``, ``response_data`` ``"includeNone"`` or
    ``"includeAll"``; the message-set IDs ask QuickBooks for error recovery. A request without a ``requestID`` is given
    one. ``characters`` is what happens to characters QuickBooks can't store: ``"refuse"``, ``"transliterate"``,
    ``"replace"`` or ``"reference"`` (see ``qbxml.characters``). ``truncate`` shortens what is too long; every cut is
    passed to ``report``.

    The result is ASCII, with an XML declaration and, for requests, the ``<?qbxml version?>`` instruction. Raises
    :class:`~qbxml.errors.InvalidRequest` with all problems, and :class:`~qbxml.errors.SchemaError` for an unknown
    version or edition.
    """
    builder = _Builder(schema or schema_for(requests, version, edition), characters, truncate)
    if isinstance(requests, Response):
        text = builder.response(requests)
    else:
        given = {
            "oldMessageSetID": old_message_set_id,
            "newMessageSetID": new_message_set_id,
            "responseData": response_data,
            "onError": on_error,
        }
        text = builder.requests(requests, given)
    if builder.problems:
        raise InvalidRequest(builder.problems)
    if report is not None:
        for note in builder.writer.notes:
            report(note)
    return text.encode("ascii")


def schema_for(requests: Any, version: str | None, edition: str | None) -> Schema:
    """The schema that requests or a response are built with, where not both version and edition are given."""
    if version is None and isinstance(requests, Response):
        return Schema(NEWEST_VERSION, None)
    if version is None and isinstance(requests, Request) and requests.version in RANK:
        return Schema(requests.version, None)
    return Schema(version or DEFAULT_VERSION, edition)


def examined(requests: Any, schema: Schema, characters: str = "refuse") -> list[Problem]:
    """All problems that ``build`` would raise for these requests; empty where it would build them."""
    builder = _Builder(schema, characters, False)
    if isinstance(requests, Response):
        builder.response(requests)
    else:
        builder.requests(requests, {})
    return builder.problems


class _Builder:
    """One document being written."""

    def __init__(self, schema: Schema, characters: str, truncate: bool) -> None:
        self.schema = schema
        self.writer = Writer(schema, policy(characters), truncate)

    @property
    def problems(self) -> list[Problem]:
        return self.writer.problems

    # -- requests ------------------------------------------------------------------------------------------------

    def requests(self, requests: Any, given: Mapping[str, str | None]) -> str:
        kept: dict[str, Any] = {}
        if isinstance(requests, Request):
            messages = [(message.name, message.content) for message in requests]
            if not requests.was_read:
                messages = self.numbered(messages)
            kept = dict(requests.sets.get(MAIN_SET, {}))
            sets = list(requests.sets)
        else:
            messages = self.numbered(self.named(requests))
            sets = []
            if not messages and not self.problems:
                self.problems.append(Problem("requests", "structure", "there is nothing to send", given=requests))
        kept.update({name: value for name, value in given.items() if value is not None})
        kept.setdefault("onError", "stopOnError")
        for name in ("oldMessageSetID", "newMessageSetID"):
            self.limited(str(kept.get(name, "")), MAX_MESSAGE_SET_ID, f"{MAIN_SET}Rq@{name}")
        texts = self.messages(messages, "Rq", sets)
        parts = []
        for message_set in _SET_ORDER:
            if message_set in texts:
                attributes = kept if message_set == MAIN_SET else {}
                parts.append(self.set_element(f"{message_set}Rq", attributes, texts[message_set]))
        head = f'<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="{self.schema.version}"?>\n'
        return f"{head}<QBXML>\n{''.join(parts)}</QBXML>\n"

    def named(self, requests: Any) -> list[tuple[str, Any]]:
        """Each request as its name and its content."""
        found: list[tuple[str, Any]] = []
        if isinstance(requests, dict):
            for name, content in requests.items():
                if isinstance(content, (list, tuple)):
                    found += [(name, one) for one in content]
                else:
                    found.append((name, content))
        elif hasattr(requests, "_fields") and hasattr(requests, "_name"):
            found.append((requests._name, requests))
        elif isinstance(requests, Message):
            found.append((requests.name, requests.content))
        elif isinstance(requests, (str, bytes)) or hasattr(requests, "items") or not hasattr(requests, "__iter__"):
            self.problems.append(
                Problem(
                    "requests",
                    "structure",
                    f"a {type(requests).__name__} is no request",
                    given=requests,
                    expected="a typed request or a dict such as {'CustomerQueryRq': {}}",
                )
            )
        else:
            for one in requests:
                if isinstance(one, (list, tuple)):
                    self.problems.append(Problem("requests", "structure", "a list in a list is no request", given=one))
                else:
                    found += self.named(one)
        return found

    def numbered(self, messages: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Give every request a ``requestID`` that no other has."""
        out: list[tuple[str, Any]] = []
        taken: set[str] = set()
        missing: list[tuple[int, str, dict[str, Any]]] = []
        for name, content in messages:
            fields = content if content.__class__ is dict else as_fields(content)
            request_id = fields.get("requestID") if fields else None
            if request_id is not None:
                path = f"{name}@requestID"
                self.limited(str(request_id), MAX_REQUEST_ID, path)
                if str(request_id) in taken:
                    message = "another request of the document has it"
                    self.problems.append(Problem(path, "attribute", message, given=request_id))
                taken.add(str(request_id))
            # A typed object's class is its word that it is such a request; a dict has only its fields.
            elif fields is not None and (content.__class__ is dict or getattr(content, "_name", name) == name):
                missing.append((len(out), name, fields))
            out.append((name, content))
        number = 0
        for index, name, fields in missing:
            number += 1
            while taken and str(number) in taken:
                number += 1
            out[index] = (name, {**fields, "requestID": str(number)})
        return out

    def limited(self, text: str, most: int, path: str) -> None:
        if len(text) > most:
            message = f"{len(text)} characters are too many: QuickBooks refuses it"
            self.problems.append(Problem(path, "length", message, given=text, expected=f"at most {most}"))

    # -- responses -----------------------------------------------------------------------------------------------

    def response(self, response: Response) -> str:
        parts = []
        if response.events:
            parts.append(self.events(response))
        else:
            messages = [(message.name, message.content) for message in response]
            texts = self.messages(messages, "Rs", list(response.sets))
            for message_set in _SET_ORDER:
                if message_set in texts:
                    given = response.sets.get(message_set, {})
                    parts.append(self.set_element(f"{message_set}Rs", given, texts[message_set]))
        return f'<?xml version="1.0" ?>\n<QBXML>\n{"".join(parts)}</QBXML>\n'

    def events(self, response: Response) -> str:
        fields: dict[str, Any] = {}
        record = self.schema.record(EVENTS)
        for event in response.events:
            field = record.fields.get(event.name)
            if field is not None and field.repeats:
                fields.setdefault(event.name, []).append(event)
            else:
                fields[event.name] = event
        return self.writer.record(record, fields, record.name) + "\n"

    # -- both ----------------------------------------------------------------------------------------------------

    def messages(self, messages: list[tuple[str, Any]], side: str, sets: Iterable[str]) -> dict[str, list[str]]:
        """The text of every message, by message set; the sets named in ``sets`` are there even if empty."""
        texts: dict[str, list[str]] = {name: [] for name in sets}
        known: dict[Any, tuple[list[str], Callable[[Any], str], str]] = {}
        several = len(messages) > 1
        for index, (name, content) in enumerate(messages):
            if name not in known:
                message = self.schema.messages.get(str(name)[:-2]) if str(name)[-2:] == side else None
                if message is None:
                    self.unknown(name, side, f"{name}[{index}]" if several else str(name))
                    continue
                record = f"{message.name}{side}"
                known[name] = texts.setdefault(message.message_set, []), encoder(self.schema.record(record)), record
            own, encode, record = known[name]
            try:
                own.append(encode(content))
            except NOT_FAST:
                path = f"{name}[{index}]" if several else str(name)
                own.append(self.writer.record(self.schema.record(record), content, path))
        begun = [name for name in _SET_ORDER[1:] if name in texts]
        if len(begun) > 1:
            self.problems.append(
                Problem("QBXML", "structure", "one document can't hold both message sets", expected=" or ".join(begun))
            )
        return texts

    def unknown(self, name: Any, side: str, path: str) -> None:
        kind, allowed_in = "structure", None
        near: tuple[str, ...] = ()
        if isinstance(name, str):
            stem = name.removesuffix(side)
            allowed_in = self.schema.where_message(stem) if name.endswith(side) else None
            kind = "edition" if allowed_in else "structure"
            if allowed_in is None:
                near = tuple(f"{one}{side}" for one in near_names(stem, self.schema.messages))
        what = "request" if side == "Rq" else "response"
        other = "Rs" if side == "Rq" else "Rq"
        if isinstance(name, str) and name.endswith(other) and name[:-2] in self.schema.messages:
            place = "qbxml.Response([...])" if other == "Rs" else "build itself"
            message = f"this is no {what}; give it to {place}"
            self.problems.append(Problem(path, "structure", message, given=name))
            return
        message = f"{self.schema} has no such {what}"
        self.problems.append(Problem(path, kind, message, given=name, allowed_in=allowed_in, near=near))

    def set_element(self, name: str, given: Mapping[str, Any], texts: list[str]) -> str:
        """A message set: its attributes, checked, and its messages, one to a line."""
        record = self.schema.record(name)
        attributes, _ = self.writer.attributes(record, dict(given), name)
        start = name + "".join(f' {key}="{escape_attribute(text)}"' for key, text in attributes.items())
        if not texts and name.startswith("Signon"):
            self.problems.append(Problem(name, "structure", "it holds no message", expected="at least one"))
        lines = "\n".join(texts)
        return f"<{start}>\n{lines}\n</{name}>\n" if texts else f"<{start}>\n</{name}>\n"
