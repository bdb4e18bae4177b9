"""What each setting means, in a sentence, and the unit it is counted in."""

from attrs import frozen

from settings.faults import SettingPath


@frozen
class Description:
    """One sentence about a setting; `unit` is empty where a value has none."""

    sentence: str
    unit: str = ""


NAME = "NAME"
"""Stands in a path for what people call an account or a strategy."""

_DOLLARS, _PERCENT, _SHARES, _SECONDS = "dollars", "percent of equity", "shares", "seconds"

_CHANCE = "probability, 0 to 1"

_TWIN = "The same as a part of equity at the last day boundary; the smaller of the two holds."

_RISK = {
    "max_order_value": Description("The most that one order may cost, at worst.", _DOLLARS),
    "max_order_value_percent": Description(_TWIN, _PERCENT),
    "max_position_value": Description("The most that may be held in one symbol.", _DOLLARS),
    "max_position_value_percent": Description(_TWIN, _PERCENT),
    "max_position_size": Description("The most that may be held in one symbol.", _SHARES),
    "max_total_exposure": Description("The most that may be held and ordered in all.", _DOLLARS),
    "max_total_exposure_percent": Description(_TWIN, _PERCENT),
    "max_daily_loss": Description(
        "A loss of this much in a trading day halts the account until a person resumes.", _DOLLARS
    ),
    "max_daily_loss_percent": Description(_TWIN, _PERCENT),
    "max_alert_age_seconds": Description("Entries older than this are refused.", _SECONDS),
    "max_exit_age_seconds": Description("Exits older than this are refused.", _SECONDS),
    "repeat_window_seconds": Description(
        "The same signal again within this time is taken for a repeat.", _SECONDS
    ),
    "dedup_window_seconds": Description(
        "The same alert again within this time is answered as a duplicate; above 30, never off.",
        _SECONDS,
    ),
    "price_collar_percent": Description(
        "How far from the known price an order may pay; two and a half times that below 5 dollars.",
        "percent of the price",
    ),
    "entry_window": Description(
        "When entries are made, on accounts with `hours: exchange`; it ends early on half days.",
        "New York time",
    ),
    "entry_cutoff_seconds": Description(
        "No entry so shortly before the close, on accounts with `hours: exchange`.", _SECONDS
    ),
    "flatten_before_close_minutes": Description(
        "Leave everything so long before the close, on accounts with `hours: exchange`.", "minutes"
    ),
    "reversal_wait_seconds": Description(
        "How long an order that turns a position round waits for what it reverses to be closed.",
        _SECONDS,
    ),
    "allow_short": Description(
        "With `true`, strategies whose `sides` say so may sell short: with a stop loss at most "
        "10 % away, and up to half of `max_position_value` and `max_position_size`."
    ),
}

_OWN_RISK = _RISK | {
    "dedup_window_seconds": Description(
        "Without effect here: only the one of `risk` has.", _SECONDS
    )
}

_ACCOUNT = {
    "broker": Description("The venue the account is at: `paper` or `schwab`."),
    "account_number": Description(
        "Where the number of the account at Schwab is found: `credential:NAME`, `file:PATH` or "
        "`env:NAME`, as the next two."
    ),
    "app_key": Description("Where the app's key is found, from Schwab's developer portal."),
    "app_secret": Description("Where the app's secret is found."),
    "callback_url": Description("The app's callback URL, letter for letter as it is registered."),
    "orders_per_minute": Description(
        "As many orders, cancels and replaces as the app may send; 20 are kept for exits."
    ),
    "orders_per_day": Description(
        "As many as the app may send in a day; 200 are kept for exits and cancels."
    ),
    "base_url": Description("A simulator of Schwab on this machine; orders leave in mode paper."),
    "starting_cash": Description(
        "What the paper broker opens the account with; once it is open, without effect.", _DOLLARS
    ),
    "hours": Description(
        "When it trades: `exchange` in the exchange's regular session, `always` day and night, "
        "on paper and at a simulator."
    ),
    "funds": Description(
        "What the paper broker lets buy: `cash_like` all cash, `cash` only what has settled, which "
        "the money of a sale has on the next trading day; `margin` all cash, and sell short."
    ),
    "shorts.borrowable": Description(
        "The symbols that the paper broker lends to a margin account, to be sold short."
    ),
    "shorts.fee_percent": Description("What borrowing them costs.", "percent a year"),
    "quotes.source": Description(
        "Where the paper broker's prices come from: `file`, `alerts`, or `auto`, the file and for "
        "symbols that it has not shown the alerts."
    ),
    "quotes.file": Description(
        "A file of quotes or bars that the paper broker trades by, told as their time comes."
    ),
    "quotes.bar_minutes": Description("How long the bars of that file are.", "minutes"),
    "faults.drop": Description(
        "For rehearsals: how often the line to the paper broker breaks before anything is sent.",
        _CHANCE,
    ),
    "faults.timeout_before_accept": Description(
        "For rehearsals: how often an order is lost on its way, and nobody answers.", _CHANCE
    ),
    "faults.server_error": Description(
        "For rehearsals: how often the answer is a 503, every second time after it was done.",
        _CHANCE,
    ),
    "faults.rate_limited": Description(
        "For rehearsals: how often the paper broker asks to wait and does nothing.", _CHANCE
    ),
    "faults.timeout_after_accept": Description(
        "For rehearsals: how often the paper broker takes an order and loses the answer.", _CHANCE
    ),
    "faults.duplicate_fill": Description(
        "For rehearsals: how often a fill is told twice.", _CHANCE
    ),
    "faults.late_fill": Description(
        "For rehearsals: how often a fill is told late, by `late_fill_s`.", _CHANCE
    ),
    "faults.out_of_order_fill": Description(
        "For rehearsals: how often what comes after a fill is told before it.", _CHANCE
    ),
    "faults.external_trade": Description(
        "For rehearsals: how often, at a price, somebody else trades on the account.", _CHANCE
    ),
    "faults.corporate_action": Description(
        "For rehearsals: how often, at a price, what is held pays a dividend or is split.", _CHANCE
    ),
    "faults.latency_s": Description(
        "For rehearsals: the longest that an answer of the paper broker takes.", _SECONDS
    ),
    "faults.late_fill_s": Description("For rehearsals: how late a late fill is told.", _SECONDS),
    "faults.answer_timeout_s": Description(
        "For rehearsals: how long an answer that is lost is waited for.", _SECONDS
    ),
    "faults.seed": Description("For rehearsals: the same seed draws the same faults."),
    "retired": Description("With `true`, strategies may only leave what they hold here."),
}

