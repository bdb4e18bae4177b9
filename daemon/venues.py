"""How each account's venue is made, from what the settings say of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final
from uuid import uuid4

from attrs import fields

from brokers.base import Venue
from brokers.ledger import Ledger, evolve_ledger
from brokers.ledger_events import LEDGER_EVENTS
from brokers.paper_faults import Faults
from brokers.paper_rules import Lending, MarketRules
from brokers.rehearsal import RehearsalVenue
from brokers.schwab.access import GivenAccess
from brokers.schwab.budget import Allowance
from brokers.schwab.client import READS, Chances, Reach, SchwabClient
from brokers.schwab.last_look import Rules
from brokers.schwab.oauth import SCHWAB
from brokers.schwab.venue import SchwabVenue
from daemon.quotes import tape
from journal import Codec, Reader, SqliteReader, Store
from journal.state_file import StateFile
from settings.faults import SettingPath
from settings.model import Account, Broker, Settings
from settings.paper import Funds, PaperFaults, QuoteSource
from settings.secrets import Secret
from trading.clock import Clock
from trading.hours import Hours
from trading.masking import Mask
from trading.sessions import Calendar
from trading.vocabulary import AccountName


OpenStore = Callable[[Path, Codec], Store]
"""How a store is opened; crash tests put one of their own in its place."""

MARKETABLE_PERCENT: Final = Decimal("0.5")
"""How far beyond the other side of the quote a market entry may pay: trading-rules 5, 3."""


def venue_makers(
    settings: Settings,
    clock: Clock,
    open_store: OpenStore,
    secrets: Mapping[SettingPath, Secret],
) -> dict[AccountName, Callable[[], Venue]]:
    """For each account what makes its venue anew; `secrets` are those that settings refer to."""
    mask = Mask(secret.reveal() for secret in secrets.values())
    return {
        name: _paper(name, account, settings.state_dir, clock, open_store)
        if account.broker is Broker.PAPER
        else _schwab(account, secrets["accounts", name, "account_number"], mask, clock)
        for name, account in settings.accounts.items()
    }


def _schwab(account: Account, number: Secret, mask: Mask, clock: Clock) -> Callable[[], Venue]:
    source = Random()  # noqa: S311 - for the jitter of tries, nothing secret
    allowed = Allowance(per_minute=account.orders_per_minute, per_day=account.orders_per_day)
    reads = READS if account.has_real_money else allowed
    base_url = SCHWAB if account.base_url is None else str(account.base_url)
    rules = Rules(
        collar_percent=MARKETABLE_PERCENT,
        is_rehearsal=not account.has_real_money,
        gates_sessions=account.has_real_money or account.hours is Hours.EXCHANGE,
    )

    def make() -> Venue:
        access = GivenAccess(clock)
        client = SchwabClient(
            reach=Reach(base_url=base_url, mask=mask, orders=allowed, reads=reads),
            access_token=access.token,
            token_refused=access.refused,
            clock=clock,
            chances=Chances(new_id=lambda: str(uuid4()), source=source),
        )
        return SchwabVenue(
            client=client,
            account_number=number.reveal(),
            access=access,
            clock=clock,
            rules=rules,
        )

    return make


def _paper(
    name: AccountName, account: Account, state: Path, clock: Clock, open_store: OpenStore
) -> Callable[[], Venue]:
    path = state / f"paper-{name}.db"
    codec = Codec(LEDGER_EVENTS)
    faults = _faults(account)

    def fold(reader: Reader) -> Ledger:
        file = path.with_suffix(".snapshot")
        rooms = ("brokers", "journal", "trading")
        kept = StateFile(file, codec=codec, begin=Ledger(), step=evolve_ledger, rooms=rooms)
        return kept.fold(reader)

    def open_books() -> tuple[Store, Reader]:
        return open_store(path, codec), SqliteReader(path, codec)

    def make() -> Venue:
        return RehearsalVenue(
            account=name,
            starting_cash=account.starting_cash,
            open_books=open_books,
            fold=fold,
            clock=clock,
            faults=faults,
            tape=(lambda: tape(account).read()) if account.quotes.tape else None,
            by_quotes_only=account.quotes.source is QuoteSource.FILE,
            # The weekends, until the exchange's days are told.
            rules=MarketRules(
                days=Calendar() if account.funds is Funds.CASH else None, lends=_lending(account)
            ),
        )

    return make


def _lending(account: Account) -> Lending | None:
    if account.funds is not Funds.MARGIN:
        return None
    shorts = account.shorts
    return Lending(symbols=frozenset(shorts.borrowable), fee_percent=shorts.fee_percent)


def _faults(account: Account) -> Faults:
    """The same names, as numbers for dice; only money is counted exactly."""
    names = [one.name for one in fields(PaperFaults) if one.name != "seed"]
    chances = {name: float(getattr(account.faults, name)) for name in names}
    return Faults(seed=account.faults.seed, **chances)
