"""From settings to everything the tree and the edge are made of."""

import logging
import secrets as chance
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from attrs import frozen

from actors.messages import JournalHealth
from actors.runtime import Publication, SystemClock, Timers
from actors.stop_file import StopFile
from actors.tree import Parts, TradingTree
from actors.views import View
from brokers.base import Venue
from brokers.ledger import LEDGER_EVENTS
from brokers.paper import Faults, PaperVenue
from cli.continuity import contradictions, without_effect
from cli.version import VERSION
from daemon.journal_file import JournalFile
from journal import Codec, DaemonLock, Draft, Reader, SqliteReader, SqliteStore, Store, hold
from journal.recall import Recall
from journal.sqlite import SQLITE_VERSION
from settings.faults import SettingPath, SettingsFaults
from settings.in_force import settings_applied
from settings.load import Loaded
from settings.model import Account, Settings
from settings.references import WEBHOOK_SECRET, resolved
from settings.secrets import Secret, StateSecrets
from settings.shown import Shown, shown
from trading.clock import Clock
from trading.events import EVENT_TYPES, SettingsApplied
from trading.vocabulary import AccountName, StrategyName


log = logging.getLogger("trading_bot.daemon")

OpenStore = Callable[[Path, Codec], Store]
"""How a store is opened; crash tests put one of their own in its place."""


@frozen(kw_only=True)
class Foundation:
    """What outlives every actor: the lock, clock, timers, readers, secrets, publications."""

    settings: Settings
    shown: tuple[Shown, ...]
    lock: DaemonLock
    clock: Clock
    timers: Timers
    journal: JournalFile
    random: Random
    reader: Recall
    secrets: StateSecrets
    webhook_secret: Secret
    api_token: Secret
    first_password: str | None
    tree: TradingTree
    health: Publication[JournalHealth]
    view: Publication[View]

    @property
    def sqlite_version(self) -> str:
        """The SQLite this runs on: below 3.51.3 two writers could corrupt a WAL; here is one."""
        return SQLITE_VERSION

    def close(self) -> None:
        """Let go of everything, in reverse."""
        self.timers.close()
        self.journal.close()
        self.reader.close()
        self.lock.release()


def lay(
    loaded: Loaded, environ: Mapping[str, str], *, open_store: OpenStore = SqliteStore
) -> Foundation:
    """Everything but threads that trade; a journal that cannot be used yet is tried again later.

    Raises:
        AlreadyRunning: another daemon holds this journal.
        SettingsFaults: a secret is not where the settings say, or the journal speaks against them.
        SchemaTooNew, UndecodableEvent: a newer version wrote the journal.
        SecretUnreadable: a secret of our own cannot be read.
        OSError: the state folder cannot be used.
    """
    settings, state = loaded.settings, loaded.settings.state_dir
    referred = resolved(loaded, environ)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal, codec = state / "journal.db", Codec(EVENT_TYPES)
    lock = hold(journal)
    secrets, clock = StateSecrets(state / "secrets"), SystemClock()
    applied, timers = settings_applied(settings, VERSION, clock.now()), Timers(clock.monotonic)
    file = _journal_file(journal, codec, open_store, lambda past: _agree(loaded, applied, past))
    parts = Parts(
        settings=settings,
        open_store=file.open,
        reader=file.past,
        make_venue=_venue_makers(settings, clock, open_store),
        alarms=timers,
        secret=referred.get(WEBHOOK_SECRET) or secrets.webhook_secret(environ),
        strategy_secrets=_strategy_secrets(settings, referred),
        stop_file=StopFile(state / "STOP"),
        health=Publication(JournalHealth()),
        view=Publication(View()),
        opening=_opening(applied),
    )
    return Foundation(
        settings=settings,
        shown=shown(loaded),
        lock=lock,
        clock=clock,
        timers=timers,
        journal=file,
        random=Random(),  # noqa: S311 - jitter of restarts
        reader=file.past,
        secrets=secrets,
        webhook_secret=parts.secret,
        api_token=secrets.api_token(),
        first_password=secrets.first_password(),
        tree=TradingTree(parts),
        health=parts.health,
        view=parts.view,
    )


def _journal_file(
    path: Path, codec: Codec, open_store: OpenStore, check: Callable[[Reader], None]
) -> JournalFile:
    """The journal, opened, its past decoded and checked, if that can be done now."""
    past = Recall(SqliteReader(path, codec, at_once=False))
    file = JournalFile(path, lambda: open_store(path, codec), past, check)
    file.prepare()
    return file


def _agree(loaded: Loaded, applied: SettingsApplied, past: Reader) -> None:
    """Settings that the past speaks against are all refused; those it makes idle are told."""
    if refused := contradictions(loaded, applied, past):
        raise SettingsFaults(refused)
    for idle in without_effect(loaded, past):
        log.warning("%s", idle)


def _opening(applied: SettingsApplied) -> Draft:
    """What the Journal writes first, once a start."""
    return Draft(events=(applied,), keys=(f"start:{chance.token_hex(8)}",), writer="journal")


def _venue_makers(
    settings: Settings, clock: Clock, open_store: OpenStore
) -> dict[AccountName, Callable[[], Venue]]:
    return {
        name: _venue_maker(name, account, settings.state_dir, clock, open_store)
        for name, account in settings.accounts.items()
    }


def _strategy_secrets(
    settings: Settings, referred: Mapping[SettingPath, Secret]
) -> dict[StrategyName, Secret]:
    found = {name: referred.get(("strategies", name, "secret")) for name in settings.strategies}
    return {name: secret for name, secret in found.items() if secret is not None}


def _venue_maker(
    name: AccountName, account: Account, state: Path, clock: Clock, open_store: OpenStore
) -> Callable[[], Venue]:
    path = state / f"paper-{name}.db"
    codec = Codec(LEDGER_EVENTS)
    faults = Faults(
        timeout_after_accept=float(account.faults.timeout_after_accept),
        answer_timeout_s=float(account.faults.answer_timeout_s),
        seed=account.faults.seed,
    )

    def open_books() -> tuple[Store, Reader]:
        return open_store(path, codec), SqliteReader(path, codec)

    def make() -> Venue:
        return PaperVenue(
            account=name,
            starting_cash=account.starting_cash,
            open_books=open_books,
            clock=clock,
            faults=faults,
        )

    return make
