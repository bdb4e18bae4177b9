"""The judge: reads the journal and the paper ledgers as plain rows and looks for broken promises.

    python -m tests.crash.checker STATE_DIR [--acks FILE] [--live FILE]

Meant for a daemon at rest: stopped, or with nothing under way. It imports nothing of the bot.
Prints each finding on a line and ends with 1; or one line of counts and ends with 0.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tests.crash.fold import State, fold
from tests.crash.invariants import DECISIONS, i1, i2, i3, i5, i5_live, i8
from tests.crash.rows import File, read_file


@frozen(kw_only=True)
class Evidence:
    """All there is to judge by."""

    journal: File
    ledgers: dict[str, File]
    acks: tuple[dict[str, Any], ...] = ()
    live: dict[str, Any] | None = None
    state: State = field(init=False)

    @state.default
    def _folded(self) -> State:
        return fold(self.journal.rows)


def gather(state_dir: Path, acks: Path | None = None, live: Path | None = None) -> Evidence:
    """Read everything; ledgers by the account that they name, else by their file's name."""
    ledgers: dict[str, File] = {}
    for path in sorted(state_dir.glob("paper-*.db")):
        ledger = read_file(path)
        account = next((row.text("account") for row in ledger.of("LedgerOpened")), "")
        ledgers[account or path.stem.removeprefix("paper-")] = ledger
    return Evidence(
        journal=read_file(state_dir / "journal.db"),
        ledgers=ledgers,
        acks=tuple(_lines(acks)) if acks is not None and acks.exists() else (),
        live=None if live is None else json.loads(live.read_text()),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """What was noted line by line; a last line cut off by a kill was never a promise."""
    for line in path.read_text().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def findings(evidence: Evidence) -> list[str]:
    """Every broken promise, one sentence each, beginning with its number."""
    journal, state = evidence.journal, evidence.state
    found = [
        f"file: {file.name} {fault}"
        for file in (journal, *evidence.ledgers.values())
        for fault in file.faults
    ]
    found += i1(journal, evidence.acks)
    found += i2(journal, evidence.ledgers)
    found += i3(journal, state, evidence.ledgers)
    found += i5(journal, state, evidence.ledgers)
    found += i8(journal, state, evidence.ledgers)
    if evidence.live is not None:
        found += i5_live(state, evidence.live)
    return found


def summary(evidence: Evidence) -> str:
    """What was looked at, in one line."""
    kinds = Counter(row.type for row in evidence.journal.rows)
    taken = sum(1 for ledger in evidence.ledgers.values() for _ in ledger.of("PaperAccepted"))
    orders = Counter(order.status for order in evidence.state.orders.values())
    ends = ", ".join(f"{count} {status}" for status, count in sorted(orders.items())) or "none"
    again = sum(1 for ack in evidence.acks if ack["status"] == "duplicate")
    return (
        f"nothing found: {len(evidence.journal.rows)} events, "
        f"{len(evidence.acks)} acks ({again} of them for a duplicate), "
        f"{kinds['AlertAccepted']} alerts, {kinds['SignalRefused']} refused, "
        f"orders {ends}; {taken} at the venue"
    )


def unfinished(state_dir: Path) -> int:
    """How many decisions and outcomes are still owed; 0 where everything is at rest."""
    journal = read_file(state_dir / "journal.db")
    if journal.faults:
        return 1
    owed = {
        (row.text("alert_id"), route)
        for row in journal.of("AlertAccepted")
        for route in row.body.get("routes", ())
    }
    owed -= {(row.text("alert_id"), row.text("account")) for row in journal.of(*DECISIONS)}
    under_way = {
        "PLANNED",
        "SUBMITTED",
        "UNKNOWN",
        "PENDING_CANCEL",
        "ACCEPTED",
        "PARTIALLY_FILLED",
    }
    orders = fold(journal.rows).orders.values()
    return len(owed) + sum(1 for order in orders if order.status in under_way)


def main(arguments: Iterable[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="tests.crash.checker", description=__doc__)
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--acks", type=Path, help="a JSON object a line: alert_id, status, id")
    parser.add_argument("--live", type=Path, help="what the API answered at rest")
    asked = parser.parse_args(None if arguments is None else list(arguments))
    evidence = gather(asked.state_dir, asked.acks, asked.live)
    found = findings(evidence)
    print("\n".join(found) if found else summary(evidence))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
