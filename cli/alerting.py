"""The text of an alert for TradingView, and one sent to the daemon to see what it does."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cli.addresses import WEBHOOK_PATH, reachable
from cli.alert_text import example_ticker, filled, in_one_line
from cli.alert_text import template as template_of
from cli.exchange import Answer, exchange
from cli.failure import Exit, Failure
from cli.loaded import settings_at, strategy_of
from cli.printing import put, put_json, say
from cli.secret_place import described, secret_place
from cli.text import clean
from settings.secrets import SecretRef, SecretUnreadable, resolve
from trading.masking import MASK
from trading.money import plain
from trading.vocabulary import Side


TIMEOUT_S: Final = 5.0


def template(settings: Path, strategy: str, *, with_secret: bool) -> None:
    """Print the text to paste into TradingView; the secret in it only where its owner looks on."""
    read = settings_at(settings)
    name, its = strategy_of(read, strategy)
    place = secret_place(read, its, os.environ)
    if with_secret or sys.stdout.isatty():
        put(template_of(name, its, _secret_at(place)))
    else:
        put(template_of(name, its))
        say(
            f"{MASK} stands for the secret; it lies in {described(place)} "
            "(--with-secret writes it out)"
        )
    say(
        "This text is for the alert of a strategy. For an indicator's, write the action "
        "(buy, sell, close_long) and the quantity in their places yourself."
    )
    if its.sides.allow(Side.SELL):
        say('What is sold short needs a stop: have the strategy draw it with plot(stop, "stop").')


def send_test(
    settings: Path,
    strategy: str,
    *,
    ticker: str | None,
    action: str,
    quantity: Decimal,
    price: Decimal,
    stop_loss: Decimal | None,
    as_json: bool,
) -> None:
    """Send an alert as TradingView would and print the answer."""
    read = settings_at(settings)
    name, its = strategy_of(read, strategy)
    now = datetime.now(UTC)
    alert = filled(
        name,
        timestamp=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        ticker=ticker or example_ticker(its),
        action=action,
        quantity=plain(quantity),
        price=plain(price),
        stop_loss=None if stop_loss is None else plain(stop_loss),
        # Whole seconds are TradingView's; this makes two tests of one second two alerts.
        message=f"a test at {now:%H:%M:%S.%f}",
        secret=_secret_at(secret_place(read, its, os.environ)),
    )
    answer = exchange(
        reachable(read.web.webhook.listen),
        "POST",
        WEBHOOK_PATH,
        headers={"Content-Type": "application/json"},
        body=in_one_line(alert).encode(),
        timeout_s=TIMEOUT_S,
    )
    _report(answer, as_json=as_json)


def _secret_at(place: SecretRef) -> str:
    try:
        return resolve(place, os.environ).reveal()
    except SecretUnreadable as error:
        raise Failure(
            Exit.FAILED, f"{error}; the daemon makes its own secret when it first starts"
        ) from None


def _report(answer: Answer, *, as_json: bool) -> None:
    said = _read(answer)
    if as_json:
        put_json(said)
    if answer.status != 200:
        raise Failure(_EXITS.get(answer.status, Exit.FAILED), _refusal(answer.status, said))
    alert_id = clean(str(said.get("alert_id")))
    if not as_json:
        put(f"{clean(str(said.get('status')))} {alert_id}")
    say(f"`python app.py why {alert_id}` tells what becomes of it")


_EXITS: Final = {
    400: Exit.REFUSED,
    401: Exit.SIGN_IN,
    403: Exit.REFUSED,
    413: Exit.REFUSED,
    429: Exit.REFUSED,
}


def _read(answer: Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if isinstance(said, dict):
        return said
    raise Failure(
        Exit.FAILED, f"the answer, {answer.status}, is not the daemon's; is another program there?"
    )


def _refusal(status: int, said: Mapping[str, Any]) -> str:
    """The answer to an alert that was not taken, in a line for each fault in it."""
    faults = said.get("faults") or []
    lines = [f"{fault.get('place')}: {fault.get('problem')}" for fault in faults]
    head = [str(part) for part in (status, said.get("code"), said.get("reason")) if part]
    return "\n".join(clean(line) for line in (" ".join(head), *lines))
