"""At what price the paper venue fills: honest rather than flattering. Pure."""

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import evolve, frozen

from brokers.market import Quote
from brokers.settlement import next_day
from trading.money import TICK, ZERO
from trading.sessions import Calendar
from trading.vocabulary import Side, Symbol


BASIS_POINT = Decimal("0.0001")


@frozen(kw_only=True)
class FillRules:
    """What a fill costs beyond the last price, where no bid and ask are known.

    Spreads and slippage in basis points; beyond `free_value` dollars each further such amount, or
    part of it, costs one basis point more.
    """

    spread_bp: Decimal = Decimal(10)
    cheap_spread_bp: Decimal = Decimal(30)
    cheap_below: Decimal = Decimal(5)
    slippage_bp: Decimal = Decimal(2)
    free_value: Decimal = Decimal(25_000)


DEFAULT_RULES = FillRules()


@frozen(kw_only=True)
class Lending:
    """The symbols that can be borrowed, and what that costs in per cent a year."""

    symbols: frozenset[Symbol] = frozenset()
    fee_percent: Decimal = Decimal(1)


@frozen(kw_only=True)
class MarketRules:
    """How orders meet quotes: only quotes at or after submission + `latency`, none older than
    `max_age`, at most `volume_percent` of a minute's volume; a day that begins `freeze_percent`
    from the last close freezes its symbol. What the venue `lends` may be sold short; None: it lends
    nothing, as to an account without margin. `days` are those by which the money of a sale
    settles; None: it may be spent at once.
    """

    fill: FillRules = DEFAULT_RULES
    latency: timedelta = timedelta(milliseconds=250)
    max_age: timedelta = timedelta(seconds=60)
    volume_percent: Decimal = Decimal(10)
    freeze_percent: Decimal = Decimal(35)
    wide_after_open: timedelta = timedelta(minutes=1)
    days: Calendar | None = None
    lends: Lending | None = None

    def settles_at(self, side: Side, at: datetime) -> datetime | None:
        """When the money of an execution may be spent; None: at once."""
        return None if self.days is None or side is Side.BUY else next_day(self.days, at)

    def by_days_of(self, calendar: Calendar) -> "MarketRules":
        """The same where sales settle, by other days."""
        return self if self.days is None else evolve(self, days=calendar)


DEFAULT_MARKET = MarketRules()


def market_price(
    side: Side,
    quantity: Decimal,
    last: Decimal,
    rules: FillRules = DEFAULT_RULES,
    *,
    used_value: Decimal = ZERO,
    widened: int = 1,
) -> Decimal:
    """What a market order pays or gets around a last price: half a spread and slippage worse.

    `used_value` is what others took of the same quote, in dollars; `widened` multiplies the spread.
    """
    spread_bp = rules.cheap_spread_bp if last < rules.cheap_below else rules.spread_bp
    half_spread = max(last * spread_bp * widened * BASIS_POINT / 2, TICK)
    slip = _slippage(last, rules) + _impact(quantity, last, used_value, rules)
    return to_tick(side, last + side.sign * (half_spread + slip))


def quoted_price(
    side: Side,
    quantity: Decimal,
    quote: Quote,
    rules: FillRules = DEFAULT_RULES,
    *,
    used_value: Decimal = ZERO,
    widened: int = 1,
) -> Decimal | None:
    """What a market order pays or gets by a quote: the ask or the bid, and slippage.

    Where a side is missing the spread is assumed and somewhat too wide. Of a known volume a part
    is all there is to have; where it is unknown, size costs instead. None: it shows no price.
    """
    against = quote.against(side)
    free = quote.volume is not None
    counted, used = (ZERO, ZERO) if free else (quantity, used_value)
    if against is not None and quote.has_both_sides:
        slip = _slippage(against, rules) + _impact(counted, against, used, rules)
        return to_tick(side, against + side.sign * slip)
    around = quote.price
    if around is None:
        return None
    return market_price(side, counted, around, rules, used_value=used, widened=widened)


def _slippage(price: Decimal, rules: FillRules) -> Decimal:
    return max(price * rules.slippage_bp * BASIS_POINT, TICK)


def _impact(quantity: Decimal, price: Decimal, used_value: Decimal, rules: FillRules) -> Decimal:
    value = quantity * price + used_value
    steps = (value / rules.free_value).to_integral_value(ROUND_CEILING) - 1
    return price * BASIS_POINT * max(steps, ZERO)


def to_tick(side: Side, price: Decimal) -> Decimal:
    """A price a venue can quote, rounded against the order, never below one tick."""
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    return max(price.quantize(TICK, rounding=rounding), TICK)


def limit_on_arrival(
    side: Side, quantity: Decimal, limit: Decimal, last: Decimal
) -> Decimal | None:
    """A limit order that is marketable when it comes: the market's price, capped at the limit."""
    price = market_price(side, quantity, last)
    better = price <= limit if side is Side.BUY else price >= limit
    if better:
        return price
    marketable = last <= limit if side is Side.BUY else last >= limit
    return limit if marketable else None


def trades_through(side: Side, limit: Decimal, last: Decimal) -> bool:
    """Whether a resting limit fills: when the price goes through it by a tick, not on touch."""
    return last <= limit - TICK if side is Side.BUY else last >= limit + TICK


def is_marketable(side: Side, limit: Decimal, quote: Quote) -> bool:
    """Whether a limit can trade at once: it meets the other side, or the last price without one."""
    against = quote.against(side) if quote.has_both_sides else quote.price
    if against is None:
        return False
    return against <= limit if side is Side.BUY else against >= limit


def capped(side: Side, price: Decimal, limit: Decimal) -> Decimal:
    """A price no worse than the limit."""
    return min(price, limit) if side is Side.BUY else max(price, limit)


def goes_through(side: Side, limit: Decimal, quote: Quote, before: Quote | None) -> bool:
    """Whether a quote goes through a resting limit, by the other side or by a trade.

    Beside a bid and an ask a last price counts only when it is new: it may be a trade from before
    the order rested.
    """
    against = quote.against(side)
    if against is not None and trades_through(side, limit, against):
        return True
    is_new = not quote.has_both_sides or (before is not None and before.last != quote.last)
    return quote.last is not None and is_new and trades_through(side, limit, quote.last)


def reaches_stop(side: Side, stop: Decimal, price: Decimal) -> bool:
    """Whether a price is at or beyond a stop."""
    return price >= stop if side is Side.BUY else price <= stop


def trailed(side: Side, percent: Decimal, price: Decimal, stop: Decimal | None) -> Decimal:
    """Where a trailing stop stands after a price; it never moves away from the market."""
    fresh = to_tick(side, price * (1 + side.sign * percent / 100))
    if stop is None:
        return fresh
    return min(stop, fresh) if side is Side.BUY else max(stop, fresh)
