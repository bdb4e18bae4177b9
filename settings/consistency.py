"""What must hold between settings, each of which is fine by itself."""

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

from attrs import frozen

from settings.faults import SettingPath, did_you_mean
from settings.model import (
    OF_ACCOUNT,
    USUAL,
    Broker,
    Risk,
    RiskOverrides,
    Settings,
    effective,
)
from settings.paper import EXCLUSIVE, Funds, QuoteSource
from trading.external import EXTERNAL
from trading.hours import Hours
from trading.vocabulary import AccountName, Mode, Side


_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_NESTED_LIMITS = (
    ("max_order_value", "max_position_value", "max_total_exposure"),
    ("max_order_value_percent", "max_position_value_percent", "max_total_exposure_percent"),
)
"""What is part of the next cannot be allowed to be larger than it."""


@frozen
class Conflict:
    """Settings that do not go together; it is theirs all, and said once, at the first written."""

    paths: tuple[SettingPath, ...]
    message: str


def conflicts(settings: Settings) -> Iterator[Conflict]:
    """Everything in the settings that cannot be meant, or cannot be served."""
    yield from _names(settings)
    yield from _mode(settings)
    yield from _venues(settings)
    yield from _listeners(settings)
    yield from _quotes(settings)
    yield from _faults(settings)
    yield from _calendar(settings)
    yield from _routes(settings)
    yield from _for_all(settings)
    yield from _shorts(settings)
    yield from dict.fromkeys(_limits(settings))


def _names(settings: Settings) -> Iterator[Conflict]:
    named = [
        *(("accounts", name) for name in settings.accounts),
        *(("strategies", name) for name in settings.strategies),
    ]
    for section, name in named:
        if not _NAME.fullmatch(name):
            yield Conflict(
                ((section, name),),
                "a name is lower case letters, digits, _ and -, begins with a letter "
                "and has at most 32 characters",
            )
    if EXTERNAL in settings.strategies:
        yield Conflict(
            (("strategies", EXTERNAL),),
            "external is what is held outside this program; give the strategy another name",
        )


def _mode(settings: Settings) -> Iterator[Conflict]:
    if settings.mode is Mode.LIVE and not any(a.has_real_money for a in settings.accounts.values()):
        yield Conflict((("mode",),), "live needs an account at a live broker")


def _venues(settings: Settings) -> Iterator[Conflict]:
    """An account at Schwab has all that reaches it, and no other has any of it."""
    numbers: dict[str, str] = {}
    for name, account in settings.accounts.items():
        path = ("accounts", name)
        if account.broker is Broker.PAPER:
            for leaf in (*OF_ACCOUNT, "base_url"):
                if getattr(account, leaf) is not None:
                    yield Conflict(((*path, leaf),), "is for `broker: schwab`; paper has none")
            continue
        for leaf in OF_ACCOUNT:
            if getattr(account, leaf) is None:
                message = f"is required for `broker: schwab`: {USUAL[leaf]}, file: or credential:"
                yield Conflict(((*path, leaf),), message)
        if account.hours is not Hours.EXCHANGE and account.has_real_money:
            message = (
                "Schwab trades in the exchange's hours: write exchange, or leave it out; "
                "always is for a rehearsal, with base_url"
            )
            yield Conflict(((*path, "hours"),), message)
        yield from _one_app(settings, name)
        first = numbers.setdefault(str(account.account_number), name)
        if account.account_number is not None and first != name:
            message = f"is {first}'s as well: one account has one name"
            yield Conflict(((*path, "account_number"),), message)


def _one_app(settings: Settings, name: AccountName) -> Iterator[Conflict]:
    """An app that several accounts go by is the same for all: its tokens have one owner."""
    account = settings.accounts[name]
    for first, other in settings.accounts.items():
        if first == name:
            return
        if other.app_key is None or other.app_key != account.app_key:
            continue
        for leaf in ("app_secret", "callback_url", "base_url"):
            if getattr(other, leaf) != getattr(account, leaf):
                path = ("accounts", name, leaf)
                message = f"is another than {first}'s, whose app it shares by app_key"
                yield Conflict((path, ("accounts", first, leaf)), message)
        return


def _quotes(settings: Settings) -> Iterator[Conflict]:
    for name, account in settings.accounts.items():
        if account.quotes.source is QuoteSource.FILE and account.quotes.file is None:
            path = ("accounts", name, "quotes")
            yield Conflict(((*path, "source"), (*path, "file")), "file needs `file`, its path")


def _faults(settings: Settings) -> Iterator[Conflict]:
    for name, account in settings.accounts.items():
        together = sum(getattr(account.faults, fault) for fault in EXCLUSIVE)
        if together > 1:
            paths = tuple(("accounts", name, "faults", fault) for fault in EXCLUSIVE)
            message = f"{', '.join(EXCLUSIVE)} come to {together:f} together, more than 1"
            yield Conflict(paths, message)


