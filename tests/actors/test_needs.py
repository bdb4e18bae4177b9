"""What waits for a person goes when he need not know it any more."""

from functools import reduce
from typing import Any

from attrs import evolve

from actors.read_model import new_model
from actors.views import NeedsYou
from tests.actors.facts import (
    AT,
    OPENED,
    PAPER,
    a_life,
    order_id,
    planned,
    removed,
    still_held,
)
from trading.event import Event
from trading.order_events import OrderAccepted, SubmitStarted
from trading.statement import evolve_statement, new_statement
from trading.vocabulary import BrokerOrderId, OrderId, Side


LEG = OrderId("a.paper.stop1")


def named(*events: Event) -> tuple[NeedsYou, ...]:
    model = new_model((PAPER,))
    model.show(reduce(evolve_statement, (OPENED, *events), new_statement(PAPER)))
    for event in events:
        model.fold(event)
    return model.view(7, AT).needs_you


def test_what_was_to_be_left_is_named() -> None:
    (need,) = named(*a_life("a"), still_held())
    assert need.what == f"demo on {PAPER} still holds 10 AAPL: FLATTEN_LATE"


def test_it_is_named_no_more_once_it_has_been_left() -> None:
    assert named(*a_life("a"), still_held(), *a_life("b", Side.SELL)) == ()


def test_that_somebody_took_protection_off_is_named_until_it_is_back_or_all_is_gone() -> None:
    (need,) = named(*a_life("a"), removed("a"))
    assert need.what == f"somebody cancelled what protected 10 AAPL of demo on {PAPER}"
    assert "restore_protection" in need.meaning
    leg = evolve(planned("a", Side.SELL), order_id=LEG, parent_id=order_id("a"))
    of: dict[str, Any] = {"at": AT, "order_id": LEG, "alert_id": leg.alert_id, "account": PAPER}
    sent = SubmitStarted(**of, generation=0)
    there = OrderAccepted(**of, broker_order_id=BrokerOrderId("V-1"))
    assert named(*a_life("a"), removed("a"), leg, sent) != ()
    assert named(*a_life("a"), removed("a"), leg, sent, there) == ()
    assert named(*a_life("a"), removed("a"), *a_life("b", Side.SELL)) == ()


def test_what_was_named_of_one_position_is_not_named_of_the_next() -> None:
    model, held = new_model((PAPER,)), evolve_statement(new_statement(PAPER), OPENED)
    for facts in ((*a_life("a"), removed("a")), a_life("b", Side.SELL), a_life("c")):
        for event in facts:
            held = evolve_statement(held, event)
            model.fold(event)
        model.show(held)
        needs = model.view(7, AT).needs_you
    assert needs == ()