_STRATEGY = {
    "accounts": Description("The accounts that trade its alerts; `[]` records them only."),
    "sides": Description(
        "Which way it may trade: `long_only`, `short_only` or `long_short`; selling short needs "
        "`allow_short` as well."
    ),
    "allow_add": Description("With `true`, a buy while it is long adds to the position."),
    "external": Description(
        "Symbols it trades although others hold as many shares on its accounts: `{AAPL: 100}`.",
        "shares",
    ),
    "allow_repeats": Description("With `true`, the same signal again at once is meant."),
    "id_is_unique": Description("With `true`, the alert's `id` alone says whether it came before."),
    "timestamp": Description(
        "What the alert's `timestamp` is: `timenow` when it fired, `bar` the bar it speaks of."
    ),
    "sizing.type": Description("Who says how many shares: `from_alert`, the alert."),
    "symbols": Description("The symbols it may trade, or `any`."),
    "secret": Description(
        "Where its own webhook secret is found, which then alone holds: "
        "`credential:NAME`, `file:PATH` or `env:NAME`."
    ),
    "on_closed.entry": Description(
        "An entry while the market is closed: `refuse`, or `next_open` to wait for the open."
    ),
    "on_closed.exit": Description(
        "An exit while the market is closed: `next_open` to wait for the open, or `refuse`."
    ),
    "restore_protection": Description(
        "With `true`, a target or stop that somebody else cancels at the venue comes back."
    ),
    "entry_ttl": Description(
        "An entry that has not filled after this is cancelled; `null`: it ends with its session.",
        _SECONDS,
    ),
    "retired": Description("With `true`, it may only leave what it holds."),
}

_REST = {
    "mode": Description("`paper`: no order leaves for real money; `live` needs a live account."),
    "state_dir": Description("Where journals and made secrets lie; a file STOP in it halts all."),
    "web.webhook.listen": Description("Where alerts arrive; port 0 is any free one.", "host:port"),
    "web.webhook.rate_limit_per_minute": Description(
        "How many alerts a strategy may send.", "alerts a minute"
    ),
    "web.webhook.allowed_addresses": Description(
        "Who may send alerts, as addresses or networks; `[]` is no check, "
        "`[tradingview]` its four published addresses."
    ),
    "web.webhook.trusted_proxies": Description("Whose X-Forwarded-For is believed."),
    "web.webhook.secret": Description(
        "Where the webhook secret is found that strategies share: "
        "`credential:NAME`, `file:PATH` or `env:NAME`; "
        "without it WEBHOOK_SECRET, or one made in the state folder."
    ),
    "web.dashboard.listen": Description("Where pages and API are served.", "host:port"),
    "web.dashboard.public_url": Description(
        "Where a proxy with TLS stands before the pages: `https://host` or `https://host:port`; "
        "who signs in there gets a cookie that leaves by TLS only."
    ),
    "web.dashboard.trusted_proxies": Description(
        "Whose X-Forwarded-For is believed when wrong passwords are counted by address."
    ),
    "web.live.listen": Description(
        "Kept for the live feed, which is not in this version.", "host:port"
    ),
    "circuit_breaker.max_consecutive_errors": Description(
        "So many venue errors in a row stop an account.", "errors"
    ),
    "calendar.closed": Description(
        "Days on which the exchange stays closed, beyond its holidays.", "days like 2026-11-27"
    ),
    "calendar.half_days": Description(
        "Days on which it closes at 13:00, beyond those known.", "days like 2026-11-27"
    ),
    "calendar.open": Description(
        "Full days that would else be taken for holidays or half days.", "days like 2026-11-27"
    ),
    "notifications": Description("Whom to tell; none in this version."),
    "logging.level": Description("The least grave thing that is logged."),
    "logging.format": Description(
        "`text` for people, `json` for programs; `auto` is text at a terminal."
    ),
}

DESCRIPTIONS = (
    _REST
    | {f"risk.{name}": it for name, it in _RISK.items()}
    | {f"accounts.{NAME}.{name}": it for name, it in _ACCOUNT.items()}
    | {f"accounts.{NAME}.risk.{name}": it for name, it in _OWN_RISK.items()}
    | {f"strategies.{NAME}.{name}": it for name, it in _STRATEGY.items()}
    | {f"strategies.{NAME}.risk.{name}": it for name, it in _OWN_RISK.items()}
)
"""By path, with NAME in the place of what people call their accounts and strategies."""


def description(path: SettingPath) -> Description:
    """What the setting at a path means."""
    if path[0] in ("accounts", "strategies"):
        path = (path[0], NAME, *path[2:])
    return DESCRIPTIONS[".".join(map(str, path))]
