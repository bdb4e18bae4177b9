"""Whether an entry's prices lie where its side wants them."""

from decimal import Decimal
from typing import Final

from trading.alert_events import AlertAccepted, Checked
from trading.entry import Entry
from trading.money import plain
from trading.vocabulary import Code, Side


ON_ITS_SIDE: Final = Checked(Code.WRONG_SIDE, True, {})


def on_its_side(entry: Entry) -> Checked:
    """An entry trades between its target and its stop loss: the target beyond the price it will
    trade at, the stop before it. A stop that enters is beyond the market.
    """
    alert, sign = entry.alert, entry.side.sign
    market = alert.price or entry.desk.book.mark(alert.symbol) or entry.price
    expected = expected_price(alert, entry.side, market)
    beyond = (
        (alert.stop_price, market, 1),
        (alert.take_profit, expected, 1),
        (alert.stop_loss, expected, -1),
    )
    if all(price is None or sign * way * (price - of) > 0 for price, of, way in beyond):
        return ON_ITS_SIDE
    given = (
        ("stop_price", alert.stop_price),
        ("take_profit", alert.take_profit),
        ("stop_loss", alert.stop_loss),
    )
    inputs = {"market": plain(market), "entry_expected_at": plain(expected)}
    inputs |= {name: plain(value) for name, value in given if value is not None}
    return Checked(Code.WRONG_SIDE, False, inputs)


def expected_price(alert: AlertAccepted, side: Side, market: Decimal) -> Decimal:
    """What an entry will trade at: a stop no better than the market, a limit no worse than it."""
    better, worse = (min, max) if side is Side.BUY else (max, min)
    if alert.stop_price is not None:
        return worse(market, alert.stop_price)
    return market if alert.limit_price is None else better(market, alert.limit_price)
