"""What the daemon holds, in tables: positions, orders, alerts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cli.api import Api, api_of
from cli.loaded import settings_at
from cli.printing import put_json, put_rows
from cli.table import Column
from cli.text import instant, money, price


NEWEST: Final = 50
_POSITIONS: Final = (
    Column("account", "account"),
    Column("strategy", "strategy"),
    Column("symbol", "symbol"),
    Column("quantity", "quantity", is_number=True),
    Column("average", "avg_price", price, is_number=True),
    Column("price", "current_price", price, is_number=True),
    Column("unrealized", "unrealized_pnl", money, is_number=True),
    Column("%", "unrealized_pnl_percent", money, is_number=True),
    Column("realized", "realized_pnl", money, is_number=True),
)
_ORDERS: Final = (
    Column("placed (New York)", "created_at", instant),
    Column("order", "order_id"),
    Column("strategy", "strategy"),
    Column("symbol", "symbol"),
    Column("side", "side"),
    Column("type", "order_type"),
    Column("quantity", "quantity", is_number=True),
    Column("filled", "filled_quantity", is_number=True),
    Column("limit", "limit_price", price, is_number=True),
    Column("stop", "stop_price", price, is_number=True),
    Column("average", "average_fill_price", price, is_number=True),
    Column("label", "label"),
    Column("status", "status"),
    Column("error", "error_message"),
)
_ALERTS: Final = (
    Column("received (New York)", "received_at", instant),
    Column("alert", "alert_id"),
    Column("strategy", "strategy"),
    Column("action", "action"),
    Column("symbol", "symbol"),
    Column("verdict", "verdict"),
    Column("code", "code"),
    Column("reason", "reason"),
)


_BARS: Final = (
    Column("begins (New York)", "at", instant),
    Column("open", "open", price, is_number=True),
    Column("high", "high", price, is_number=True),
    Column("low", "low", price, is_number=True),
    Column("close", "close", price, is_number=True),
    Column("volume", "volume", is_number=True),
    Column("source", "source"),
)


def history(
    settings: Path, token_file: Path | None, asked: Mapping[str, str | None], *, as_json: bool
) -> None:
    """Print the bars of a symbol, oldest first."""
    found = _api(settings, token_file).get("/api/history", **asked)["items"]
    if as_json:
        put_json({"items": found, "next": None})
    else:
        put_rows(_BARS, found, none="no bars in this time")


def positions(settings: Path, token_file: Path | None, *, by_strategy: bool, as_json: bool) -> None:
    """Print what every account holds, net or strategy by strategy."""
    by = "strategy" if by_strategy else None
    found = _api(settings, token_file).items("/api/positions", by=by)
    if as_json:
        put_json({"items": found, "next": None})
        return
    columns = [c for c in _POSITIONS if by_strategy or c.field != "strategy"]
    put_rows(columns, found, none="no positions")


def orders(
    settings: Path, token_file: Path | None, *, limit: int | None, only_open: bool, as_json: bool
) -> None:
    """Print the newest orders, or those that have not ended, however old."""
    api = _api(settings, token_file)
    if only_open:
        found = api.items("/api/orders", open="true")[:limit]
    else:
        found = api.items("/api/orders", limit=limit or NEWEST)
    if as_json:
        put_json({"items": found, "next": None})
    else:
        put_rows(_ORDERS, found, none="no open orders" if only_open else "no orders yet")


def alerts(settings: Path, token_file: Path | None, *, limit: int, as_json: bool) -> None:
    """Print the newest alerts and what became of them."""
    found = _api(settings, token_file).items("/api/alerts", limit=limit)
    if as_json:
        put_json({"items": found, "next": None})
    else:
        put_rows(_ALERTS, found, none="no alerts yet")


def _api(settings: Path, token_file: Path | None) -> Api:
    return api_of(settings_at(settings), token_file)
