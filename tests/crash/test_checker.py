"""The judge on trial: each promise, broken on purpose in hand-written files, is found by name."""

import json
from pathlib import Path

import pytest

from tests.crash.checker import findings, gather, main, unfinished
from tests.crash.written import Fact, good_journal, good_ledger


class Case:
    """A journal, a ledger and promises; good as they are made, to be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal, self.ledger = good_journal(), good_ledger()
        self.acks = [{"alert_id": "a1", "status": "accepted", "id": "c1"}]
        self.live: dict[str, object] = {}

    def save(self) -> None:
        self.journal.save(self.folder / "journal.db")
        self.ledger.save(self.folder / "paper-paper.db")
        lines = "".join(json.dumps(ack) + "\n" for ack in self.acks)
        (self.folder / "acks").write_text(lines)
        (self.folder / "live").write_text(json.dumps(self.live))

    def found(self) -> str:
        self.save()
        return "\n".join(findings(gather(self.folder, self.folder / "acks", self.folder / "live")))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def _order(case: Case, status: str) -> None:
    """Another order, planned, perhaps sent, at the venue or not: it ends as its journal says."""
    order = {"order_id": "a3.paper.1", "alert_id": "a3", "account": "paper"}
    alert = case.journal.facts[case.journal.index("AlertAccepted")].but(
        alert_id="a3", dedup="accept:demo:c3", client_id="c3"
    )
    plan = case.journal.facts[case.journal.index("OrderPlanned")].but(**order)
    approved = case.journal.facts[case.journal.index("SignalApproved")].but(alert_id="a3")
    case.journal.add(alert, approved, plan)
    if status != "Planned":
        case.journal.add(Fact("SubmitStarted", order), Fact(status, order))


def test_good_books_are_found_good(case: Case) -> None:
    assert case.found() == ""


# --- the files ----------------------------------------------------------------------------------


def test_a_gap_in_seq_is_found(case: Case) -> None:
    case.journal.gaps = {4}
    assert "file: journal.db has a gap: seq 5 stands where 4 should" in case.found()


def test_a_key_without_its_event_is_found(case: Case) -> None:
    case.ledger.keys = {"send:x": 99}
    assert "file: paper-paper.db has a key without its event: send:x" in case.found()


def test_a_missing_journal_is_found(tmp_path: Path) -> None:
    assert findings(gather(tmp_path)) == ["file: journal.db is not there"]


def test_a_file_that_is_no_database_is_found(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database, but long enough to be read as one" * 9)
    assert findings(gather(tmp_path))[0].startswith("file: journal.db cannot be read")


# --- I1 -----------------------------------------------------------------------------------------


def test_a_promise_that_the_journal_does_not_hold_is_found(case: Case) -> None:
    case.acks.append({"alert_id": "a9", "status": "accepted", "id": "c9"})
    assert "I1: alert a9 was answered accepted and is not in the journal" in case.found()


def test_one_alert_that_became_two_is_found(case: Case) -> None:
    case.acks.append({"alert_id": "a2", "status": "duplicate", "id": "c1"})
    assert "I1: what was sent as c1 became two alerts, a1 and a2" in case.found()


def test_the_same_key_accepted_twice_is_found(case: Case) -> None:
    case.journal.change("AlertAccepted", dedup="accept:demo:c2")
    assert "I1: accept:demo:c2 was accepted 2 times" in case.found()


def test_an_alert_that_was_never_decided_is_found(case: Case) -> None:
    case.journal.drop("SignalRefused")
    assert "I1: alert a2 on paper must be decided once; there is nothing" in case.found()


def test_an_alert_decided_twice_is_found(case: Case) -> None:
    case.journal.repeat("SignalRefused", alert_id="a1")
    assert "there is SignalApproved and SignalRefused" in case.found()


def test_each_route_is_owed_a_decision(case: Case) -> None:
    case.journal.change("AlertAccepted", routes=["paper", "main"])
    assert "I1: alert a1 on main must be decided once; there is nothing" in case.found()


def test_a_decision_off_the_routes_is_found(case: Case) -> None:
    case.journal.change("SignalRefused", account="main")
    assert "SignalRefused of alert a2 on main, not a route of it" in case.found()


def test_an_approval_without_its_order_is_found(case: Case) -> None:
    case.journal.drop("OrderPlanned")
    assert "I1: alert a1 on paper: 0 orders planned, 1 approved" in case.found()


# --- I2 -----------------------------------------------------------------------------------------


def test_an_order_taken_twice_by_the_venue_is_found(case: Case) -> None:
    case.ledger.repeat("PaperAccepted", broker_order_id="P2")
    assert "I2: the venue took order a1.paper.1 2 times" in case.found()


def test_an_order_that_nobody_planned_is_found(case: Case) -> None:
    case.ledger.repeat("PaperAccepted", broker_order_id="P2", order_id="stray")
    assert "I2: the venue took order stray, not planned on paper" in case.found()


def test_an_order_sent_with_other_terms_is_found(case: Case) -> None:
    case.ledger.change("PaperAccepted", quantity="6")
    assert "I2: the venue took order a1.paper.1 otherwise than planned" in case.found()


@pytest.mark.parametrize(
    ("kind", "word"), [("OrderPlanned", "planned"), ("SubmitStarted", "started")]
)
def test_an_order_planned_or_started_twice_is_found(case: Case, kind: str, word: str) -> None:
    case.journal.repeat(kind)
    assert f"I2: order a1.paper.1 was {word} 2 times" in case.found()


# --- I3 -----------------------------------------------------------------------------------------


def test_a_fill_that_only_the_venue_has_is_found(case: Case) -> None:
    case.journal.drop("OrderFilled")
    found = case.found()
    assert "I3: execution P1.1 of paper is at the venue and not in the journal" in found
    assert "I3: AAPL of paper: journal 0, venue 5" in found
    assert "I3: cash of paper: journal 25000, venue 24499.50" in found


def test_a_fill_that_only_the_journal_has_is_found(case: Case) -> None:
    case.ledger.drop("PaperFilled")
    assert "I3: execution P1.1 of paper is in the journal and not at the venue" in case.found()


def test_an_execution_counted_twice_is_found(case: Case) -> None:
    case.journal.repeat("OrderFilled")
    assert "I3: execution paper/P1.1 was counted 2 times" in case.found()


@pytest.mark.parametrize(("name", "value"), [("price", "100.11"), ("fee", "1"), ("side", "sell")])
def test_a_fill_told_otherwise_is_found(case: Case, name: str, value: str) -> None:
    case.journal.change("OrderFilled", **{name: value})
    assert "I3: execution P1.1 of paper differs between journal and venue" in case.found()


def test_another_opening_balance_is_found(case: Case) -> None:
    case.journal.change("AccountOpened", cash="26000")
    assert "I3: cash of paper: journal 25499.50, venue 24499.50" in case.found()


def test_a_ledger_that_is_gone_is_found(case: Case) -> None:
    case.save()
    (case.folder / "paper-paper.db").unlink()
    assert "I3: account paper was opened and has no ledger" in findings(gather(case.folder))


# --- I5 -----------------------------------------------------------------------------------------


def test_an_overfill_is_found(case: Case) -> None:
    case.journal.repeat("OrderFilled", execution_id="P1.2")
    assert "I5: order a1.paper.1 of 5 was filled 10" in case.found()


def test_an_event_that_cannot_come_there_is_found(case: Case) -> None:
    case.journal.repeat("SubmitStarted")
    assert "SubmitStarted of a1.paper.1, which was FILLED" in case.found()


def test_a_fill_of_an_order_that_never_was_is_found(case: Case) -> None:
    case.journal.change("OrderFilled", order_id="stray")
    assert "OrderFilled of stray, never planned" in case.found()


def test_an_event_that_speaks_of_another_symbol_is_found(case: Case) -> None:
    case.journal.change("OrderFilled", symbol="MSFT")
    assert "I5: seq 7: OrderFilled speaks otherwise of a1.paper.1" in case.found()


@pytest.mark.parametrize("status", ["Planned", "OrderAccepted"])
def test_an_order_that_never_ended_is_found(case: Case, status: str) -> None:
    _order(case, status)
    assert "I5: order a3.paper.1 never ended" in case.found()


def test_an_order_of_unknown_fate_is_a_state_to_rest_in(case: Case) -> None:
    _order(case, "SubmitUnknown")
    assert case.found() == ""


def test_an_order_that_works_at_the_venue_may_do_so(case: Case) -> None:
    _order(case, "OrderAccepted")
    case.journal.facts[-1] = case.journal.facts[-1].but(broker_order_id="P3")
    case.ledger.second = 20
    case.ledger.repeat("PaperAccepted", order_id="a3.paper.1", broker_order_id="P3")
    assert case.found() == ""


def test_what_was_shown_has_to_be_what_the_journal_holds(case: Case) -> None:
    case.live = {
        "orders": [{"order_id": "a1.paper.1", "status": "ACCEPTED", "filled_quantity": "0"}],
        "positions": [{"account": "paper", "symbol": "AAPL", "quantity": "4"}],
        "accounts": [{"account_id": "paper", "cash": "25000"}],
    }
    found = case.found()
    assert "I5: order a1.paper.1 was shown ACCEPTED 0, the journal has FILLED 5" in found
    assert "I5: AAPL of paper was shown 4, the journal has 5" in found
    assert "I5: cash of paper was shown 25000, the journal has 24499.50" in found


# --- I8 -----------------------------------------------------------------------------------------


def test_an_order_at_the_venue_whose_start_was_lost_is_found(case: Case) -> None:
    case.journal.drop("SubmitStarted")
    assert "took order a1.paper.1, whose start is not in the journal" in case.found()


def test_an_order_sent_before_its_start_was_written_is_found(case: Case) -> None:
    case.ledger.second = 0
    assert "I8: the venue took order a1.paper.1 before its start was written" in case.found()


@pytest.mark.parametrize(
    "status", ["OrderRejected", "OrderAbandoned", "OrderRefused", "SubmitUnknown"]
)
def test_an_order_given_up_that_the_venue_took_is_found(case: Case, status: str) -> None:
    _order(case, status)
    if status == "SubmitUnknown":
        case.journal.repeat("SubmitUnknown")
        case.journal.facts[-1] = Fact("OrderAbsent", case.journal.facts[-1].body)
    case.ledger.second = 20
    case.ledger.repeat("PaperAccepted", order_id="a3.paper.1", broker_order_id="P3")
    assert "and the venue took it" in case.found()


def test_an_order_that_the_venue_has_forgotten_is_found(case: Case) -> None:
    case.ledger.drop("PaperAccepted")
    assert "I8: order a1.paper.1 is FILLED, and the venue does not know it" in case.found()


# --- the program --------------------------------------------------------------------------------


def test_the_program_ends_with_1_where_it_found_something(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    case.journal.drop("SignalRefused")
    case.save()
    assert main([str(case.folder), "--acks", str(case.folder / "acks")]) == 1
    assert capsys.readouterr().out.startswith("I1: alert a2 on paper")


def test_the_program_counts_what_it_looked_at(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    case.save()
    assert main([str(case.folder), "--acks", str(case.folder / "acks")]) == 0
    said = capsys.readouterr().out
    assert (
        "9 events, 1 acks (0 of them for a duplicate), 2 alerts, 1 refused, orders 1 FILLED" in said
    )


def test_a_line_cut_off_by_a_kill_is_no_promise(case: Case) -> None:
    case.save()
    with (case.folder / "acks").open("a") as acks:
        acks.write('{"alert_id": "a9", "sta')
    assert findings(gather(case.folder, case.folder / "acks")) == []


def test_unfinished_counts_decisions_and_outcomes_that_are_owed(case: Case) -> None:
    case.journal.drop("SignalRefused")
    _order(case, "Planned")
    case.save()
    assert unfinished(case.folder) == 2


def test_the_checker_shares_nothing_with_the_bot() -> None:
    own = ("actors", "brokers", "cli", "daemon", "journal", "settings", "trading", "web")
    here = Path(__file__).parent
    for name in ("checker.py", "fold.py", "invariants.py", "rows.py"):
        for line in (here / name).read_text().splitlines():
            assert not line.startswith(tuple(f"{w} {o}" for w in ("import", "from") for o in own))
