from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, text

from qbgateway.errors import Unusable
from qbgateway.service import Gateway, Settings
from qbgateway.store import Store
from qbgateway.store.migrating import HEAD, configuration, revision_of, upgrade
from qbgateway.store.tables import metadata, version
from soap import SQLQueue

from .helpers import INSTANCE, PUBLIC_URL, Books


def differences(store: Store) -> list[object]:
    """What Alembic would have to do to make the tables what ``tables.py`` says."""
    with store.read() as sql:
        ours = {*metadata.tables}
        context = MigrationContext.configure(
            sql,
            opts={
                "version_table": version.name,
                "include_name": lambda name, kind, parents: kind != "table" or name in ours,
            },
        )
        return list(compare_metadata(context, metadata))


def test_the_last_migration_is_the_one_that_a_start_looks_for() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [HEAD]


def test_on_sqlite_the_tables_are_made_at_the_start(books: Books) -> None:
    with books.gateway.store.read() as sql:
        assert revision_of(sql) == HEAD
        assert sql.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_the_migrations_come_to_the_tables_that_the_code_has(books: Books) -> None:
    assert differences(books.gateway.store) == []


def test_a_second_start_finds_what_the_first_one_made(books: Books, tmp_path: Path) -> None:
    queue = SQLQueue(f"sqlite:///{tmp_path / 'gateway.db'}")
    gateway = Gateway(queue, Settings(PUBLIC_URL), INSTANCE)
    assert [one.name for one in gateway.accounts.list()] == ["Swamp & Sons"]
    gateway.close()


def test_the_tables_of_a_newer_release_are_refused(books: Books, tmp_path: Path) -> None:
    with books.gateway.store.write() as sql:
        sql.execute(version.update().values(version_num="9999"))
    queue = SQLQueue(f"sqlite:///{tmp_path / 'gateway.db'}")
    with pytest.raises(Unusable, match="9999"):
        Store(queue)
    queue.close()


def test_on_postgresql_a_start_refuses_with_the_command_to_run(postgresql: Callable[[], URL]) -> None:
    queue = SQLQueue(postgresql())
    with pytest.raises(Unusable, match="python -m qbgateway db upgrade"):
        Store(queue)
    store = Store(queue, migrate=True)
    assert differences(store) == []
    with store.write() as sql:
        assert upgrade(sql) == HEAD
    Store(queue)
    queue.close()


def test_what_was_made_at_once_is_made_or_not(books: Books) -> None:
    class Planned(Exception):
        pass

    def break_off() -> None:
        with books.gateway.store.write() as sql:
            sql.execute(text("DELETE FROM qbgateway_accounts"))
            raise Planned

    with pytest.raises(Planned):
        break_off()
    assert books.gateway.accounts.list() == [books.account]
