"""The settings held against the journal: what the daemon would refuse to start by, and why."""

from collections.abc import Iterator

from journal import Reader
from settings.faults import Fault
from settings.load import Loaded
from settings.model import Broker
from trading.continuity import OPEN_FACTS, OpenEnd, may_leave_ends, objections, open_ends
from trading.events import AccountOpened, SettingsApplied
from trading.in_force import AccountInForce
from trading.money import plain
from trading.vocabulary import AccountName


def contradictions(loaded: Loaded, now: SettingsApplied, reader: Reader) -> tuple[Fault, ...]:
    """A fault for each thing in the journal that these settings would move or leave to nobody."""
    before = next(reader.events(types=(SettingsApplied,), newest_first=True, limit=1), None)
    ends: tuple[OpenEnd, ...] = ()
    # All of the past is read only where something is gone: a start that changes little is quick.
    if before is None or may_leave_ends(_applied(before.event), now):
        ends = open_ends(recorded.event for recorded in reader.events(types=OPEN_FACTS))
    strategies = () if before is None else _applied(before.event).strategies
    allowed = {one.strategy: one.sides for one in strategies}
    found = objections(now, _known(now, reader), ends, allowed)
    return tuple(loaded.origins.fault(one.path, one.message) for one in found)


def without_effect(loaded: Loaded, reader: Reader) -> Iterator[Fault]:
    """What may be written and changes nothing any more: the starting cash of an open account."""
    accounts = loaded.settings.accounts
    for recorded in reader.events(types=(AccountOpened,)):
        opened = recorded.event
        assert isinstance(opened, AccountOpened)  # noqa: S101 - the type asked for
        account = accounts.get(opened.account)
        if account is None or account.broker is not Broker.PAPER:
            continue
        if account.starting_cash != opened.cash:
            yield loaded.origins.fault(
                ("accounts", opened.account, "starting_cash"),
                f"{plain(account.starting_cash)} has no effect: {opened.account} was opened with "
                f"{plain(opened.cash)}; a paper account of another name starts anew",
            )


def _known(now: SettingsApplied, reader: Reader) -> dict[AccountName, AccountInForce]:
    """Each account of these settings as it was last in force, however long ago."""
    sought = {one.account for one in now.accounts}
    known: dict[AccountName, AccountInForce] = {}
    for recorded in reader.events(types=(SettingsApplied,), newest_first=True):
        for one in _applied(recorded.event).accounts:
            known.setdefault(one.account, one)
        if known.keys() >= sought:
            break
    return known


def _applied(event: object) -> SettingsApplied:
    assert isinstance(event, SettingsApplied)  # noqa: S101 - the type asked for
    return event
