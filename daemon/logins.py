"""The sign-ins that accounts at Schwab share: one for each app, with its tokens in one file."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from attrs import frozen

from actors.parts import LoginPart
from brokers.schwab.oauth import SCHWAB, App
from brokers.schwab.sign_in import SchwabSignIn
from brokers.schwab.tokens import TokenFile
from settings.faults import SettingPath
from settings.model import Account, Broker, Settings
from settings.secrets import Secret
from trading.clock import Clock
from trading.vocabulary import AccountName


@frozen(kw_only=True)
class Login:
    """One app's sign-in: whose accounts go by it, and where its tokens are kept."""

    name: str
    app: App
    accounts: tuple[AccountName, ...]
    file: TokenFile
    listens_at: tuple[str, int] | None

    def part(self, clock: Clock) -> LoginPart:
        """What the tree makes its actor of."""
        return LoginPart(
            name=self.name,
            accounts=self.accounts,
            make=lambda: SchwabSignIn(self.app, self.file, clock),
        )


def logins(settings: Settings, secrets: Mapping[SettingPath, Secret]) -> tuple[Login, ...]:
    """The sign-ins of all accounts that have one; `secrets` are those that settings refer to."""
    apps: dict[tuple[str, str], App] = {}
    shared: dict[tuple[str, str], list[AccountName]] = {}
    for name, account in settings.accounts.items():
        if account.broker is Broker.SCHWAB:
            app = _app(name, account, secrets)
            # Whatever else is said of an app a second time: its tokens have one owner.
            key = (app.key, app.base_url)
            apps.setdefault(key, app)
            shared.setdefault(key, []).append(name)
    folder = settings.state_dir / "secrets"
    return tuple(
        _login(apps[key], tuple(names), settings.accounts[names[0]], folder)
        for key, names in shared.items()
    )


def _app(name: AccountName, account: Account, secrets: Mapping[SettingPath, Secret]) -> App:
    return App(
        key=secrets["accounts", name, "app_key"].reveal(),
        secret=secrets["accounts", name, "app_secret"].reveal(),
        callback_url=str(account.callback_url),
        base_url=SCHWAB if account.base_url is None else str(account.base_url),
    )


def _login(app: App, accounts: tuple[AccountName, ...], of: Account, folder: Path) -> Login:
    # Named by the app and where it is, so that a simulator's tokens are never taken for Schwab's.
    mark = sha256(f"{app.key}\n{app.base_url}".encode()).hexdigest()[:8]
    return Login(
        name=f"login:schwab-{mark}",
        app=app,
        accounts=accounts,
        file=TokenFile(folder / f"schwab-{mark}.json"),
        listens_at=of.callback_url.listens_here,
    )
