"""The two clients. What they do with httpx is all that differs between them; what to do is said elsewhere."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import qbxml

from .calls import Call, Pages
from .conversation import Answer, Lost, Outcome, Pause, Send, converse
from .errors import IntegrationError, NotConfigured
from .resources import attach

if TYPE_CHECKING:
    import httpx

    from .resources import (
        AsyncAuthSessions,
        AsyncEndUsers,
        AsyncIntegrationConnections,
        AsyncQuickBooks,
        AsyncRequests,
        AuthSessions,
        EndUsers,
        IntegrationConnections,
        QuickBooks,
        Requests,
    )

__all__ = ["AsyncClient", "Client"]

#: The environment variables with the service's address and a secret key, and the address of a service on this machine.
URL, KEY, DEFAULT_URL = "QBGATEWAY_URL", "QBGATEWAY_KEY", "http://localhost:4000"
#: Seconds to connect in, and that QuickBooks may take unless a call says otherwise (the service's own default).
CONNECT, TIMEOUT = 10.0, 90
#: How often a call is tried again, where that is safe.
RETRIES = 2


class _Base:
    """The settings that both have."""

    def __init__(
        self,
        key: str | None,
        base_url: str | None,
        timeout: float,
        max_retries: int,
        on_warning: Callable[[str], None] | None,
    ) -> None:
        self._key = key or os.environ.get(KEY) or ""
        if not self._key:
            raise NotConfigured(f"There is no key: give one, or set {KEY}. `qbgateway keys create` makes one.")
        if not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            raise NotConfigured("The key has a character that no key has.")
        self.base_url = (base_url or os.environ.get(URL) or DEFAULT_URL).rstrip("/")
        self.timeout = timeout
        self.max_retries = max_retries
        self._on_warning = on_warning
        attach(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"

    def _options(self) -> dict[str, Any]:
        """What both of httpx's clients are made with."""
        import httpx

        try:
            url = httpx.URL(self.base_url)
        except httpx.InvalidURL as error:
            raise NotConfigured(f"The service's address {self.base_url!r} is none: {error}.") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise NotConfigured(f"The service's address {self.base_url!r} does not begin with http:// or https://.")
        if url.userinfo or url.query or url.fragment:
            raise NotConfigured("The service's address has more in it than a host and a path.")
        agent = f"openqbd-python/{qbxml.__version__}"
        return {"headers": {"Authorization": f"Bearer {self._key}", "User-Agent": agent}, "follow_redirects": False}

    def _arguments(self, step: Send) -> dict[str, Any]:
        """What one call is made with."""
        import httpx

        return {
            "method": step.method,
            "url": f"{self.base_url}{step.path}",
            "headers": dict(step.headers),
            "content": step.content,
            "timeout": httpx.Timeout(step.timeout, connect=CONNECT),
        }


class Client(_Base):
    """The service, for programs with threads; one client can be used by many. Close it, or use it in a ``with``.

    ``key`` is a secret key and ``base_url`` the service's address; without them ``QBGATEWAY_KEY`` and
    ``QBGATEWAY_URL`` of the environment count, then ``http://localhost:4000``. ``timeout`` is how many seconds (whole,
    1 to 240) QuickBooks may take to answer; each call may say otherwise. ``max_retries`` is how often a call is tried
    again where that is safe. ``on_warning`` is told what QuickBooks warns of, as ``530 text``; without it that is
    logged. ``transport`` is httpx's: for a proxy, or to call a WSGI application directly.

    Raises :class:`~.errors.NotConfigured`; every call :class:`~.errors.ApiError`.
    """

    end_users: EndUsers
    auth_sessions: AuthSessions
    integration_connections: IntegrationConnections
    requests: Requests
    qbd: QuickBooks

    def __init__(
        self,
        key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = TIMEOUT,
        max_retries: int = RETRIES,
        on_warning: Callable[[str], None] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(key, base_url, timeout, max_retries, on_warning)
        import httpx

        self._http = httpx.Client(transport=transport, **self._options())

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: Call) -> Any:
        steps = converse(call, self.max_retries, self._on_warning)
        outcome: Outcome = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                outcome = None
            else:
                outcome = self._send(step)

    def _send(self, step: Send) -> Outcome:
        import httpx

        try:
            return _answer(self._http.request(**self._arguments(step)))
        except httpx.RequestError as error:
            return _lost(error)

    def _iterate(self, pages: Pages) -> Iterator[Any]:
        while pages.has_more:
            try:
                values = self._run(pages.call())
            except IntegrationError as error:
                raise pages.judged(error) from error.__cause__
            yield from pages.take(values)


class AsyncClient(_Base):
    """The same for ``asyncio``: every method is awaited, and ``iterate`` goes with ``async for``.

    The arguments are those of :class:`Client`.
    """

    end_users: AsyncEndUsers
    auth_sessions: AsyncAuthSessions
    integration_connections: AsyncIntegrationConnections
    requests: AsyncRequests
    qbd: AsyncQuickBooks

    def __init__(
        self,
        key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = TIMEOUT,
        max_retries: int = RETRIES,
        on_warning: Callable[[str], None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(key, base_url, timeout, max_retries, on_warning)
        import httpx

        self._http = httpx.AsyncClient(transport=transport, **self._options())

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, call: Call) -> Any:
        steps = converse(call, self.max_retries, self._on_warning)
        outcome: Outcome = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._send(step)

    async def _send(self, step: Send) -> Outcome:
        import httpx

        try:
            return _answer(await self._http.request(**self._arguments(step)))
        except httpx.RequestError as error:
            return _lost(error)

    async def _iterate(self, pages: Pages) -> AsyncIterator[Any]:
        while pages.has_more:
            try:
                values = await self._run(pages.call())
            except IntegrationError as error:
                raise pages.judged(error) from error.__cause__
            for one in pages.take(values):
                yield one


def _answer(response: httpx.Response) -> Answer:
    return Answer(
        response.status_code, {name.lower(): value for name, value in response.headers.items()}, response.content
    )


def _lost(error: httpx.RequestError) -> Lost:
    import httpx

    # Only these three come before the first byte of the call is on its way.
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    return Lost(error, not isinstance(error, unsent))
