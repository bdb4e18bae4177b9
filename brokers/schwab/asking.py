"""What one account is asked at Schwab: its money, its orders, what moved it, and the market."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from brokers.base import BrokerError, NotOfferedError, Transaction, VenueStatus
from brokers.market import Candle, MarketHours, Quote, market_day
from brokers.schwab.client import SchwabClient
from brokers.schwab.errors import NotThereError, VenueTroubleError
from brokers.schwab.wire_accounts import (
    AccountId,
    AccountRecord,
    SecuritiesAccount,
    TransactionRecord,
    transactions_of,
)
from brokers.schwab.wire_json import epoch_ms, structured
from brokers.schwab.wire_market import CandleList, candles_of, frequency_of, hours_of, quotes_of
from brokers.schwab.wire_orders import OrderRecord, walked
from brokers.schwab.wire_symbols import SymbolUnmappedError, to_schwab
from brokers.schwab.wire_words import TransactionKind, status_of
from trading.clock import Clock
from trading.vocabulary import BrokerOrderId, Symbol


ONE_DAY: Final = timedelta(days=1)
GTC_LASTS: Final = timedelta(days=180)
"""No order is older than this and still lives."""

MOST_ORDERS: Final = 3_000
"""What Schwab tells at once; where there may be more, it is asked for in parts."""

DAYS_AHEAD: Final = 7
SYMBOLS_AT_ONCE: Final = 500

KINDS: Final = ",".join(kind for kind in TransactionKind if kind is not TransactionKind.OTHER)


class Asking:
    """Questions about one account. Runs on the loop of its client; each raises as `read` does."""

    def __init__(self, client: SchwabClient, account_number: str, clock: Clock) -> None:
        self._client = client
        self._number = account_number
        self._clock = clock
        self._hash = ""
        self._oldest_live: datetime | None = None
        self._hours: dict[date, MarketHours | None] = {}

    async def find_account(self) -> None:
        """Learn the hash that stands for the account in every address.

        Raises:
            BrokerError: who signed in has no such account, or the app has no right to it.
        """
        if self._hash:
            return
        known = structured(
            await self._client.trader("/accounts/accountNumbers"), tuple[AccountId, ...]
        )
        found = [a.hash_value for a in known if a.account_number == self._number]
        if not found:
            raise BrokerError(
                f"whoever signed in has {len(known)} accounts, none ends in ...{self._number[-3:]}"
            )
        self._hash = found[0]

    @property
    def account_hash(self) -> str:
        """What stands for the account number in addresses."""
        return self._hash

    def hidden(self, text: str) -> str:
        """Words of Schwab's without what nobody may read."""
        return self._client.hidden(text)

    @property
    def path(self) -> str:
        """The account's part of an address."""
        return f"/accounts/{self._hash}"

    async def account(self) -> SecuritiesAccount:
        """Money and positions at once."""
        answer = await self._client.trader(self.path, {"fields": "positions"})
        return structured(answer, AccountRecord).securities_account

    # --- orders ---------------------------------------------------------------------------------

    async def order(self, broker_order_id: BrokerOrderId) -> OrderRecord | None:
        """One order by its id; None: it is not there."""
        if not broker_order_id.isdigit():
            return None
        try:
            answer = await self._client.trader(f"{self.path}/orders/{broker_order_id}")
        except NotThereError:
            return None
        return structured(answer, OrderRecord)

    async def leisure(self) -> None:
        """Wait until nobody is kept waiting by one more look."""
        await self._client.leisure()

    async def orders(self, since: datetime) -> tuple[OrderRecord, ...]:
        """The trees of all orders entered since then, and some that are older.

        Schwab was seen to look at the dates alone, so a day more is asked for on either side.
        """
        found = await self._entered(since - ONE_DAY, self._clock.now() + ONE_DAY)
        return tuple({record.order_id: record for record in found}.values())

    async def _entered(self, start: datetime, end: datetime) -> tuple[OrderRecord, ...]:
        query = {
            "fromEnteredTime": _written(start),
            "toEnteredTime": _written(end),
            "maxResults": str(MOST_ORDERS),
        }
        answer = await self._client.trader(f"{self.path}/orders", query)
        records = structured(answer, tuple[OrderRecord, ...])
        if len(records) < MOST_ORDERS:
            return records
        middle = start + (end - start) / 2
        if middle - start < ONE_DAY:
            raise VenueTroubleError(f"more than {MOST_ORDERS} orders within two days")
        return await self._entered(start, middle) + await self._entered(middle, end)

    async def orders_that_traded_since(self, at: datetime) -> tuple[OrderRecord, ...]:
        """Whatever may have traded since then: also orders that have rested since long before."""
        first = self._oldest_live
        if first is None:
            first = self._clock.now() - GTC_LASTS
        records = await self.orders(min(first, at))
        live = [r.entered_time for r in walked(records) if _is_live(r)]
        self._oldest_live = min(live, default=self._clock.now())
        return records

    # --- what moved without an order ----------------------------------------------------------

    async def transactions(self, since: datetime) -> Sequence[Transaction]:
        """What moved the account since then, oldest first."""
        query = {
            "startDate": _written(since - ONE_DAY),
            "endDate": _written(self._clock.now() + ONE_DAY),
            "types": KINDS,
        }
        answer = await self._client.trader(f"{self.path}/transactions", query)
        told = transactions_of(structured(answer, tuple[TransactionRecord, ...]))
        return [moved for moved in told if moved.at >= since]

    # --- the market ---------------------------------------------------------------------------

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """The quotes of those that have a name at Schwab and are quoted in real time."""
        names = sorted(_names(symbols))
        told: dict[Symbol, Quote] = {}
        for start in range(0, len(names), SYMBOLS_AT_ONCE):
            query = {
                "symbols": ",".join(names[start : start + SYMBOLS_AT_ONCE]),
                "fields": "quote,reference",
                "indicative": "false",
            }
            told |= quotes_of(await self._client.market("/quotes", query))
        return told

    async def history(self, symbol: Symbol, length: timedelta, since: datetime) -> Sequence[Candle]:
        """The bars of a symbol since then.

        Raises:
            NotOfferedError: there are none of that length.
        """
        frequency = frequency_of(length)
        if frequency is None:
            raise NotOfferedError(f"Schwab keeps no bars of {length}")
        query = {
            "symbol": to_schwab(symbol),
            **frequency,
            "startDate": str(epoch_ms(since)),
            "endDate": str(epoch_ms(self._clock.now())),
        }
        answer = structured(await self._client.market("/pricehistory", query), CandleList)
        return candles_of(answer, symbol, length, since)

    async def market_hours(self, at: datetime) -> MarketHours | None:
        """The regular session at an instant, or the next one within a week."""
        day = market_day(at)
        for ahead in range(DAYS_AHEAD + 1):
            hours = await self.hours_on(day + ahead * ONE_DAY)
            if hours is not None and hours.closes_at > at:
                return hours
        return None

    async def hours_on(self, day: date) -> MarketHours | None:
        """The regular session of a day in New York; asked for once."""
        if day not in self._hours:
            query = {"markets": "equity", "date": day.isoformat()}
            self._hours[day] = hours_of(await self._client.market("/markets", query))
        return self._hours[day]

    def knows_hours_of(self, day: date) -> bool:
        """Whether they have been asked for, so that nobody has to wait for them."""
        return day in self._hours

    def known_hours(self, day: date) -> MarketHours | None:
        """The hours of a day that has been asked for."""
        return self._hours.get(day)


def _written(at: datetime) -> str:
    """An instant in UTC, to the millisecond, as Schwab's addresses have it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _names(symbols: Iterable[Symbol]) -> Iterable[str]:
    for symbol in symbols:
        try:
            yield to_schwab(symbol)
        except SymbolUnmappedError:
            continue


def _is_live(record: OrderRecord) -> bool:
    return status_of(record.status) is VenueStatus.WORKING
