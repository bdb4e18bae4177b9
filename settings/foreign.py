"""Names of variables that people bring from elsewhere, and what is to be used here instead."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from settings.faults import did_you_mean
from settings.model import USUAL, Broker, Settings
from settings.tree import Tree, at


PREFIX: Final = "TRADING_BOT__"

_OF_ACCOUNT: Final = "TRADING_BOT__ACCOUNTS__{account}__"
_INSTEAD: Final = (
    (r"ENGINE__(MODE|DRY_RUN|PAPER(_TRADING)?|LIVE)", "use TRADING_BOT__MODE, paper or live"),
    (r"(ENGINE|TRADING)__SYMBOLS", "each strategy has its own: `strategies.NAME.symbols`"),
    (
        r"ENGINE__(?!MAX_).*",
        (
            "there is no engine: limits stand under risk, who trades what under accounts and "
            "strategies, addresses under web"
        ),
    ),
    (r"BROKER(__(NAME|TYPE))?", f"each account has its own: {_OF_ACCOUNT}BROKER, paper or schwab"),
    (r"BROKER__(API_KEY|APP_KEY|CLIENT_ID)", f"use {_OF_ACCOUNT}APP_KEY=env:TOS_API_KEY"),
    (
        r"BROKER__(API_SECRET|APP_SECRET|CLIENT_SECRET|SECRET)",
        f"use {_OF_ACCOUNT}APP_SECRET=env:TOS_API_SECRET",
    ),
    (
        r"BROKER__ACCOUNT(_ID|_NUMBER)?",
        f"use {_OF_ACCOUNT}ACCOUNT_NUMBER=env:TOS_ACCOUNT_ID",
    ),
    (
        r"BROKER__(REFRESH_|ACCESS_)?TOKEN.*",
        "no token is given: sign in with `python app.py auth login`",
    ),
    (r"BROKER__(CALLBACK|REDIRECT)_UR[IL]", f"use {_OF_ACCOUNT}CALLBACK_URL"),
    (r"BROKER__.*", f"what concerns a broker stands in an account: {_OF_ACCOUNT}..."),
    (
        r"(WEBHOOK|SERVER|WEB__WEBHOOK)__(HOST|PORT)",
        "use TRADING_BOT__WEB__WEBHOOK__LISTEN=127.0.0.1:8080",
    ),
    (
        r"(WEB__)?DASHBOARD__(HOST|PORT)",
        "use TRADING_BOT__WEB__DASHBOARD__LISTEN=127.0.0.1:8081",
    ),
    (r"((WEBHOOK|SERVER)__)?(WEBHOOK_)?(SECRET|TOKEN|PASSPHRASE)", "use WEBHOOK_SECRET"),
    (r"(ENGINE__)?LOG_LEVEL", "use TRADING_BOT__LOGGING__LEVEL"),
)
"""What stands after the prefix, and the answer to it; the first that fits holds."""

_TOKEN: Final = re.compile(r"(TOS|SCHWAB)_(REFRESH|ACCESS)_TOKEN")
_SIGN_IN_HERE: Final = (
    "is not used: tokens come of a sign-in here, `python app.py auth login`, and are kept in the "
    "state folder; unset it"
)
_CALLBACK: Final = re.compile(r"(TOS|SCHWAB)_(CALLBACK|REDIRECT)_UR[IL]")


def answer(name: str, tree: Tree, known: Iterable[str]) -> str:
    """What is said to a variable with our prefix that is none of `known`."""
    bare = name.removeprefix(PREFIX)
    for pattern, instead in _INSTEAD:
        if re.fullmatch(pattern, bare):
            return f"unknown setting; {instead.format(account=_account(tree))}"
    known = tuple(known)
    if near := did_you_mean(name, known, PREFIX):
        return f"unknown setting{near}"
    last = "__" + bare.rpartition("__")[2]
    same = [one for one in known if one.endswith(last) and one.count("__") == 2]
    return f"unknown setting. Did you mean {same[0]}?" if len(same) == 1 else "unknown setting"


def strays(
    tree: Tree, environ: Mapping[str, str], known: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Variables without our prefix that are meant for us and do nothing, and what to do."""
    joined = {_joined(one): one for one in known}
    at_schwab = [account for _, account in _at_schwab(tree)]
    urls = {str(one.get("callback_url")) for one in at_schwab}
    for name, text in environ.items():
        meant = joined.get(_joined(name))
        if meant is not None and not name.startswith(PREFIX):
            yield name, f"is not read. Did you mean {meant}?"
        elif not at_schwab or not text:
            continue
        elif _TOKEN.fullmatch(name):
            yield name, _SIGN_IN_HERE
        elif _CALLBACK.fullmatch(name) and text not in urls:
            instead = f"{_OF_ACCOUNT}CALLBACK_URL".format(account=_account(tree))
            yield name, f"is not read; use {instead}, or `callback_url` of the account"


def idle(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Variables of an account at Schwab that are set where no account is there; no fault."""
    if any(account.broker is Broker.SCHWAB for account in settings.accounts.values()):
        return
    for leaf, ref in USUAL.items():
        name = ref.removeprefix("env:")
        if environ.get(name):
            yield f"{name} is set and no account is at Schwab: one would have `{leaf}: {ref}`"


def _joined(name: str) -> str:
    return re.sub(r"_+", "_", name)


def _at_schwab(tree: Tree) -> Iterator[tuple[str, Mapping[str, object]]]:
    accounts = at(tree, ("accounts",))
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        if isinstance(account, dict) and account.get("broker") == "schwab":
            yield name, account


def _account(tree: Tree) -> str:
    """The account that is meant, where there is but one; as variables write it."""
    accounts = at(tree, ("accounts",))
    names = list(accounts) if isinstance(accounts, dict) else []
    names = [name for name, _ in _at_schwab(tree)] or names
    return names[0].upper().replace("-", "_") if len(names) == 1 else "NAME"
