"""The tables of transactions and of the ledger, beside those of the lists in the company file.

A transaction is kept as its record. What it posts, which of its parts are open, and the running totals follow from
records and links; ``qbsimulator check`` computes them anew and compares.
"""

from __future__ import annotations

TABLES = """
CREATE TABLE transactions (
    kind TEXT NOT NULL, id TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL, date TEXT NOT NULL,
    ref TEXT NOT NULL COLLATE NOCASE, entity TEXT, account TEXT, created REAL NOT NULL, modified REAL NOT NULL,
    edit_sequence TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX transaction_date ON transactions (kind, date, number);
CREATE INDEX transaction_modified ON transactions (kind, modified);
CREATE INDEX transaction_ref ON transactions (kind, ref);
CREATE INDEX transaction_entity ON transactions (entity, kind, date) WHERE entity IS NOT NULL;
CREATE INDEX transaction_account ON transactions (account, kind, date) WHERE account IS NOT NULL;
CREATE TABLE postings (
    txn TEXT NOT NULL, place INTEGER NOT NULL, line TEXT NOT NULL, account TEXT NOT NULL, cents INTEGER NOT NULL,
    entity TEXT, item TEXT, class TEXT, quantity TEXT, memo TEXT NOT NULL, date TEXT NOT NULL,
    PRIMARY KEY (txn, place)
) WITHOUT ROWID;
CREATE INDEX posting_account ON postings (account, date, cents);
CREATE INDEX posting_entity ON postings (entity, account) WHERE entity IS NOT NULL;
CREATE TABLE parts (
    txn TEXT NOT NULL, line TEXT NOT NULL, account TEXT NOT NULL, entity TEXT, cents INTEGER NOT NULL,
    open INTEGER NOT NULL, PRIMARY KEY (txn, line)
) WITHOUT ROWID;
CREATE INDEX part_open ON parts (entity, account) WHERE open <> 0;
CREATE TABLE links (
    number INTEGER PRIMARY KEY, type TEXT NOT NULL, owner TEXT NOT NULL, target TEXT NOT NULL,
    target_line TEXT NOT NULL, source TEXT NOT NULL, source_line TEXT NOT NULL, cents INTEGER NOT NULL,
    discount INTEGER NOT NULL, quantity TEXT NOT NULL
);
CREATE INDEX link_target ON links (target);
CREATE INDEX link_source ON links (source);
CREATE INDEX link_owner ON links (owner);
CREATE TABLE totals (key TEXT NOT NULL PRIMARY KEY, cents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE cleared (
    txn TEXT NOT NULL, line TEXT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (txn, line)
) WITHOUT ROWID;
CREATE TABLE deleted_transactions (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, ref TEXT NOT NULL, created REAL NOT NULL,
    deleted REAL NOT NULL
);
CREATE INDEX deleted_transaction_when ON deleted_transactions (kind, deleted);
"""
