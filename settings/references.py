"""The secrets that settings refer to, all found, or every one that is not named at once."""

from collections.abc import Iterator, Mapping
from typing import Final

from settings.faults import Fault, SettingPath, SettingsFaults
from settings.load import Loaded
from settings.model import Settings
from settings.secrets import Secret, SecretRef, SecretUnreadable, resolve


WEBHOOK_SECRET: Final[SettingPath] = ("web", "webhook", "secret")
"""Where the secret stands that strategies without one of their own share."""


def references(settings: Settings) -> Iterator[tuple[SettingPath, SecretRef]]:
    """Each reference to a secret, and where it stands."""
    if settings.web.webhook.secret is not None:
        yield WEBHOOK_SECRET, settings.web.webhook.secret
    for name, strategy in settings.strategies.items():
        if strategy.secret is not None:
            yield ("strategies", name, "secret"), strategy.secret


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
