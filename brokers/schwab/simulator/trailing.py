"""A stop that follows the market at a distance. Pure."""

from decimal import Decimal

from brokers.market import Quote
from brokers.schwab.simulator.model import Terms
from trading.money import CENT
from trading.vocabulary import Side


def trailed(terms: Terms, stop: Decimal | None, quote: Quote) -> Decimal | None:
    """Where the stop stands at a quote: it follows a better price and never goes back."""
    price = _basis(terms, quote)
    if price is None or terms.trail is None:
        return stop
    distance = price * terms.trail / 100 if terms.trail_type == "PERCENT" else terms.trail
    fresh = (price + terms.side.sign * distance).quantize(CENT)
    if stop is None:
        return fresh
    return min(stop, fresh) if terms.side is Side.BUY else max(stop, fresh)


def _basis(terms: Terms, quote: Quote) -> Decimal | None:
    match terms.trail_basis:
        case "BID":
            return quote.bid
        case "ASK":
            return quote.ask
        case _:
            return quote.price
