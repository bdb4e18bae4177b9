"""At what price the paper venue fills: honest rather than flattering. Pure."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

from trading.money import TICK, ZERO
from trading.vocabulary import Side


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


def market_price(
    side: Side, quantity: Decimal, last: Decimal, rules: FillRules = DEFAULT_RULES
) -> Decimal:
    """What a market order pays or gets around a last price: half a spread and slippage worse."""
    spread_bp = rules.cheap_spread_bp if last < rules.cheap_below else rules.spread_bp
    half_spread = max(last * spread_bp * BASIS_POINT / 2, TICK)
    slippage = max(last * rules.slippage_bp * BASIS_POINT, TICK)
    steps = (quantity * last / rules.free_value).to_integral_value(ROUND_CEILING) - 1
    impact = last * BASIS_POINT * max(steps, ZERO)
    return to_tick(side, last + side.sign * (half_spread + slippage + impact))


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
