"""Until when a sign-in lasts, what is written down of it, and whom it keeps back."""

from datetime import timedelta

from tests.trading.builders import AT
from trading.event import Event
from trading.sign_ins import (
    NO_STANDING,
    SignInDue,
    Standing,
    VenueSignedIn,
    VenueSignedOut,
    ends_too_soon,
    facts_of_sign_in,
    facts_of_sign_out,
)
from trading.vocabulary import AccountName


MAIN, IRA = AccountName("main"), AccountName("ira")
WEEK = AT + timedelta(days=7)


def after(*facts: Event) -> dict[AccountName, Standing]:
    standings: dict[AccountName, Standing] = {}
    for fact in facts:
        assert isinstance(fact, VenueSignedIn | VenueSignedOut | SignInDue)
        standings[fact.account] = standings.get(fact.account, NO_STANDING).after(fact)
    return standings


def test_a_sign_in_is_written_down_once_for_each_account() -> None:
    facts = facts_of_sign_in([MAIN, IRA], {}, WEEK, AT)
    assert facts == tuple(VenueSignedIn(at=AT, account=a, until=WEEK) for a in (MAIN, IRA))
    assert facts_of_sign_in([MAIN, IRA], after(*facts), WEEK, AT + timedelta(hours=1)) == ()
    assert after(*facts)[MAIN].is_signed_in


def test_its_end_is_told_at_48_24_6_and_1_hours_once_each() -> None:
    known = after(*facts_of_sign_in([MAIN], {}, WEEK, AT))
    told = []
    for left in (49, 48, 47, 24, 10, 6, 2, 1, 0.5):
        now = WEEK - timedelta(hours=left)
        for fact in facts_of_sign_in([MAIN], known, WEEK, now):
            assert isinstance(fact, SignInDue)
            told.append((left, fact.hours))
            known = {MAIN: known[MAIN].after(fact)}
    assert told == [(48, 48), (24, 24), (6, 6), (1, 1)]


def test_after_a_long_silence_only_the_last_warning_is_told() -> None:
    known = after(*facts_of_sign_in([MAIN], {}, WEEK, AT))
    (fact,) = facts_of_sign_in([MAIN], known, WEEK, WEEK - timedelta(minutes=30))
    assert isinstance(fact, SignInDue)
    assert fact.hours == 1


def test_being_signed_out_is_written_down_once_until_somebody_signs_in() -> None:
    (out,) = facts_of_sign_out([MAIN], {}, "nobody", AT)
    known = after(out)
    assert not known[MAIN].is_signed_in
    assert facts_of_sign_out([MAIN], known, "nobody", AT) == ()
    (again,) = facts_of_sign_in([MAIN], known, WEEK, AT)
    assert known[MAIN].after(again) == Standing(until=WEEK, since=AT)


def test_the_last_hour_begins_no_position() -> None:
    assert ends_too_soon(None, AT) is None
    assert ends_too_soon(WEEK, WEEK - timedelta(hours=1)) is None
    assert ends_too_soon(WEEK, WEEK - timedelta(minutes=59)) == timedelta(minutes=59)


def test_other_facts_change_no_standing() -> None:
    assert NO_STANDING.after(Event(at=AT)) is NO_STANDING
