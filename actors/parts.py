"""What the tree is made of that is not an actor."""

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import Factory, frozen

from actors.market_data import Almanac
from actors.messages import JournalHealth
from actors.runtime import Alarms, Publication
from actors.stop_file import StopFile
from actors.venue_quotes import Source
from actors.views import View
from brokers.base import Venue
from brokers.sign_in import SignIn
from journal import Draft, Recorded, Store
from journal.recall import Recall
from settings.model import Settings
from settings.secrets import Secret
from trading.masking import Mask
from trading.vocabulary import AccountName, StrategyName


@frozen(kw_only=True)
class LoginPart:
    """A sign-in, by a name that does not change, and the accounts that go by it."""

    name: str
    accounts: tuple[AccountName, ...]
    make: Callable[[], SignIn]


@frozen(kw_only=True)
class Parts:
    """What the tree is made of that is not an actor.

    `opening` is the first thing the Journal commits, before anyone trades. `note` is told of every
    event once it is committed, in the dashboard's thread; it returns at once and never raises.
    `quotes` opens the sources of those accounts that have one. `almanac` knows the exchange's days.
    `password_mark` tells one password's file from another, and is empty where there is none.
    """

    settings: Settings
    open_store: Callable[[], Store]
    reader: Recall
    snapshot: Path
    make_venue: Mapping[AccountName, Callable[[], Venue]]
    alarms: Alarms
    secret: Secret
    strategy_secrets: Mapping[StrategyName, Secret]
    mask: Mask
    stop_file: StopFile
    almanac: Almanac
    password_mark: Callable[[], str]
    note: Callable[[Recorded], None]
    health: Publication[JournalHealth] = Factory(lambda: Publication(JournalHealth()))
    view: Publication[View] = Factory(lambda: Publication(View()))
    quotes: Mapping[AccountName, Callable[[], Source]] = {}
    logins: tuple[LoginPart, ...] = ()
    opening: Draft | None = None
