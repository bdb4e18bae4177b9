"""What market data says to those who trade by it."""

from attrs import frozen

from brokers.market import Candle, Quote


@frozen
class Quoted:
    """The market shows this now."""

    quote: Quote


@frozen
class BarEnded:
    """A bar is over; its prices are known from now on."""

    bar: Candle