def _listeners(settings: Settings) -> Iterator[Conflict]:
    web = settings.web
    listeners = (
        ("webhook", web.webhook.listen),
        ("dashboard", web.dashboard.listen),
        ("live", web.live.listen),
    )
    for (first, taken), (second, wanted) in combinations(listeners, 2):
        if taken.overlaps(wanted):
            yield Conflict(
                (("web", second, "listen"), ("web", first, "listen")),
                f"web.{first} and web.{second} cannot both listen on port {taken.port}",
            )


def _calendar(settings: Settings) -> Iterator[Conflict]:
    calendar = settings.calendar
    lists = (
        ("closed", calendar.closed),
        ("half_days", calendar.half_days),
        ("open", calendar.open),
    )
    for (first, taken), (second, wanted) in combinations(lists, 2):
        for day in sorted(set(taken) & set(wanted)):
            yield Conflict(
                (("calendar", second), ("calendar", first)), f"{day} stands under {first} as well"
            )


def _routes(settings: Settings) -> Iterator[Conflict]:
    for name, strategy in settings.strategies.items():
        for index, account in enumerate(strategy.accounts):
            path = ("strategies", name, "accounts", index)
            if account not in settings.accounts:
                near = did_you_mean(account, settings.accounts)
                yield Conflict((path, ("accounts", account)), f"unknown account {account}{near}")
            elif account in strategy.accounts[:index]:
                yield Conflict((path,), f"{account} stands here twice")


def _for_all(settings: Settings) -> Iterator[Conflict]:
    """An alert is judged for doubles before it is anybody's: one window is for all."""
    sections = (("accounts", settings.accounts), ("strategies", settings.strategies))
    for section, entries in sections:
        for name, entry in entries.items():
            if entry.risk and "dedup_window_seconds" in entry.risk.changes:
                path = (section, name, "risk", "dedup_window_seconds")
                yield Conflict((path,), "is one for all; write it under risk")


def _shorts(settings: Settings) -> Iterator[Conflict]:
    """Selling short is meant: by the strategy, by the limits and, on paper, by the account."""
    for name, account in settings.accounts.items():
        path = ("accounts", name, "shorts", "borrowable")
        if account.shorts.borrowable and account.broker is not Broker.PAPER:
            message = "is for `broker: paper`; elsewhere the venue says what it lends"
            yield Conflict((path,), message)
        elif account.shorts.borrowable and account.funds is not Funds.MARGIN:
            funds = ("accounts", name, "funds")
            yield Conflict((path, funds), "needs `funds: margin`: only a margin account borrows")
    for whose, strategy in settings.strategies.items():
        if not strategy.sides.allow(Side.SELL):
            continue
        for on in filter(settings.accounts.__contains__, strategy.accounts):
            if not effective(settings, on, whose).allow_short:
                paths = (("strategies", whose, "sides"), ("risk", "allow_short"))
                where = f"under risk, or under that of {on} or of {whose}"
                yield Conflict(paths, f"{strategy.sides} needs `allow_short: true` {where}")


def _limits(settings: Settings) -> Iterator[Conflict]:
    """Nested limits, judged where one of them was set: for all, by account, by strategy on it."""
    everywhere: dict[str, SettingPath] = {}
    for names in _NESTED_LIMITS:
        everywhere |= {name: ("risk", name) for name in names}
    yield from _nested(settings.risk, everywhere, set(everywhere))
    for account, its in settings.accounts.items():
        risk, at = _overridden(settings.risk, everywhere, its.risk, ("accounts", account, "risk"))
        yield from _nested(risk, at, set(its.risk.changes if its.risk else ()))
        for strategy, own in settings.strategies.items():
            if own.risk and account in own.accounts:
                last = _overridden(risk, at, own.risk, ("strategies", strategy, "risk"))
                yield from _nested(*last, set(own.risk.changes))


def _overridden(
    risk: Risk, at: dict[str, SettingPath], own: RiskOverrides | None, section: SettingPath
) -> tuple[Risk, dict[str, SettingPath]]:
    """The limits with a section's own over them, and where each stands."""
    if own is None:
        return risk, at
    return own.over(risk), {
        name: (*section, name) if name in own.changes else at[name] for name in at
    }


def _nested(risk: Risk, at: dict[str, SettingPath], set_here: set[str]) -> Iterator[Conflict]:
    for names in _NESTED_LIMITS:
        in_force = [(name, value) for name in names if (value := getattr(risk, name)) is not None]
        for (inner, part), (outer, whole) in pairwise(in_force):
            if part > whole and not set_here.isdisjoint({inner, outer}):
                first, second = sorted((inner, outer), key=lambda name: name not in set_here)
                yield Conflict(
                    (at[first], at[second]), f"{inner} ({part:f}) is above {outer} ({whole:f})"
                )
