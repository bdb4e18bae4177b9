"""Journals and ledgers written by hand, row by row, for the judge to be judged by."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from attrs import define, field, frozen


_TABLES = """
CREATE TABLE events (seq INTEGER PRIMARY KEY, at TEXT, type TEXT, account TEXT, alert_id TEXT,
    order_id TEXT, writer TEXT, epoch INTEGER, number INTEGER, cause TEXT, body TEXT);
CREATE TABLE keys (key TEXT PRIMARY KEY, seq INTEGER NOT NULL);
"""


@frozen
class Fact:
    """An event's type and body."""

    type: str
    body: dict[str, Any]

    def but(self, **other: Any) -> "Fact":
        """The same with some fields otherwise."""
        return Fact(self.type, {**self.body, **other})


@define
class Written:
    """A store to be: facts in order, a second apart, beginning at `second`."""

    second: int = 0
    facts: list[Fact] = field(factory=list)
    gaps: set[int] = field(factory=set)
    keys: dict[str, int] = field(factory=dict)

    def add(self, *facts: Fact) -> Self:
        """More facts."""
        self.facts += facts
        return self

    def index(self, kind: str) -> int:
        """Where the first fact of a type stands."""
        return next(n for n, fact in enumerate(self.facts) if fact.type == kind)

    def drop(self, kind: str) -> Fact:
        """Take the first fact of a type out, as if it had never been written."""
        return self.facts.pop(self.index(kind))

    def change(self, kind: str, **other: Any) -> None:
        """Write the first fact of a type otherwise."""
        at = self.index(kind)
        self.facts[at] = self.facts[at].but(**other)

    def repeat(self, kind: str, **other: Any) -> None:
        """Write the first fact of a type again at the end, perhaps otherwise."""
        self.facts.append(self.facts[self.index(kind)].but(**other))

    def save(self, path: Path) -> None:
        """Write the file."""
        with closing(sqlite3.connect(path)) as db:
            db.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {_TABLES}")
            for seq, fact in enumerate(self.facts, 1):
                at = f"2026-11-20T14:30:{self.second + seq:02d}.000000Z"
                body = json.dumps({"at": at, **fact.body})
                row = (seq + sum(gap <= seq for gap in self.gaps), at, fact.type, body)
                db.execute("INSERT INTO events (seq, at, type, body) VALUES (?, ?, ?, ?)", row)
            db.executemany("INSERT INTO keys VALUES (?, ?)", self.keys.items())
            db.commit()


_ALERT = {"alert_id": "a1", "strategy": "demo", "symbol": "AAPL"}
_DECISION = {**_ALERT, "account": "paper"}
_ORDER = {"order_id": "a1.paper.1", "alert_id": "a1", "account": "paper"}
_TERMS = {"symbol": "AAPL", "side": "buy", "quantity": "5"}
_EXECUTION = {**_TERMS, "execution_id": "P1.1", "price": "100.10", "fee": "0"}


def good_journal() -> Written:
    """One alert all the way to its fill, another refused."""
    refused = {**_DECISION, "alert_id": "a2", "code": "NOTHING_TO_DO", "inputs": {}}
    return Written().add(
        Fact("AccountOpened", {"account": "paper", "cash": "25000"}),
        Fact(
            "AlertAccepted",
            {**_ALERT, "routes": ["paper"], "client_id": "c1", "dedup": "accept:demo:c1"},
        ),
        Fact("SignalApproved", _DECISION),
        Fact(
            "OrderPlanned",
            {**_ORDER, **_TERMS, "strategy": "demo", "order_type": "market", "limit_price": None},
        ),
        Fact("SubmitStarted", {**_ORDER, "generation": 0}),
        Fact("OrderAccepted", {**_ORDER, "broker_order_id": "P1"}),
        Fact("OrderFilled", {**_ORDER, **_EXECUTION, "strategy": "demo"}),
        Fact(
            "AlertAccepted",
            {**_ALERT, "alert_id": "a2", "routes": ["paper"], "dedup": "accept:demo:c2"},
        ),
        Fact("SignalRefused", refused),
    )


def good_ledger() -> Written:
    """The venue's side of it."""
    order = {"order_id": "a1.paper.1", "broker_order_id": "P1"}
    return Written(second=10).add(
        Fact("LedgerOpened", {"account": "paper", "cash": "25000"}),
        Fact("PaperAccepted", {**order, **_TERMS, "order_type": "market", "limit_price": None}),
        Fact("PaperFilled", {**order, **_EXECUTION}),
    )
