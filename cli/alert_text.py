"""The text of an alert: with placeholders for TradingView to fill in, or filled in by us."""

import json
from collections.abc import Mapping

from settings.model import Strategy
from trading.masking import MASK
from trading.vocabulary import Side, StrategyName, TimestampMeaning


Fields = Mapping[str, str]
"""An alert's fields in order, each value as the JSON text that will stand there."""

EXAMPLE_TICKER = "AAPL"
EXAMPLE_PRICE = "187.50"


def template(name: StrategyName, strategy: Strategy, secret: str = MASK) -> str:
    """The text to paste into a TradingView alert: a buy of one share, to be changed at will.

    In an alert on a Pine strategy, `{{strategy.order.action}}` and `{{strategy.order.contracts}}`
    may stand for action and quantity; elsewhere TradingView would not fill them in. Where a
    strategy may be short they do, and its chart says what it holds and where its stop is.
    """
    fired = "{{timenow}}" if strategy.timestamp is TimestampMeaning.TIMENOW else "{{time}}"
    order = {"action": '"buy"', "quantity": "1", "price": "{{close}}"}
    if strategy.sides.allow(Side.SELL):
        order = {
            "action": '"{{strategy.order.action}}"',
            "quantity": "{{strategy.order.contracts}}",
            "price": "{{close}}",
            "position_size": "{{strategy.position_size}}",
            "stop_loss": '{{plot("stop")}}',
        }
    return in_lines(
        {
            "timestamp": json.dumps(fired),
            "ticker": '"{{ticker}}"',
            **order,
            "strategy": json.dumps(name),
            "message": '"{{strategy.order.comment}}"',
            "secret": json.dumps(secret),
        }
    )


def filled(
    name: StrategyName,
    *,
    timestamp: str,
    ticker: str,
    secret: str,
    action: str = "buy",
    quantity: str = "1",
    price: str = EXAMPLE_PRICE,
    stop_loss: str | None = None,
    message: str = "a test",
) -> Fields:
    """The fields as TradingView would send them; `quantity` and `price` are plain numbers."""
    return {
        "timestamp": json.dumps(timestamp),
        "ticker": json.dumps(ticker),
        "action": json.dumps(action),
        "quantity": quantity,
        "price": price,
        **({} if stop_loss is None else {"stop_loss": stop_loss}),
        "strategy": json.dumps(name),
        "message": json.dumps(message),
        "secret": json.dumps(secret),
    }


def example_ticker(strategy: Strategy) -> str:
    """A symbol that the strategy trades."""
    symbols = strategy.symbols
    if symbols is None or EXAMPLE_TICKER in symbols:
        return EXAMPLE_TICKER
    return symbols[0]


def in_lines(fields: Fields) -> str:
    """The alert with a field a line, for people."""
    return "{\n" + ",\n".join(f'  "{name}": {value}' for name, value in fields.items()) + "\n}"


def in_one_line(fields: Fields) -> str:
    """The alert in one line, for programs."""
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
