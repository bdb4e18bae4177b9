"""The secrets that settings refer to, all found, or every one that is not named at once."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from settings.faults import Fault, SettingPath, SettingsFaults
from settings.load import Loaded
from settings.model import OF_ACCOUNT, Settings
from settings.secrets import Secret, SecretRef, SecretUnreadable, resolve


WEBHOOK_SECRET: Final[SettingPath] = ("web", "webhook", "secret")
"""Where the secret stands that strategies without one of their own share."""


def references(settings: Settings) -> Iterator[tuple[SettingPath, SecretRef]]:
    """Each reference to a secret, and where it stands."""
    if settings.web.webhook.secret is not None:
        yield WEBHOOK_SECRET, settings.web.webhook.secret
    for account, at_venue in settings.accounts.items():
        for leaf in OF_ACCOUNT:
            if (ref := getattr(at_venue, leaf)) is not None:
                yield ("accounts", account, leaf), ref
    for name, strategy in settings.strategies.items():
        if strategy.secret is not None:
            yield ("strategies", name, "secret"), strategy.secret


def readable(settings: Settings, environ: Mapping[str, str]) -> dict[SettingPath, Secret]:
    """Those secrets that can be found from here, by the place of their reference."""
    found: dict[SettingPath, Secret] = {}
    for path, ref in references(settings):
        with suppress(SecretUnreadable):
            found[path] = resolve(ref, environ)
    return found


def unreadable(loaded: Loaded, environ: Mapping[str, str]) -> tuple[Fault, ...]:
    """A fault for each secret that cannot be found or that others can read."""
    return tuple(_faults(loaded, environ))


def resolved(loaded: Loaded, environ: Mapping[str, str]) -> dict[SettingPath, Secret]:
    """Every secret by the place of its reference; raises SettingsFaults, one for each missing."""
    if faults := unreadable(loaded, environ):
        raise SettingsFaults(faults)
    return {path: resolve(ref, environ) for path, ref in references(loaded.settings)}


def _faults(loaded: Loaded, environ: Mapping[str, str]) -> Iterator[Fault]:
    for path, ref in references(loaded.settings):
        try:
            resolve(ref, environ)
        except SecretUnreadable as error:
            yield loaded.origins.fault(path, str(error))
