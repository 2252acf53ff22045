"""One run: servers that die, Web Connectors to which everything happens, and a judgement at the end."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import soap.qwc
from soap.queue import Result, State
from soap.testing.judging import Kind, Tally, Violation
from soap.testing.killing import Site, site
from soap.testing.processes import Nursery

from ..company import Company
from ..connector import HTTPTransport, WebConnector
from ..connector.desk import Desk
from ..connector.home import Application
from ..connector.transport import HTTPAnswer, TransportError
from ..faults import Faults
from ..settings import Settings
from .work import any_requests, furnish, mark_of, marks

#: How often something goes wrong on one of the occasions that a connector meets.
FAULT_RATES = (0.0, 0.02, 0.05, 0.1)
#: How often the server dies in a run, how long it lives at most, and how long there is none then; the share of the
#: deaths that are by SIGTERM; how long calls wait for work.
DEATHS = (0, 1, 1, 2)
LONGEST_LIFE, LONGEST_DOWN = 0.4, 0.1
STOPS = 0.25
HOLDS = (0, 1)
#: How many requests or sets of them there are in a run, and the seconds between two at most.
LEAST, MOST = 4, 12
LONGEST_THOUGHT = 0.05
#: A second of the Web Connector's pauses takes so long.
PACE = 0.01
#: Seconds within which all connectors see that they are to stop.
PATIENCE = 60.0
#: Updates of each connector until all is quiet.
MOST_ROUNDS = 100

_FINAL = (State.DONE, State.FAILED, State.UNKNOWN, State.CANCELLED, State.EXPIRED)


class _Hurried:
    """Real time, but for pauses, which are short."""

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait, not for long."""
        time.sleep(max(0.0, seconds) * PACE)


class _Turmoil(Faults):
    """Everything that can be drawn, but a company file that is put back: what was done is lost with it."""

    def beginning(self, desk: Desk, application: Application) -> None:
        """See :class:`~qbsimulator.Faults`."""
        self._clock = desk.clock


class _ToTheServer:
    """Calls go to whichever server serves at the moment, wherever that is."""

    def __init__(self, site: Site, random: Random) -> None:
        self._site, self._random = site, random
        self._http = HTTPTransport(patience=30.0)

    def _there(self) -> str:
        server = self._site.any_server(self._random)
        if server is None:
            time.sleep(PACE)
            raise TransportError("Unable to connect to the remote server")
        return f"http://localhost:{server.port}/qbwc"

    def post(self, url: str, action: str, body: bytes) -> HTTPAnswer:
        """See :class:`~qbsimulator.connector.Transport`."""
        return self._http.post(self._there(), action, body)

    def get(self, url: str) -> HTTPAnswer:
        """See :class:`~qbsimulator.connector.Transport`."""
        return self._http.get(self._there())


class _Place:
    """A connection: its company, and the Web Connector beside it."""

    def __init__(self, name: str, company: Company, site: Site, random: Random) -> None:
        self.name, self.company, self._random = name, company, random
        self.faults = _Turmoil(seed=random.randrange(2**32), rate=random.choice(FAULT_RATES))
        self.connector = WebConnector(transport=_ToTheServer(site, random), clock=_Hurried(), faults=self.faults)
        account, password = site.accounts.add(name, name)
        owner_id, file_id = account.identifiers
        qwc = soap.qwc.build(
            app_name=name, url="http://localhost/qbwc", username=name, owner_id=owner_id, file_id=file_id
        )
        self.application = self.connector.add(qwc, company, password)
        self.updates = 0

    def go_on(self, stopping: threading.Event) -> None:
        """One update after the other."""
        while not stopping.is_set():
            self.updates += 1
            if not self.connector.update(self.application).documents:
                stopping.wait(PACE)

    def settle(self) -> bool:
        """One update in which nothing goes wrong; whether there was anything to do."""
        self.connector.faults = Faults()
        self.updates += 1
        return bool(self.connector.update(self.application).documents)


def run(seed: int, site: Site, template: Path, folder: Path) -> Tally:
    """One run. ``template`` is a company file that is copied for each connection, into ``folder``."""
    made = _Run(seed, site, template, folder)
    try:
        made.turmoil()
        made.settle()
        made.judge()
    except Exception as error:  # whatever it is, it should not have happened
        made.violate(Kind.ERROR, f"{type(error).__name__}: {error}")
        site.clear()
    finally:
        made.close()
    return made.tally


