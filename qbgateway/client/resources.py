"""What hangs on a client: ``end_users``, ``requests``, ``qbd.invoice`` and so on, with the methods that the table has.

``resources.pyi`` describes all of it to editors and type checkers, for both clients, and is generated
(``scripts/generate_client_stubs.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from qbxml.schema import near_names

from . import calls
from .operations import quickbooks, quickbooks_operation, service

__all__ = ["attach"]


def attach(client: Any) -> None:
    """Hang everything on a client, which has ``_run(call)``, ``_iterate(pages)`` and ``timeout``."""
    for name, operations in service().items():
        methods = {one.name: _service_method(client, one) for one in operations.values()}
        setattr(client, name, Resource(name, methods.__getitem__, methods))
    client.qbd = QuickBooks(client)


class Resource:
    """Some methods under one name."""

    def __init__(self, name: str, make: Callable[[str], Any], names: Iterable[str]) -> None:
        self._name = name
        self._make = make
        self._names = tuple(names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # whoever copies it asks before there is anything to ask
            raise AttributeError(name)
        if name not in self._names:
            near = near_names(name, self._names)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise AttributeError(f"{self._name} has no {name!r}{hint}", name=name, obj=self)
        return self.__dict__.setdefault(name, self._make(name))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._names})

    def __repr__(self) -> str:
        return f"<{self._name}: {', '.join(self._names)}>"


class QuickBooks(Resource):
    """``client.qbd``: an object for each of QuickBooks', and a way to send anything."""

    def __init__(self, client: Any) -> None:
        super().__init__("qbd", self._object, quickbooks())
        self._client = client

    def request(
        self,
        end_user_id: str,
        request: Any,
        /,
        *,
        timeout: float | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Send any request by its own name, ``{"CustomerQueryRq": {}}``, and return the answer by its name."""
        seconds = self._client.timeout if timeout is None else timeout
        return self._client._run(calls.request_call(end_user_id, request, seconds=seconds, key=idempotency_key))

    def submit(self, end_user_id: str, request: Any, /, *, idempotency_key: str | None = None) -> Any:
        """Send any request, and do not wait for its answer: ``client.requests.retrieve`` has it later."""
        return self._client._run(calls.request_call(end_user_id, request, seconds=None, key=idempotency_key))

    def _object(self, name: str) -> Resource:
        messages = quickbooks()[name]
        names = list(messages)
        if "query" in messages and quickbooks_operation(messages["query"]).has_pages:
            names.append("iterate")

        def make(method: str) -> Any:
            if method == "iterate":
                return _iterating(self._client, messages["query"])
            return _quickbooks_method(self._client, messages[method])

        return Resource(f"qbd.{name}", make, names)


def _service_method(client: Any, operation: Any) -> Callable[..., Any]:
    def method(*given: Any, **named: Any) -> Any:
        return client._run(calls.service_call(operation, given, named, client.timeout))

    return _described(method, operation.name, operation.about)


def _quickbooks_method(client: Any, message: str) -> Callable[..., Any]:
    operation = quickbooks_operation(message)

    def method(
        end_user_id: str,
        request: Any = None,
        /,
        *,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        **fields: Any,
    ) -> Any:
        seconds = client.timeout if timeout is None else timeout
        return client._run(
            calls.quickbooks_call(operation, end_user_id, request, fields, seconds=seconds, key=idempotency_key)
        )

    return _described(method, operation.name, f"Send a {operation.request}.")


def _iterating(client: Any, message: str) -> Callable[..., Any]:
    operation = quickbooks_operation(message)

    def method(end_user_id: str, request: Any = None, /, *, timeout: float | None = None, **fields: Any) -> Any:
        seconds = client.timeout if timeout is None else timeout
        return client._iterate(calls.Pages(operation, end_user_id, request, fields, seconds))

    return _described(method, "iterate", f"Send a {operation.request}, and go on page by page.")


def _described(method: Callable[..., Any], name: str, about: str) -> Callable[..., Any]:
    method.__name__ = method.__qualname__ = name
    method.__doc__ = about
    return method
