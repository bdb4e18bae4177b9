"""What waits for a person goes when he need not know it any more."""

from functools import reduce

from actors.read_model import new_model
from actors.views import NeedsYou
from tests.actors.facts import AT, OPENED, PAPER, a_life, still_held
from trading.event import Event
from trading.statement import evolve_statement, new_statement
from trading.vocabulary import Side


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
