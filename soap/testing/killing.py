"""Runs over a real server that is killed and started again, again and again, while everybody goes on.

The server is ``python -m soap serve``, on SQLite or PostgreSQL. Its callers are models of the Web Connector that reach
it over HTTP, each in a thread, with all that :mod:`soap.testing.connector` lets go wrong; requests come from this
process, through a queue over the same database. In the end all comes to rest, and is judged as in
:mod:`soap.testing.campaign`.

The number of a run decides who calls, what is asked and what goes wrong, and when the server dies; how far each caller
has come by then depends on the machine, and differs a little each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from ..queue import Limits, RequestQueue, State
from .connector import Calm, ModelConnector, SeededPlan, Step
from .judging import Kind, Tally, Violation, judge
from .processes import Failed, Nursery, Server
from .quickbooks import ModelQuickBooks
from .wire import Misanswered, WireEndpoint
from .world import MOST_ROUNDS, WRONG_FILE, any_request

#: How often something else goes wrong than that the server dies.
MISHAP_RATES = (0.0, 0.03, 0.1, 0.2)
#: How often it dies in a run, how long it lives at most, and how long there is none then.
DEATHS = (1, 1, 2, 2, 3)
LONGEST_LIFE, LONGEST_DOWN = 0.3, 0.15
#: The shares of the deaths that are by SIGTERM, of those whose successor is there before, of the starts from nothing.
STOPS, HANDOVERS, ANEW = 0.25, 0.2, 0.1
#: How long calls wait for work, in the lives of a server.
HOLDS = (0, 2)
#: A second, as ``any_request`` has it.
PACE = 0.05
#: How many requests or sets of them there are in a run.
LEAST, MOST = 3, 16
#: Seconds between two things that the caller of the queue does, at most.
LONGEST_THOUGHT = 0.06
#: Seconds that a caller to whom there was nothing to say waits.
NAP = 0.01
#: Seconds within which all callers see that they are to stop.
PATIENCE = 90.0


@dataclass
class _OneAtATime(ModelQuickBooks):
    """QuickBooks works on one document at a time, whoever brings it."""

    _turn: threading.Lock = field(default_factory=threading.Lock)

    def process(self, text: str) -> str:
        """See :class:`~soap.testing.quickbooks.ModelQuickBooks`."""
        with self._turn:
            return super().process(text)


class Site:
    """A database, and the servers that work on it; one at a time, but for the moments in which one follows another."""

    def __init__(self, url: str, nursery: Nursery) -> None:
        from ..accounts import SQLAccounts
        from ..queue.sql import SQLStore

        self.url, self._nursery = url, nursery
        store = SQLStore(url)
        self.queue, self.accounts, self.database = RequestQueue(store), SQLAccounts(store), store.database
        self._alive: list[Server] = []
        self._port = 0

    def any_server(self, random: Random) -> Server | None:
        """One that serves at the moment."""
        alive = list(self._alive)
        return random.choice(alive) if alive else None

    def start(self, *, hold: int = 0, anew: bool = False) -> Server:
        """Start a server. Raises :class:`~soap.testing.processes.Failed`."""
        # Where the one before it was, unless that is still there.
        port = 0 if self._alive else self._port
        arguments = ["serve", "--database", self.url, "--hold", str(hold), "--port"]
        try:
            server = self._nursery.start([*arguments, str(port)], anew=anew)
        except Failed as error:
            # Somebody else on this machine may have been given the port meanwhile.
            if not port or "can't be served" not in str(error):
                raise
            server = self._nursery.start([*arguments, "0"], anew=anew)
        self._port = server.port
        self._alive.append(server)
        return server

    def end(self, server: Server, *, stop: bool) -> str:
        """End a server, by SIGTERM or SIGKILL, and wait until it is dead; what it complained of."""
        self._alive.remove(server)
        (server.terminate if stop else server.kill)()
        return server.wait()

    def the_server(self) -> Server:
        """One that holds no calls; started if there is none."""
        return self._alive[-1] if self._alive else self.start()

    def clear(self) -> None:
        """Kill what is there."""
        while self._alive:
            with suppress(Failed):
                self.end(self._alive[-1], stop=False)


@contextmanager
def site(url: str, nursery: Nursery) -> Iterator[Site]:
    """A site over a new database at ``url``."""
    made = Site(url, nursery)
    try:
        yield made
    finally:
        made.clear()
        made.queue.close()


def run(seed: int, site: Site) -> Tally:
    """One run."""
    made = _Run(seed, site)
    try:
        made.turmoil()
        made.settle()
        made.judge()
    except Exception as error:  # whatever it is, it should not have happened
        made.violate(Kind.ERROR, f"{type(error).__name__}: {error}")
        site.clear()
    for wire in made.wires:
        wire.close()
    tally = made.tally
    tally.violations = [Violation(one.kind, f"run {seed} with kills: {one.text}", seed) for one in tally.violations]
    return tally


class _Run:
    def __init__(self, seed: int, site: Site) -> None:
        self.random = Random(f"kills {seed}")
        self.site, self.queue = site, site.queue
        self.stopping, self.asking = threading.Event(), threading.Lock()
        self.tally = Tally(runs=1)
        rate = self.random.choice(MISHAP_RATES)
        names = [f"run {seed} connection {number}" for number in range(self.random.randint(2, 4))]
        self.books: dict[str, _OneAtATime] = {}
        self.ids: dict[str, list[str]] = {name: [] for name in names}
        self.wires: list[WireEndpoint] = []
        self.callers: list[_Caller] = []
        self.wrong = _OneAtATime("", WRONG_FILE)
        for name in names:
            account, password = site.accounts.add(name, name)
            assert password is not None
            self.wrong.owner_id = account.owner_id
            self.books[name] = _OneAtATime(account.owner_id, account.file_id, unique_names=False)
            for _ in range(self.random.choice((1, 1, 2))):
                self.callers.append(self._caller(name, password, rate))

    def _caller(self, name: str, password: str, rate: float) -> _Caller:
        random = Random(self.random.random())
        wire = WireEndpoint(lambda: self.site.any_server(random))
        self.wires.append(wire)
        post: list[Callable[[], object]] = []
        connector = ModelConnector(
            lambda: wire, self.books[name], name, password, SeededPlan(random, rate), post=post, wrong=self.wrong
        )
        return _Caller(connector, post, random)

    def violate(self, kind: Kind, text: str) -> None:
        """Note what must not be."""
        self.tally.violations.append(Violation(kind, text))

    # -- while the server dies ---------------------------------------------------------------------------------------

    def turmoil(self) -> None:
        """Everybody goes on while the server dies. Afterwards there is one that holds no calls."""
        server = self.site.the_server()
        threads = [threading.Thread(target=self._guarded, args=(one.go_on,)) for one in self.callers]
        threads.append(threading.Thread(target=self._guarded, args=(self._ask,)))
        for thread in threads:
            thread.start()
        try:
            deaths = self.random.choice(DEATHS)
            for number in range(1, deaths + 1):
                server = self._next_server(server, hold=self.random.choice(HOLDS) if number < deaths else 0)
            self.stopping.wait(self.random.uniform(0.0, LONGEST_LIFE / 3))
        finally:
            self.stopping.set()
            until = monotonic() + PATIENCE
            for thread in threads:
                thread.join(max(0.0, until - monotonic()))
        if any(thread.is_alive() for thread in threads):
            self.violate(Kind.STUCK, "a call is not answered")
            self.site.clear()
            self.site.start()
            for thread in threads:
                thread.join(PATIENCE)

    def _next_server(self, server: Server, *, hold: int) -> Server:
        """Let a server live for a while, and another follow it."""
        random = self.random
        stop, handover, anew = (random.random() < share for share in (STOPS, HANDOVERS, ANEW))
        life, down = random.uniform(0.0, LONGEST_LIFE), max(0.0, random.uniform(-LONGEST_DOWN, LONGEST_DOWN))
        self.stopping.wait(life)
        follower = self.site.start(hold=hold, anew=anew) if handover else None
        if follower is None and random.random() < 0.5:
            # Then the server is the only one to have the database open, and whoever comes next has to mend it.
            with self.asking:
                self.site.database.engine.dispose()
        complaints = self.site.end(server, stop=stop)
        if complaints:
            self.violate(Kind.ERROR, f"the server complained: {complaints}")
        self.tally.kills += not stop
        self.tally.stops += stop
        if follower is None:
            self.stopping.wait(down)
            follower = self.site.start(hold=hold, anew=anew)
        return follower

    def _guarded(self, work: Callable[[threading.Event], None]) -> None:
        try:
            work(self.stopping)
        except Misanswered as error:
            self.violate(Kind.ERROR, f"misanswered: {error}")
        except Exception as error:  # whatever it is, it should not have happened
            self.violate(Kind.ERROR, f"{type(error).__name__}: {error}")

    def _ask(self, stopping: threading.Event) -> None:
        """Be the program that wants something of QuickBooks."""
        random = Random(self.random.random())
        number = 0
        # At first without a pause, so that there is something to do in the shortest run.
        while number < LEAST or not stopping.wait(random.uniform(0.0, LONGEST_THOUGHT)):
            with self.asking:
                number += self._ask_once(random, number)

    def _ask_once(self, random: Random, number: int) -> bool:
        """Do something with the queue; whether it was to put something in."""
        name = random.choice(list(self.ids))
        choice = random.random()
        if number < LEAST or choice < 0.85:
            if number == MOST:
                return False
            files: list[ModelQuickBooks] = [self.books[name]]
            requests, more = any_request(random, number, files, self.queue.store.now(), pace=PACE)
            self.ids[name] += self.queue.enqueue_many(name, requests, idempotency_key=f"key {number}", **more)
            return True
        if choice < 0.90 and self.ids[name]:
            self.queue.cancel(random.choice(self.ids[name]))
        elif choice < 0.93:
            self.queue.pause(name)
        elif choice < 0.98:
            self.queue.resume(name)
        else:
            self.queue.tend()
        return False

    # -- coming to rest ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Nothing goes wrong any more: what is late arrives or never does, and sessions run until all is quiet."""
        for caller in self.callers:
            caller.settle()
        for name in self.ids:
            self.queue.resume(name)
        for _ in range(MOST_ROUNDS):
            self._let_time_pass()
            busy = not all(caller.connector.is_idle for caller in self.callers)
            begun = sum(caller.connector.session() for caller in self.callers)
            if not busy and not begun and not self._waiting():
                return

    def _let_time_pass(self) -> None:
        """What waits for its time need not wait any longer."""
        from ..queue.tables import requests as table

        with self.site.database.write() as sql:
            mine = table.c.connection.in_(list(self.ids))
            sql.execute(table.update().where(mine, table.c.not_before > self.queue.store.now()).values(not_before=1.0))

    def _waiting(self) -> bool:
        waiting = [State.QUEUED, State.SENT]
        return any(self.queue.find(name, states=waiting, limit=1) for name in self.ids)

    def judge(self) -> None:
        """What came of it."""
        self.tally.add(judge(self.queue, self.books, self.ids, Limits(), self.wrong, in_order=True))
        self.tally.count(caller.connector for caller in self.callers)


class _Caller:
    """A Web Connector, in a thread."""

    def __init__(self, connector: ModelConnector, post: list[Callable[[], object]], random: Random) -> None:
        self.connector, self._post, self._random = connector, post, random

    def go_on(self, stopping: threading.Event) -> None:
        """Make one call after the other; those that are late arrive in between."""
        random, connector = self._random, self.connector
        while not stopping.is_set():
            choice = random.random()
            if choice < 0.08 and self._post:
                self._deliver()
            elif choice < 0.09:
                connector.vanish()
            elif connector.step() is Step.AUTHENTICATE and connector.is_idle:
                stopping.wait(NAP)

    def settle(self) -> None:
        """From now on nothing goes wrong."""
        self.connector.plan = Calm()
        while self._post:
            if self._random.random() < 0.5:
                self._deliver()
            else:
                self._post.pop()

    def _deliver(self) -> None:
        self._post.pop(self._random.randrange(len(self._post)))()


def run_chunk(url: str, seeds: Iterable[int]) -> Tally:
    """Several runs over one new database."""
    tally = Tally()
    with Nursery() as nursery, site(url, nursery) as made:
        for seed in seeds:
            tally.add(run(seed, made))
    return tally
