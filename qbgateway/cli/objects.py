"""The commands on what the gateway keeps: init, accounts, keys, end-users, connections, db."""

from __future__ import annotations

import argparse
from typing import Any

from ..service import Account, Gateway, KeyPair
from ..service.connections import moment
from . import EXIT_GOOD
from .common import gateway, say, say_rows, say_values


def init(options: argparse.Namespace) -> int:
    """``init``."""
    with gateway(options, migrate=True) as opened:
        account = opened.accounts.create(options.name)
        say_values(options, _made(account, _keys(opened, account.id, options)))
    return EXIT_GOOD


def create_account(options: argparse.Namespace) -> int:
    """``accounts create``."""
    with gateway(options) as opened:
        account = opened.accounts.create(options.name, options.redirect_host)
        say_values(options, {"account": account.id, "name": account.name})
    return EXIT_GOOD


def list_accounts(options: argparse.Namespace) -> int:
    """``accounts list``."""
    with gateway(options) as opened:
        rows = [(one.id, one.name, moment(one.created_at)) for one in opened.accounts.list()]
        say_rows(options, ("account", "name", "created"), rows)
    return EXIT_GOOD


def create_keys(options: argparse.Namespace) -> int:
    """``keys create``."""
    with gateway(options) as opened:
        account = opened.accounts.get(options.account)
        say_values(options, _made(account, _keys(opened, account.id, options)))
    return EXIT_GOOD


def list_keys(options: argparse.Namespace) -> int:
    """``keys list``."""
    with gateway(options) as opened:
        account = opened.accounts.get(options.account)
        rows = [
            (
                one.id,
                one.kind,
                f"...{one.ending}",
                "read-only" if one.read_only else None,
                _moment(one.last_used_at),
                _moment(one.revoked_at),
            )
            for one in opened.accounts.keys(account.id)
        ]
        say_rows(options, ("key", "kind", "ends in", "limits", "last used", "revoked"), rows)
    return EXIT_GOOD


def revoke_key(options: argparse.Namespace) -> int:
    """``keys revoke``."""
    with gateway(options) as opened:
        key = opened.accounts.revoke(options.account, options.key)
        say(f"{key.id} opens nothing any more")
    return EXIT_GOOD


def list_end_users(options: argparse.Namespace) -> int:
    """``end-users``."""
    with gateway(options) as opened:
        tenant = opened.tenant(opened.accounts.get(options.account).id)
        rows = [(one.id, one.source_id, one.company_name, one.email) for one in tenant.end_users.list()]
        say_rows(options, ("end user", "source id", "company", "email"), rows)
    return EXIT_GOOD


def list_connections(options: argparse.Namespace) -> int:
    """``connections``."""
    with gateway(options) as opened:
        connections = opened.tenant(opened.accounts.get(options.account).id).connections
        rows = []
        for one in connections.list():
            diagnosis = connections.diagnose(one)
            rows.append((one.id, one.end_user_id, diagnosis.standing.value, diagnosis.reason))
        say_rows(options, ("connection", "end user", "status", "why"), rows)
    return EXIT_GOOD


def upgrade_database(options: argparse.Namespace) -> int:
    """``db upgrade``."""
    with gateway(options, migrate=True):
        say("the database is up to date")
    return EXIT_GOOD


def _keys(opened: Gateway, account_id: str, options: argparse.Namespace) -> KeyPair:
    return opened.accounts.create_keys(account_id, read_only=options.read_only, numbers=options.numbers)


def _made(account: Account, pair: KeyPair) -> dict[str, Any]:
    return {"account": account.id, "secret key": pair.secret_text, "publishable key": pair.publishable_text}


def _moment(when: float | None) -> str | None:
    return None if when is None else moment(when)
