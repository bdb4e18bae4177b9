from decimal import Decimal

import pytest
from attrs import evolve

from tests.actors.facts import (
    AAPL,
    APPLIED,
    DEMO,
    OPENED,
    PAPER,
    READY,
    a_life,
    actor_started,
    alert,
    booked,
    cancelled,
    filled,
    halted,
    of_order,
    planned,
    quarantined,
    refused,
)
from trading.bookings import Adopted, SharesTransferred, Transferred
from trading.continuity import Objection, OpenEnd, may_leave_ends, objections, open_ends
from trading.event import Event
from trading.events import SettingsApplied
from trading.in_force import AccountInForce, StrategyInForce
from trading.order_events import ExecutionBusted, OrderAbsent, OrderAccepted, SubmitUnknown
from trading.vocabulary import AccountName, BrokerOrderId, Code, Intent, Side, Sides, StrategyName


OTHER = AccountName("other")


def said(*events: Event) -> list[str]:
    return [end.what for end in open_ends(events)]


def applied(*accounts: AccountInForce, **strategies: tuple[AccountName, ...]) -> SettingsApplied:
    routes = tuple(
        StrategyInForce(strategy=StrategyName(name), accounts=to) for name, to in strategies.items()
    )
    return evolve(APPLIED, accounts=accounts, strategies=routes)


def at(account: AccountName, broker: str = "paper", number: str = "") -> AccountInForce:
    return AccountInForce(account=account, broker=broker, number=number)


# --- what is open -------------------------------------------------------------------------------


def test_a_filled_order_leaves_a_position() -> None:
    assert said(*a_life("a")) == ["demo holds 10 AAPL on paper"]


def test_what_was_bought_and_sold_is_done() -> None:
    assert said(*a_life("a"), *a_life("b", Side.SELL)) == []


def test_a_short_position_is_one_too() -> None:
    assert said(*a_life("a", Side.SELL)) == ["demo is short 10 AAPL on paper"]


def test_what_was_handed_over_is_held_by_whoever_has_it_now() -> None:
    four = {"symbol": AAPL, "quantity": Decimal(4)}
    came = booked(SharesTransferred, price=Decimal(100), **four)
    adopted = booked(Adopted, strategy=DEMO, price=Decimal(100), **four)
    over = booked(Transferred, strategy=DEMO, to=StrategyName("other"), **four)
    assert said(came) == []
    assert said(came, adopted) == ["demo holds 4 AAPL on paper"]
    assert said(came, adopted, over) == ["other holds 4 AAPL on paper"]


def test_an_execution_taken_back_is_no_position() -> None:
    bought = filled("a")
    names = ("strategy", "symbol", "side", "execution_id", "quantity", "price")
    numbers = {name: getattr(bought, name) for name in names}
    assert said(bought, of_order(ExecutionBusted, "a", **numbers)) == []


def test_an_accepted_order_still_works() -> None:
    (what,) = said(*a_life("a")[:5])
    assert what == "order a.paper.1 of demo on paper (buy 10 AAPL) is ACCEPTED"


def test_an_order_of_unknown_fate_is_called_that() -> None:
    (what,) = said(*a_life("a")[:4], of_order(SubmitUnknown, "a", reason="?"))
    assert what == (
        "order a.paper.1 of demo on paper (buy 10 AAPL) was sent and its fate is not known"
    )


def test_a_cancelled_order_is_done() -> None:
    assert said(*a_life("a")[:5], cancelled("a")) == []


def test_shares_that_an_ended_order_still_brought_are_held() -> None:
    assert said(*a_life("a")[:5], cancelled("a"), filled("a")) == ["demo holds 10 AAPL on paper"]


def test_an_order_that_was_found_after_all_is_open_again() -> None:
    lost = (of_order(SubmitUnknown, "a", reason="?"), of_order(OrderAbsent, "a", reason="gone"))
    assert said(*a_life("a")[:4], *lost) == []
    found = of_order(OrderAccepted, "a", broker_order_id=BrokerOrderId("P1"))
    assert len(said(*a_life("a")[:4], *lost, found)) == 1


def test_an_alert_that_nobody_decided_waits() -> None:
    (what,) = said(alert("a"))
    assert what == "alert a of demo (buy AAPL) is accepted and not yet decided on paper"
    assert said(alert("a"), refused("a", Code.CASH)) == []
    assert said(*a_life("a")[:3]) == ["order a.paper.1 of demo on paper (buy 10 AAPL) is PLANNED"]


def test_an_alert_that_was_given_up_waits_no_more() -> None:
    assert said(alert("a"), quarantined("a")) == []


def test_what_is_decided_on_one_account_still_waits_on_the_other() -> None:
    (what,) = said(alert("a", routes=(PAPER, OTHER)), quarantined("a"))
    assert what.endswith("is accepted and not yet decided on other")


