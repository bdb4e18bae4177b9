"""Limits by name that this version does not keep.

A section of limits takes null for them and nothing else: a limit that is written down and not kept
is worse than none.
"""

NOT_ENFORCED = frozenset(
    {
        "max_account_daily_loss",
        "max_account_entries_per_day",
        "max_drawdown",
        "max_drawdown_percent",
        "max_entries_per_10_minutes",
        "max_entries_per_day",
        "max_entry_drift_percent",
        "max_leverage",
        "max_losing_streak",
        "max_open_orders",
        "max_open_positions",
        "max_orders_per_day",
        "max_orders_per_minute",
        "max_quote_age_seconds",
        "max_risk_per_trade",
        "max_risk_per_trade_percent",
        "max_spread_percent",
        "max_strategy_daily_loss",
        "max_strategy_daily_loss_percent",
        "max_weekly_loss",
        "max_weekly_loss_percent",
        "min_price",
        "require_stop",
    }
)
