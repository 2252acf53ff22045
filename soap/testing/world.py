"""A server, several company files and their connectors, with all that can go wrong between them; and the judge of it.

:class:`World` lets things happen one at a time, in an order that a random generator decides or that its caller
does. :meth:`World.settle` then lets everything come to rest, and :meth:`World.judge` says what is not as it must be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from lxml import etree

from ..authentication import Account, Refusal
from ..endpoint import Endpoint, Options
from ..queue import Limits, RequestQueue, State, Store, Transaction
from .connector import Calm, Down, ModelConnector, Plan, Step
from .judging import Kind, Tally, Violation, judge
from .quickbooks import ModelQuickBooks
from .rows import Clock

PASSWORD = "reeds"
OWNER = "{57F3B9B1-86F1-4FCC-B1EE-566DE1813D20}"
WRONG_FILE = "{00000000-0000-4000-8000-000000000000}"
#: Sessions that everything gets to come to rest.
MOST_ROUNDS = 80


class CrashingStore:
    """A store that goes down at its ``n``-th commit: before it, so that nothing is kept, or after, so that all is.

    ``plan`` says which: each commit takes one ``before``, ``after`` or ``""`` from it.
    """

    def __init__(self, store: Store, plan: Callable[[], str]) -> None:
        self._store, self._plan = store, plan
        self.crashes = Counter[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def transaction(self, connection: str) -> Iterator[Transaction]:
        """See :class:`~soap.queue.store.Store`."""
        crash = self._plan()
        with self._store.transaction(connection) as transaction:
            yield transaction
            self._at("before", crash)
        self._at("after", crash)

    def insert(self, *given: Any, **more: Any) -> bool:
        """See :class:`~soap.queue.store.Store`."""
        crash = self._plan()
        self._at("before", crash)
        added = self._store.insert(*given, **more)
        self._at("after", crash)
        return added

    def _at(self, moment: str, crash: str) -> None:
        if crash == moment:
            self.crashes[moment] += 1
            raise Down(f"{moment} a commit")


class _Doorman:
    """Everybody whose name is a connection's signs in."""

    def __init__(self, accounts: dict[str, Account]) -> None:
        self._accounts = accounts

    def authenticate(self, username: str, password: str, address: str | None) -> Account | Refusal:
        """See :class:`~soap.authentication.Authenticator`."""
        account = self._accounts.get(username)
        return account if account is not None and password == PASSWORD else Refusal.NOT_VALID_USER


