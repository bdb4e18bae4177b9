"""Where the secret lies that an alert must carry."""

from collections.abc import Mapping
from typing import Final

from settings.model import Settings, Strategy
from settings.secrets import Keeper, SecretRef


WEBHOOK_SECRET: Final = "WEBHOOK_SECRET"  # noqa: S105 - the variable's name, not what it holds


def secret_place(
    settings: Settings, strategy: Strategy | None, environ: Mapping[str, str]
) -> SecretRef:
    """The strategy's own secret, else the common one, from where the daemon takes it too."""
    own = strategy.secret if strategy else None
    common = settings.web.webhook.secret
    if own or common:
        return own or common or _made(settings)
    if environ.get(WEBHOOK_SECRET):
        return SecretRef(Keeper.ENV, WEBHOOK_SECRET)
    return _made(settings)


def _made(settings: Settings) -> SecretRef:
    return SecretRef(Keeper.FILE, str(settings.state_dir / "secrets" / "webhook_secret"))


def described(place: SecretRef) -> str:
    """The place in words: a file's path, a variable, a systemd credential."""
    match place.keeper:
        case Keeper.FILE:
            return place.name
        case Keeper.ENV:
            return f"the environment variable {place.name}"
        case Keeper.CREDENTIAL:
            return f"the systemd credential {place.name}"