@pytest.mark.parametrize("fact", [OPENED, READY, APPLIED, halted(), actor_started("risk:paper")])
def test_what_is_said_of_accounts_actors_and_stops_leaves_nothing_open(fact: Event) -> None:
    assert said(fact) == []
    assert said(*a_life("a"), fact) == said(*a_life("a"))


# --- what is refused ----------------------------------------------------------------------------

HOLDS = OpenEnd(PAPER, DEMO, "demo holds 3 AAPL on paper")
BACK = "put it back (with `retired: true` it may only leave what it has)"


def test_settings_that_keep_everyone_are_fine() -> None:
    now = applied(at(PAPER), demo=(PAPER,))
    assert list(objections(now, {PAPER: at(PAPER)}, [HOLDS], {})) == []


def test_an_account_that_still_holds_must_not_go() -> None:
    now = applied(at(OTHER), demo=(OTHER,))
    assert list(objections(now, {}, [HOLDS], {})) == [
        Objection(("accounts", "paper"), f"is gone, but {HOLDS.what}; {BACK}"),
        Objection(
            ("strategies", "demo", "accounts"),
            f"no longer names paper, but {HOLDS.what}; name it again",
        ),
    ]


def test_a_strategy_that_still_holds_must_not_go() -> None:
    assert list(objections(applied(at(PAPER)), {}, [HOLDS], {})) == [
        Objection(("strategies", "demo"), f"is gone, but {HOLDS.what}; {BACK}")
    ]


SHORT = OpenEnd(PAPER, DEMO, "demo is short 3 AAPL on paper", Decimal(-3))
BOTH = {DEMO: Sides.LONG_SHORT}


def test_a_side_that_is_still_held_must_not_go() -> None:
    now = applied(at(PAPER), demo=(PAPER,))
    assert list(objections(now, {}, [SHORT], BOTH)) == [
        Objection(
            ("strategies", "demo", "sides"),
            f"is long_only, but {SHORT.what}; give it back its sides until that is gone "
            "(`retired: true`: exits only)",
        )
    ]
    assert list(objections(now, {}, [evolve(SHORT, quantity=Decimal(3))], BOTH)) == []


@pytest.mark.parametrize("allowed", [{}, {DEMO: Sides.LONG_ONLY}])
def test_what_came_about_against_its_sides_keeps_nobody_from_starting(
    allowed: dict[StrategyName, Sides],
) -> None:
    assert list(objections(applied(at(PAPER), demo=(PAPER,)), {}, [SHORT], allowed)) == []


def test_an_entry_that_works_may_come_to_be_held() -> None:
    (end,) = open_ends(a_life("a")[:5])
    assert end.quantity == 10
    leaving = evolve(planned("b", Side.SELL), intent=Intent.EXIT)
    (end,) = open_ends([leaving])
    assert end.quantity == 0  # an exit opens nothing


def test_who_loses_a_side_may_leave_something_behind() -> None:
    before = applied(at(PAPER), demo=(PAPER,))
    (demo,) = before.strategies
    turned = evolve(before, strategies=(evolve(demo, sides=Sides.LONG_SHORT),))
    assert may_leave_ends(turned, before)
    assert not may_leave_ends(before, before)


def test_an_alert_waits_for_its_account_alone() -> None:
    waits = OpenEnd(PAPER, None, "alert a waits")
    assert list(objections(applied(at(PAPER)), {}, [waits], {})) == []
    assert [it.path for it in objections(applied(), {}, [waits], {})] == [("accounts", "paper")]


@pytest.mark.parametrize(
    ("now", "setting", "word"),
    [
        (at(PAPER, "schwab"), "broker", "paper was at paper"),
        (at(PAPER, "paper", "b2"), "account_number", "is not the number that paper had"),
    ],
)
def test_a_known_account_must_not_point_elsewhere(
    now: AccountInForce, setting: str, word: str
) -> None:
    (objection,) = objections(applied(now), {PAPER: at(PAPER)}, [], {})
    assert objection.path == ("accounts", "paper", setting)
    assert objection.message.startswith(word)


@pytest.mark.parametrize(
    ("now", "some_are_left"),
    [
        (applied(at(PAPER), at(OTHER), demo=(PAPER, OTHER), new=()), False),
        (applied(at(OTHER), demo=(PAPER,)), True),
        (applied(at(PAPER), new=(PAPER,)), True),
        (applied(at(PAPER), at(OTHER), demo=(OTHER,)), True),
    ],
)
def test_only_where_someone_is_gone_the_past_is_asked(
    now: SettingsApplied,
    some_are_left: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert may_leave_ends(applied(at(PAPER), demo=(PAPER,)), now) is some_are_left
