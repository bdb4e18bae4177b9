"""What the daemon says at its start: where it listens and how to send it a first alert."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from cli.addresses import WEBHOOK_PATH, url
from cli.alert_text import template
from cli.at_broker import at_broker
from cli.curl import curl_reading, curl_with
from cli.secret_place import described, secret_place
from cli.version import VERSION
from settings.foreign import idle
from settings.listen import Listen, is_loopback
from settings.model import Account, DashboardListener, Settings, Strategy
from settings.secrets import SecretRef
from trading.masking import MASK
from trading.vocabulary import Mode, StrategyName


_MODES = {
    Mode.PAPER: "PAPER, no real order leaves",
    Mode.LIVE: "LIVE, orders leave for real money",
}
_FIRST_ALERT = "A first alert, from another terminal:"


def greeting(  # noqa: PLR0917 - what the daemon knows when it is ready, in the order it learns it
    settings: Settings,
    webhook_port: int,
    dashboard_port: int,
    first_password: str | None,
    webhook_secret: str,
    is_terminal: bool,  # noqa: FBT001 - as above
    *,
    environ: Mapping[str, str] | None = None,
) -> str:
    """The text, without a secret in it unless it goes to a terminal.

    `webhook_secret` is the one all strategies share that have none of their own, and `environ`
    what it was looked up with; `first_password` is None but at a first run.
    """
    webhook = settings.web.webhook.listen
    alerts = url(webhook, WEBHOOK_PATH, webhook_port)
    lines = [
        f"trading-bot {VERSION}: {_MODES[settings.mode]}",
        *(
            _line("account", _account(name, one, settings.mode))
            for name, one in settings.accounts.items()
        ),
        *(_line("note", one) for one in idle(settings, environ or {})),
        _line("dashboard", url(settings.web.dashboard.listen, "/", dashboard_port)),
        *_by_tls(settings.web.dashboard),
        *_password(first_password, is_terminal=is_terminal),
        _line("webhook", alerts),
        *_reach(webhook),
        "",
    ]
    example = _example(settings, environ or {})
    if example is None:
        lines += ["No strategy is in the settings, so every alert is refused."]
    elif is_terminal and example.strategy.secret is None:
        lines += [
            *_alert_text(example, webhook_secret),
            "",
            *_try_it(example, alerts, webhook_secret),
        ]
    else:
        lines += [
            *_alert_text(example, MASK),
            *_where(example),
            "",
            *_look_up(example, alerts, webhook_secret),
        ]
    return "\n".join(lines) + "\n"


@frozen
class _Example:
    """The strategy whose alert is shown, and where its secret lies."""

    name: StrategyName
    strategy: Strategy
    place: SecretRef


def _example(settings: Settings, environ: Mapping[str, str]) -> _Example | None:
    """The first strategy, but rather one that trades and uses the secret that all share."""
    entries = settings.strategies.items()
    order = sorted(entries, key=lambda entry: (entry[1].retired, entry[1].secret is not None))
    for name, strategy in order:
        return _Example(name, strategy, secret_place(settings, strategy, environ))
    return None


def _line(title: str, text: str) -> str:
    return f"  {title:<11}{text}"


def _account(name: str, account: Account, mode: Mode) -> str:
    return f"{name}: {at_broker(account, mode)}"


def _by_tls(dashboard: DashboardListener) -> Iterator[str]:
    if dashboard.public_url is not None:
        yield _line("", f"{dashboard.public_url}/ where your proxy adds TLS")


def _password(first: str | None, *, is_terminal: bool) -> Iterator[str]:
    if first is None:
        return
    if is_terminal:
        yield _line("password", first)
        yield _line("", "shown this once; `python app.py password` sets a new one")
    else:
        yield _line("password", "shown to a terminal only; `python app.py password` sets a new one")


def _reach(webhook: Listen) -> Iterator[str]:
    if is_loopback(webhook.host):
        yield _line("", "on this machine only; TradingView needs an https proxy or tunnel to it")


def _alert_text(example: _Example, secret: str) -> Iterator[str]:
    yield f"The text to paste into a TradingView alert for strategy {example.name}:"
    yield ""
    yield template(example.name, example.strategy, secret)


def _where(example: _Example) -> Iterator[str]:
    yield ""
    yield f"{MASK} stands for the secret; it lies in {described(example.place)}"


def _try_it(example: _Example, alerts: str, secret: str) -> Iterator[str]:
    yield _FIRST_ALERT
    yield ""
    yield curl_with(secret, alerts, example.name, example.strategy)


def _look_up(example: _Example, alerts: str, common: str) -> Iterator[str]:
    own = example.strategy.secret is not None
    command = (
        None if own else curl_reading(example.place, common, alerts, example.name, example.strategy)
    )
    yield _FIRST_ALERT
    yield ""
    yield command or f"python app.py test-alert {example.name}"
