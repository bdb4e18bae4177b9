"""All secrets the daemon knows, looked up at its start, and the mask that hides every one."""

from collections.abc import Mapping
from functools import cached_property

from attrs import define

from settings.faults import SettingPath
from settings.model import Settings
from settings.references import WEBHOOK_SECRET
from settings.secrets import Secret, StateSecrets
from trading.masking import Mask
from trading.vocabulary import StrategyName


@define(kw_only=True)
class KnownSecrets:
    """What proves who asks or who sends; `first_password` is None but at a first run.

    `referred` are all that the settings refer to, `state` is where those lie that the daemon made
    for itself.
    """

    state: StateSecrets
    referred: Mapping[SettingPath, Secret]
    webhook: Secret
    strategies: Mapping[StrategyName, Secret]
    api_token: Secret
    first_password: Secret | None

    @cached_property
    def mask(self) -> Mask:
        """Hides all of them."""
        known = (*self.referred.values(), self.webhook, self.api_token, self.first_password)
        return Mask(secret.reveal() for secret in known if secret is not None)


def known_secrets(
    settings: Settings,
    referred: Mapping[SettingPath, Secret],
    state: StateSecrets,
    environ: Mapping[str, str],
) -> KnownSecrets:
    """Those referred to, and those that are ours to make; raises SecretUnreadable."""
    own = {name: referred.get(("strategies", name, "secret")) for name in settings.strategies}
    return KnownSecrets(
        state=state,
        referred=referred,
        webhook=referred.get(WEBHOOK_SECRET) or state.webhook_secret(environ),
        strategies={name: secret for name, secret in own.items() if secret is not None},
        api_token=state.api_token(),
        first_password=state.first_password(),
    )
