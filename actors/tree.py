"""The supervision tree as one readable table: who there is, in which order they start."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Final

from attrs import define, field

from actors.breaker import AccountBreaker, watch_memory
from actors.broker import BrokerActor
from actors.circuit_breaker import CircuitBreaker, stop_memory
from actors.dashboard import Dashboard, model_memory
from actors.doorkeeper import Doorkeeper, tries_memory
from actors.journal import JournalActor
from actors.market_data import MarketData, market_memory
from actors.memory import AnyMemory
from actors.parked import ParkedAccount
from actors.parts import LoginPart, Parts
from actors.position_book import PositionBook, book_memory
from actors.risk import RiskActor
from actors.risk_memory import risk_memory
from actors.rules import breaker_limits, front_desk, rules_of
from actors.runtime import Address, Child, Restarts
from actors.snapshots import SnapshotActor
from actors.venue_login import VenueLogin, login_memory
from actors.venue_quotes import VenueQuotes
from actors.webhook import WebhookActor, dedup_memory
from actors.wire_memory import wire_memory
from journal import Codec
from trading.events import EVENT_TYPES
from trading.vocabulary import AccountName


log = logging.getLogger("trading_bot.tree")

JOURNAL_BOUND: Final = 20_000
"""More appends than the edge lets in at once, so that a decision always finds room."""

OF_ACCOUNT: Final = "account:"
"""What the group of an account's actors is called before its name."""