class World:
    """One server with ``connections`` company files, each with ``connectors`` Web Connectors.

    ``store`` is asked for the store to begin with, and again whenever the server went down: it has to hold the same
    data then. ``crash`` is asked at each commit whether the process dies there: ``before``, ``after`` or ``""``.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        clock: Clock,
        random: Random,
        plan: Plan,
        *,
        names: Sequence[str] = ("acme",),
        connectors: int = 2,
        crash: Callable[[], str] = lambda: "",
        options: Options | None = None,
    ) -> None:
        self.clock, self.random, self.plan = clock, random, plan
        self._open, self._crash, self._options = store, crash, options or Options()
        self.limits = Limits(lock_delay=2.0, lock_retries=3, session_timeout=600.0)
        self.books = {
            name: ModelQuickBooks(OWNER, f"{{B1A53EBA-7D62-4F4A-A6DC-{number:012X}}}", unique_names=False)
            for number, name in enumerate(names)
        }
        self.wrong = ModelQuickBooks(OWNER, WRONG_FILE)
        accounts = {name: Account(name, "", books.file_id, OWNER) for name, books in self.books.items()}
        self._doorman = _Doorman(accounts)
        self.post: list[Callable[[], object]] = []
        self.crashes = 0
        #: The ids that :meth:`enqueue` returned, by connection.
        self.ids: dict[str, list[str]] = {name: [] for name in names}
        self.names: dict[str, str] = {}
        self.violations: list[Violation] = []
        self._keys = 0
        self._restart()
        self.connectors = [self._connector(name) for name in names for _ in range(connectors)]

    def _connector(self, name: str) -> ModelConnector:
        made = ModelConnector(
            lambda: self.endpoint,
            self.books[name],
            name,
            PASSWORD,
            self.plan,
            post=self.post,
            wrong=self.wrong,
            clock=self.clock,
            patience=self.limits.session_timeout,
        )
        made.on_document = lambda text: self._check_order(name, text)
        return made

    def _restart(self) -> None:
        """A new process over the same data."""
        self.store = CrashingStore(self._open(), self._crash)
        self.queue = RequestQueue(self.store, limits=self.limits)
        self.endpoint = Endpoint(self.queue, self._doorman, self._options)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Whatever dies in here is started anew."""
        before = self.store.crashes.total()
        try:
            yield
        except Down:
            pass
        finally:
            if self.store.crashes.total() > before:
                self.crashes += 1
                self._restart()

    # -- what can happen ---------------------------------------------------------------------------------------------

    def enqueue(self, name: str, requests: list[dict[str, Any]], *, one_set: bool = False, **more: Any) -> list[str]:
        """Queue requests, with a key, until the queue says that it has them: as a careful caller does."""
        self._keys += 1
        while True:
            with self.alive():
                ids = self.queue.enqueue_many(
                    name, requests, one_set=one_set, idempotency_key=f"key {self._keys}", **more
                )
                self.ids[name] += ids
                return ids

    def step(self, connector: ModelConnector) -> Step:
        """One call of a connector, or one document run."""
        made = connector.step_due
        with self.alive():
            made = connector.step()
        return made

    def deliver(self, number: int) -> None:
        """One of the calls that are late arrives."""
        with self.alive():
            self.post.pop(number % len(self.post))()

    def cancel(self, id: str) -> None:
        """The caller changes his mind."""
        with self.alive():
            self.queue.cancel(id)

    def pause(self, name: str, *, resume: bool) -> None:
        """The caller holds up a connection, or lets it go on."""
        with self.alive():
            (self.queue.resume if resume else self.queue.pause)(name)

    def tend(self) -> None:
        """What time brings is done."""
        with self.alive():
            self.queue.tend()

    def any_request(self, number: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """See :func:`any_request`."""
        return any_request(self.random, number, list(self.books.values()), self.clock.now)

    def anything(self, number: int) -> None:
        """One thing at random."""
        random = self.random
        choice = random.random()
        if choice < 0.10 and number < 400:
            requests, more = self.any_request(number)
            self.enqueue(random.choice(list(self.ids)), requests, **more)
        elif choice < 0.16 and self.post:
            self.deliver(random.randrange(len(self.post)))
        elif choice < 0.165:
            ids = self.ids[random.choice(list(self.ids))]
            if ids:
                self.cancel(random.choice(ids))
        elif choice < 0.22:
            self.clock.advance(random.choice((0.5, 3.0, 20.0, 20.0, 601.0)))
        elif choice < 0.23:
            self.tend()
        elif choice < 0.25:
            self.pause(random.choice(list(self.ids)), resume=random.random() < 0.7)
        elif choice < 0.26:
            random.choice(self.connectors).vanish()
        else:
            self.step(random.choice(self.connectors))

    # -- coming to rest ----------------------------------------------------------------------------------------------

    def settle(self, *, crashing: bool = False) -> None:
        """Nothing goes wrong any more: what is late arrives or never does, and sessions run until all is quiet.

        ``crashing``: but that the server may still die.
        """
        self.plan = Calm()
        if not crashing:
            self._crash = self.store._plan = lambda: ""
        for connector in self.connectors:
            connector.plan = self.plan
        while self.post:
            if self.random.random() < 0.5:
                self.deliver(self.random.randrange(len(self.post)))
            else:
                self.post.pop()
        for name in self.ids:
            self.pause(name, resume=True)
        for _ in range(MOST_ROUNDS):
            self.clock.advance(30.0)
            self.tend()
            busy = not all(connector.is_idle for connector in self.connectors)
            begun = sum(self._session(connector) for connector in self.connectors)
            if not busy and not begun and not self._waiting():
                return

    def _session(self, connector: ModelConnector) -> bool:
        with self.alive():
            return connector.session()
        return True

    def _waiting(self) -> bool:
        return any(self.queue.find(name, states=[State.QUEUED, State.SENT], limit=1) for name in self.ids)

    # -- judging -----------------------------------------------------------------------------------------------------

    def _check_order(self, name: str, text: str) -> None:
        """What is handed out for the first time is the first of what waits."""
        (message_set,) = etree.fromstring(text.encode())
        entry = self.store.entry(message_set[0].get("requestID", "")) if len(message_set) else None
        if entry is None or entry.attempts != 1 or entry.lock_retries or entry.split_from is not None:
            return
        waiting = self.store.find(name, states=[State.QUEUED], names=None, after=0, newest_first=False, limit=1000)
        for other in waiting:
            due = other.place == 0 and (other.not_before is None or other.not_before <= self.clock.now)
            if due and (-other.priority, other.number) < (-entry.priority, entry.number):
                self.violations.append(Violation(Kind.ORDER, f"{entry.id} was handed out before {other.id}"))

    def judge(self) -> Tally:
        """Everything that is not as it must be, and how much there was of what."""
        tally = judge(self.queue, self.books, self.ids, self.limits, self.wrong)
        tally.runs, tally.crashes = 1, self.crashes
        tally.violations[:0] = self.violations
        tally.count(self.connectors)
        return tally


def any_request(
    random: Random, number: int, files: Sequence[ModelQuickBooks], now: float, *, pace: float = 1.0
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Requests at random, with choices: reads, additions, changes, sets, those that fail and those that wait.

    ``files`` are told what to refuse, and which records are in use. ``pace`` is the length of a second.
    """
    more: dict[str, Any] = {}
    kind = random.choice(("read", "add", "add", "add", "mod", "set", "set", "refused", "page"))
    requests: list[dict[str, Any]]
    names = [f"{kind} {number} {index}" for index in range(random.randint(2, 4) if kind == "set" else 1)]
    if kind == "read":
        requests = [{"CustomerQueryRq": {"FullName": [names[0]]}}]
    elif kind == "page":
        page = {"iterator": "Continue", "iteratorID": f"{{{number:032x}}}", "MaxReturned": 5}
        requests = [{"CustomerQueryRq": page}]
    elif kind == "mod":
        mod = {"ListID": "80000000-1700000000", "EditSequence": str(random.randint(1, 3)), "Name": names[0]}
        requests = [{"CustomerModRq": {"CustomerMod": mod}}]
    else:
        requests = [{"CustomerAddRq": {"CustomerAdd": {"Name": name}}} for name in names]
    if kind == "refused" or (kind == "set" and random.random() < 0.4):
        for books in files:
            books.refused_names.add(random.choice(names))
    if random.random() < 0.25:
        for books in files:
            books.locked[names[0]] = random.randint(1, 5)
    if kind == "set":
        more |= {"one_set": True, "on_error": random.choice(("stopOnError", "continueOnError"))}
    if random.random() < 0.2:
        more["on_lost"] = "ask"
    if random.random() < 0.3:
        more["priority"] = random.randint(-2, 2)
    if random.random() < 0.15:
        more["not_before"] = now + random.uniform(0, 30) * pace
    if random.random() < 0.15:
        more["expires_at"] = now + random.uniform(5, 60) * pace
    if random.random() < 0.2:
        more["handler"] = "handler"
    return requests, more