class _Run:
    def __init__(self, seed: int, site: Site, template: Path, folder: Path) -> None:
        self.seed, self.site = seed, site
        self.random = Random(f"simulator {seed}")
        self.tally = Tally(runs=1)
        self.stopping = threading.Event()
        site.the_server()
        self.places: dict[str, _Place] = {}
        for number in range(self.random.choice((1, 2))):
            name = f"run {seed} company {number}"
            path = folder / f"{name}.company"
            shutil.copy(template, path)
            company = Company.open(path)
            # Both readings of what QuickBooks says of a message set that it never met.
            company.configure(nothing_stored=(600, 9002)[seed % 2])
            self.places[name] = _Place(name, company, site, Random(self.random.random()))
        self.ids: dict[str, list[str]] = {name: [] for name in self.places}

    def violate(self, kind: Kind, text: str) -> None:
        """Note what must not be."""
        self.tally.violations.append(Violation(kind, f"run {self.seed}: {text}", self.seed))

    def close(self) -> None:
        """Let the companies go."""
        for place in self.places.values():
            place.company.close()

    # -- while the server dies ---------------------------------------------------------------------------------------

    def turmoil(self) -> None:
        """Everybody goes on while the server dies. Afterwards there is one that holds no calls."""
        works: list[Callable[[threading.Event], None]] = [one.go_on for one in self.places.values()]
        threads = [threading.Thread(target=self._guarded, args=(work,)) for work in [*works, self._ask]]
        for thread in threads:
            thread.start()
        try:
            self._deaths()
            threads[-1].join(PATIENCE)
        finally:
            self.stopping.set()
            until = time.monotonic() + PATIENCE
            for thread in threads:
                thread.join(max(0.0, until - time.monotonic()))
        if any(thread.is_alive() for thread in threads):
            raise AssertionError("a call is not answered")

    def _deaths(self) -> None:
        random, server = self.random, self.site.the_server()
        deaths = random.choice(DEATHS)
        for number in range(1, deaths + 1):
            self.stopping.wait(random.uniform(0.0, LONGEST_LIFE))
            stop = random.random() < STOPS
            complaints = self.site.end(server, stop=stop)
            if complaints:
                self.violate(Kind.ERROR, f"the server complained: {complaints}")
            self.tally.kills += not stop
            self.tally.stops += stop
            self.stopping.wait(random.uniform(0.0, LONGEST_DOWN))
            server = self.site.start(hold=random.choice(HOLDS) if number < deaths else 0)

    def _guarded(self, work: Callable[[threading.Event], None]) -> None:
        try:
            work(self.stopping)
        except Exception as error:  # whatever it is, it should not have happened
            self.violate(Kind.ERROR, f"{type(error).__name__}: {error}")

    def _ask(self, stopping: threading.Event) -> None:
        """Be the program that wants something of QuickBooks."""
        random = Random(self.random.random())
        for number in range(random.randint(LEAST, MOST)):
            name = random.choice(list(self.places))
            requests, more = any_requests(random, f"{self.seed}-{number}")
            marked = [mark_of(one) for one in requests]
            key = f"{self.seed}-{number}"
            self.ids[name] += self.site.queue.enqueue_many(name, requests, idempotency_key=key, metadata=marked, **more)
            stopping.wait(random.uniform(0.0, LONGEST_THOUGHT))

    # -- coming to rest ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Nothing goes wrong any more: updates are done until nothing is left."""
        from soap.queue.tables import requests as table

        queue = self.site.queue
        for _ in range(MOST_ROUNDS):
            with self.site.database.write() as sql:
                mine = table.c.connection.in_(list(self.ids))
                sql.execute(table.update().where(mine, table.c.not_before > queue.store.now()).values(not_before=1.0))
            busy = [place.settle() for place in self.places.values()]
            waiting = any(queue.find(name, states=[State.QUEUED, State.SENT], limit=1) for name in self.ids)
            if not any(busy) and not waiting:
                return

    def judge(self) -> None:
        """What came of it."""
        for name, place in self.places.items():
            self.tally.sessions += place.updates
            self.tally.mishaps.update(fault.name for fault in place.faults.fired)
            found = marks(place.company)
            results = {one.id: one for one in self.site.queue.find(name, limit=100_000)}
            for id_ in self.ids[name]:
                if id_ not in results:
                    self.violate(Kind.LOST, f"{id_} is not in the queue any more")
            for result in results.values():
                self._judge_one(result, found)
            for fault in place.company.check():
                self.violate(Kind.UNTRUE, f"the books of {name} are wrong: {fault}")
        known = {name: {str(mark) for mark in marks(place.company)} for name, place in self.places.items()}
        for name, there in known.items():
            strange = there - {mark for one in self.site.queue.find(name, limit=100_000) for mark in one.metadata or ()}
            if strange:
                self.violate(Kind.PLACE, f"{sorted(strange)} in {name}")

    def _judge_one(self, result: Result, found: dict[str, int]) -> None:
        mark = mark_of(result.request)
        done = 0 if mark is None else found.get(mark, 0)
        tally = self.tally
        tally.requests += 1
        tally.writes += result.writes
        tally.executed += done
        tally.states[f"{result.state.value}{' write' if result.writes else ''}"] += 1
        story = [event.reason for event in self.site.queue.history(result.id)]
        what = f"{result.id} {result.name} {result.state.value} {result.status_code} {story}"
        if done > 1:
            self.violate(Kind.TWICE, f"executed {done} times: {what}")
        if result.state not in _FINAL:
            self.violate(Kind.STUCK, what)
        if result.writes and result.state is State.DONE and not done:
            self.violate(Kind.LOST, f"said to be done, and not there: {what}")
        if result.state not in (State.DONE, State.UNKNOWN) and done:
            self.violate(Kind.UNTRUE, f"there, and not said to be done: {what}")


def chunk(folder: str, seeds: range) -> Tally:
    """Some runs, in a folder of their own."""
    place = Path(folder) / f"from {seeds.start}"
    place.mkdir()
    return run_chunk(f"sqlite:///{place / 'queue.sqlite'}", seeds, place)


def run_chunk(url: str, seeds: Iterable[int], folder: Path) -> Tally:
    """Several runs over one new database at ``url``; company files are made in ``folder``."""
    tally = Tally()
    template = folder / "template"
    with Company.create(template, settings=Settings(company_name="Campaign")) as company:
        furnish(company)
    with Nursery() as nursery, site(url, nursery) as made:
        for seed in seeds:
            tally.add(run(seed, made, template, folder))
    return tally