@define
class TradingTree:
    """All actors of a daemon: their addresses, and the children in start order."""

    parts: Parts
    snapshots: Address = field(factory=lambda: Address("snapshots"))
    journal: Address = field(factory=lambda: Address("journal", JOURNAL_BOUND))
    breaker: Address = field(factory=lambda: Address("breaker:*"))
    market: Address = field(factory=lambda: Address("market"))
    doorkeeper: Address = field(factory=lambda: Address("doorkeeper"))
    dashboard: Address = field(factory=lambda: Address("dashboard"))
    webhook: Address = field(factory=lambda: Address("webhook"))
    _of_account: dict[str, Address] = field(factory=dict)
    _parked: dict[str, tuple[str, str]] = field(factory=dict)
    """Why a group was parked; read and written in the supervisor's thread only."""

    def of(self, role: str, account: AccountName) -> Address:
        """The address of an account's actor, as `risk:paper`."""
        return self._of_account.setdefault(f"{role}:{account}", Address(f"{role}:{account}"))

    @cached_property
    def accounts(self) -> tuple[AccountName, ...]:
        """The accounts in the order of the settings."""
        return tuple(self.parts.settings.accounts)

    def children(self) -> tuple[Child, ...]:
        """The tree in start order; it stops in reverse. Only the journal's death restarts all.

        The journal, the `*` breaker and the webhook end the daemon if they cannot be kept alive: it
        would trade blindly, could not be halted, or would take no alerts. An account is parked by
        itself, and so are the market, whose calendar reaches years ahead, the doorkeeper and the
        dashboard: the money does not depend on who signs in or what is shown.
        """
        return (
            self._journal(),
            self._snapshots(),
            self._breaker(),
            *map(self._login, self.parts.logins),
            self._market(),
            *(child for account in self.accounts for child in self._account(account)),
            self._doorkeeper(),
            self._dashboard(),
            self._webhook(),
        )

    def memories(self) -> dict[str, AnyMemory]:
        """Of what each actor's memory is made, by its name."""
        window = timedelta(seconds=float(self.parts.settings.risk.dedup_window_seconds))
        of_account = (book_memory, watch_memory, wire_memory, risk_memory)
        memories: tuple[AnyMemory, ...] = (
            stop_memory(),
            market_memory(),
            tries_memory(),
            *(login_memory(login.name) for login in self.parts.logins),
            *(make(account) for account in self.accounts for make in of_account),
            model_memory(self.accounts),
            dedup_memory(window),
        )
        return {memory.name: memory for memory in memories}

    # --- one child each -------------------------------------------------------------------------

    def _snapshots(self) -> Child:
        parts = self.parts
        return Child(
            "snapshots",
            lambda birth: SnapshotActor.start(
                birth,
                recall=parts.reader,
                codec=Codec(EVENT_TYPES),
                memories=self.memories(),
                path=parts.snapshot,
                alarms=parts.alarms,
            ),
            address=self.snapshots,
            start_deadline_s=float("inf"),  # the past is as long as it is
            may_be_replaced=False,  # it may hang in the disk, and nobody waits for it
        )

    def _journal(self) -> Child:
        parts = self.parts
        return Child(
            "journal",
            lambda birth: JournalActor.start(
                birth,
                open_store=parts.open_store,
                alarms=parts.alarms,
                health=parts.health,
                opening=parts.opening,
            ),
            address=self.journal,
            restarts=Restarts.ALL,
            start_deadline_s=float("inf"),  # a disk that refuses is waited for, however long
            may_be_replaced=False,  # it hangs in the disk, and there must never be two writers
        )

    def _breaker(self) -> Child:
        parts = self.parts
        brokers = {account: self.of("broker", account) for account in self.accounts}
        return Child(
            "breaker:*",
            lambda birth: CircuitBreaker.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                alarms=parts.alarms,
                brokers=brokers,
                stop_file=parts.stop_file,
            ),
            address=self.breaker,
        )

    def _login(self, login: LoginPart) -> Child:
        """Parked, it renews nothing more, and its accounts are lost within the half hour."""
        address, parts = self.of_login(login.name), self.parts
        return Child(
            address.name,
            lambda birth: VenueLogin.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                alarms=parts.alarms,
                accounts=login.accounts,
                make_sign_in=login.make,
            ),
            address=address,
            group=address.name,
        )

    def of_login(self, name: str) -> Address:
        """The address of a sign-in."""
        return self._of_account.setdefault(name, Address(name))

    def _login_of(self, account: AccountName) -> Address | None:
        logins = (login for login in self.parts.logins if account in login.accounts)
        return next((self.of_login(login.name) for login in logins), None)

    def _market(self) -> Child:
        parts = self.parts
        return Child(
            "market",
            lambda birth: MarketData.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                alarms=parts.alarms,
                almanac=parts.almanac,
            ),
            address=self.market,
            group="market",
        )

    def park(self, group: str, actor: str, error: str) -> None:
        """Note why a group is parked; runs in the supervisor's thread, before anyone stands in."""
        self._parked[group] = (actor, error)
        log.critical("group_parked", extra={"group": group, "actor": actor, "error": error})

    def _account(self, account: AccountName) -> Iterator[Child]:
        """An account's own actors: book, breaker, broker, risk."""
        parts, group = self.parts, OF_ACCOUNT + account
        rules, orphan = rules_of(parts.settings, account)
        limits = breaker_limits(parts.settings, account)
        shared = {"journal": self.journal, "reader": parts.reader, "account": account}
        timed = {**shared, "alarms": parts.alarms}
        ruled = {**timed, "rules": rules, "orphan": orphan}
        book, breaker = self.of("book", account), self.of("breaker", account)
        broker, risk = self.of("broker", account), self.of("risk", account)
        login = self._login_of(account)
        seer = None if login is None else broker  # where people sign in the venue sees the market
        if account in parts.quotes:
            yield self._quotes(account, (broker, book, risk))
        yield Child(
            book.name,
            lambda birth: PositionBook.start(
                birth, **timed, dashboard=self.dashboard, quotes_from=seer
            ),
            address=book,
            group=group,
        )
        yield Child(
            breaker.name,
            lambda birth: AccountBreaker.start(birth, **shared, limits=limits, rules=rules),
            address=breaker,
            group=group,
        )
        yield Child(
            broker.name,
            lambda birth: BrokerActor.start(
                birth,
                **ruled,
                make_venue=parts.make_venue[account],
                login=login,
            ),
            address=broker,
            group=group,
        )
        yield Child(
            risk.name,
            lambda birth: RiskActor.start(birth, **ruled, broker=broker),
            address=risk,
            group=group,
            stand_in=lambda birth: ParkedAccount.start(
                birth, **shared, group=group, reason=self._parked[group]
            ),
        )

    def _quotes(self, account: AccountName, to: tuple[Address, ...]) -> Child:
        """The account's market; parked, it shows nothing more, and what waits for it waits."""
        address, parts = self.of("quotes", account), self.parts
        return Child(
            address.name,
            lambda birth: VenueQuotes.start(
                birth, account=account, source=parts.quotes[account](), alarms=parts.alarms, to=to
            ),
            address=address,
            group=address.name,
        )

    def _doorkeeper(self) -> Child:
        parts = self.parts
        return Child(
            "doorkeeper",
            lambda birth: Doorkeeper.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                alarms=parts.alarms,
                password_mark=parts.password_mark,
            ),
            address=self.doorkeeper,
            group="doorkeeper",
        )

    def _dashboard(self) -> Child:
        parts = self.parts
        return Child(
            "dashboard",
            lambda birth: Dashboard.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                alarms=parts.alarms,
                books={account: self.of("book", account) for account in self.accounts},
                view=parts.view,
                note=parts.note,
            ),
            address=self.dashboard,
            group="dashboard",
        )

    def _webhook(self) -> Child:
        parts, settings = self.parts, self.parts.settings
        return Child(
            "webhook",
            lambda birth: WebhookActor.start(
                birth,
                journal=self.journal,
                reader=parts.reader,
                strategies=front_desk(settings, parts.strategy_secrets),
                secret=parts.secret,
                mask=parts.mask,
                rate_per_minute=settings.web.webhook.rate_limit_per_minute,
                dedup_window=timedelta(seconds=float(settings.risk.dedup_window_seconds)),
            ),
            address=self.webhook,
        )
