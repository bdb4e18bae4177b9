"""The promise against the real daemon in a process of its own: a fixed, quick selection.

All points, many kills and every actor: `python -m tests.campaign`.
"""

import threading
from pathlib import Path

from tests.crash.harness import Trial


def test_nothing_is_lost_or_doubled_over_three_deaths(tmp_path: Path) -> None:
    """Accepted and not yet answered; filled and nobody told; at any instant."""
    trial = Trial(tmp_path, "deaths")
    trial.die_at("after-commit:AlertAccepted", 2)
    trial.die_at("after-commit:OrderFilled", 2)
    with trial.daemon() as daemon:
        assert daemon.is_ready()
        load = trial.load(daemon)
        threading.Event().wait(0.3)
        daemon.kill()
        trial.enough(load)
    trial.heal(seconds=0.2)
    assert trial.judged() == []
    # What was accepted and not answered was sent again, and known again.
    assert {ack["status"] for ack in trial.evidence().acks} == {"accepted", "duplicate"}


def test_an_order_sent_twice_is_found_in_the_running_daemon(tmp_path: Path) -> None:
    trial = Trial(tmp_path, "planted")
    trial.heal(seconds=0.2, plant="double-send")
    assert any(line.startswith("I2: the venue took order") for line in trial.judged())


def test_an_actor_that_crashes_is_back_and_no_other_was_disturbed(tmp_path: Path) -> None:
    trial = Trial(tmp_path, "actor")
    with trial.daemon() as daemon:
        assert daemon.is_ready()
        told = daemon.crash("risk:paper")
    assert told["is_back"]
    assert {n for n, i in told["after"].items() if i != told["before"][n]} == {"risk:paper"}
