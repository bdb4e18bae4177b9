"""From settings to everything the tree and the edge are made of."""

import logging
import secrets as chance
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from attrs import Factory, field, frozen

from actors.messages import JournalHealth
from actors.parts import Parts
from actors.runtime import Publication, SystemClock, Timers
from actors.stop_file import StopFile
from actors.tree import TradingTree
from actors.views import View
from cli.continuity import contradictions, without_effect
from cli.version import VERSION
from daemon.journal_file import JournalFile
from daemon.known_secrets import KnownSecrets, known_secrets
from daemon.logins import logins
from daemon.market_days import MarketDays
from daemon.quotes import quote_sources
from daemon.venues import OpenStore, venue_makers
from journal import (
    Codec,
    DaemonLock,
    Draft,
    Reader,
    Recorded,
    SqliteReader,
    SqliteStore,
    hold,
)
from journal.recall import Recall
from journal.sqlite import SQLITE_VERSION
from settings.faults import SettingPath, SettingsFaults
from settings.in_force import settings_applied
from settings.load import Loaded
from settings.model import Settings
from settings.references import resolved
from settings.secrets import Secret, StateSecrets
from settings.shown import Shown, shown
from trading.clock import Clock
from trading.events import EVENT_TYPES, SettingsApplied
from trading.masking import Mask


log = logging.getLogger("trading_bot.daemon")


@frozen(kw_only=True)
class Foundation:
    """What outlives every actor: the lock, clock, timers, readers, secrets, publications."""

    parts: Parts
    shown: tuple[Shown, ...]
    lock: DaemonLock
    clock: Clock
    timers: Timers
    journal: JournalFile
    known: KnownSecrets
    tree: TradingTree = field(
        default=Factory(lambda self: TradingTree(self.parts), takes_self=True)
    )
    random: Random = Factory(Random)
    """For the jitter of restarts."""

    @property
    def settings(self) -> Settings:
        """What the user wants."""
        return self.parts.settings

    @property
    def reader(self) -> Recall:
        """The past, for whoever wants to look at it."""
        return self.parts.reader

    @property
    def health(self) -> Publication[JournalHealth]:
        """Whether the journal commits."""
        return self.parts.health

    @property
    def view(self) -> Publication[View]:
        """What pages and the API show."""
        return self.parts.view

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
    loaded: Loaded,
    environ: Mapping[str, str],
    *,
    open_store: OpenStore = SqliteStore,
    note: Callable[[Recorded], None] = lambda _: None,
    hide: Callable[[Mask], None] = lambda _: None,
) -> Foundation:
    """Everything but threads that trade; a journal that cannot be used yet is tried again later.

    `note` is told of each committed event, `hide` of all secrets before anything is done with them.

    Raises:
        AlreadyRunning: another daemon holds this journal.
        SettingsFaults: a secret is not where the settings say, or the journal speaks against them.
        SchemaTooNew: a newer version wrote the journal.
        SecretUnreadable, OSError: a secret of our own, or the state folder, cannot be used.
    """
    settings, state, clock = loaded.settings, loaded.settings.state_dir, SystemClock()
    referred, journal = resolved(loaded, environ), state / "journal.db"
    lock, known = _locked(journal), _found(loaded, referred, environ, hide)
    timers = Timers(clock.monotonic)
    applied = settings_applied(settings, VERSION, clock.now(), referred)
    file = _journal_file(journal, open_store, lambda past: _agree(loaded, applied, past))
    return Foundation(
        parts=Parts(
            settings=settings,
            open_store=file.open,
            reader=file.past,
            snapshot=journal.with_suffix(".snapshot"),
            make_venue=venue_makers(settings, clock, open_store, referred),
            logins=tuple(login.part(clock) for login in logins(settings, referred)),
            quotes=quote_sources(loaded),
            alarms=timers,
            secret=known.webhook,
            strategy_secrets=known.strategies,
            mask=known.mask,
            stop_file=StopFile(state / "STOP"),
            almanac=MarketDays(settings.calendar),
            password_mark=known.state.password_mark,
            note=note,
            opening=_opening(applied),
        ),
        shown=shown(loaded),
        lock=lock,
        clock=clock,
        timers=timers,
        journal=file,
        known=known,
    )


def _locked(journal: Path) -> DaemonLock:
    journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return hold(journal)


def _found(
    loaded: Loaded,
    referred: Mapping[SettingPath, Secret],
    environ: Mapping[str, str],
    hide: Callable[[Mask], None],
) -> KnownSecrets:
    state = StateSecrets(loaded.settings.state_dir / "secrets")
    known = known_secrets(loaded.settings, referred, state, environ)
    hide(known.mask)
    return known


def _journal_file(
    path: Path, open_store: OpenStore, check: Callable[[Reader], None]
) -> JournalFile:
    """The journal, opened and its past checked, if that can be done now."""
    codec = Codec(EVENT_TYPES)
    past = Recall(SqliteReader(path, codec, at_once=False))
    file = JournalFile(path, lambda: open_store(path, codec), past, check)
    file.prepare()
    return file


def _agree(loaded: Loaded, applied: SettingsApplied, past: Reader) -> None:
    """Settings that the past speaks against are all refused; those it makes idle are told."""
    if refused := contradictions(loaded, applied, past):
        raise SettingsFaults(refused)
    for idle in without_effect(loaded, past):
        log.warning("setting_without_effect", extra={"said": str(idle)})


def _opening(applied: SettingsApplied) -> Draft:
    """What the Journal writes first, once a start."""
    return Draft(events=(applied,), keys=(f"start:{chance.token_hex(8)}",), writer="journal")
