"""A client whose other side is written down: what it was sent, and what it is answered, call by call."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from qbgateway.client import AsyncClient, Client

#: What is answered, or raised.
Reply = httpx.Response | Exception


def ok(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): one for name, one in headers.items()})


def refusal(
    status: int, type: str, code: str, *, integration_code: str | None = None, **headers: str
) -> httpx.Response:
    error: dict[str, Any] = {
        "message": f"about {code}",
        "userFacingMessage": "for a person",
        "type": type,
        "code": code,
        "httpStatusCode": status,
        "requestId": "req_1",
    }
    if integration_code is not None:
        error["integrationCode"] = integration_code
    return ok({"error": error}, status, **headers)


class Script:
    """Answers one call after the other, and keeps what was sent."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def client(self, **options: Any) -> Client:
        return Client("sk_live_x", base_url="https://books.example.com", transport=httpx.MockTransport(self), **options)

    def async_client(self, **options: Any) -> AsyncClient:
        transport = httpx.MockTransport(self)
        return AsyncClient("sk_live_x", base_url="https://books.example.com", transport=transport, **options)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(one.content or b"null") for one in self.sent]

    def keys(self) -> list[str | None]:
        return [one.headers.get("Idempotency-Key") for one in self.sent]


def pauses(monkeypatch: Any) -> list[float]:
    """Pauses take no time; how long they would be."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("qbgateway.client.clients.time.sleep", made.append)
    monkeypatch.setattr("qbgateway.client.clients.asyncio.sleep", pause)
    return made


def answering(answer: Callable[[str, Any], Any]) -> Any:
    """A transport that answers each request of QuickBooks' by a function of its name and content."""

    def respond(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        ((name, content),) = body.items()
        return ok(answer(name, content))

    return httpx.MockTransport(respond)


__all__: Sequence[str] = ("Reply", "Script", "answering", "ok", "pauses", "refusal")
