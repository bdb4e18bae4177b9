"""VenueLogin: one person's sign-in at one venue, kept alive and handed to his accounts."""

import logging
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final

from attrs import frozen

from actors.event_sourced import EventSourced
from actors.interests import accounts_of, interest
from actors.login_messages import (
    Admitted,
    LetIn,
    Noticed,
    NotRenewed,
    SignedIn,
    SignedOut,
    Stirred,
    TokenRefused,
)
from actors.loop_thread import LoopThread
from actors.memory import Memory
from actors.messages import Tick
from actors.runtime import Address, Alarms, Birth
from brokers.base import AuthExpiredError, BrokerError
from brokers.sign_in import Access, SignIn
from journal.recall import Recall
from trading.event import Event
from trading.sign_ins import SIGN_INS, Standing, facts_of_sign_in, facts_of_sign_out
from trading.vocabulary import AccountName


log = logging.getLogger("trading_bot.login")

LOOK: Final = Tick("look")
LOOK_EVERY_S: Final = 5.0
"""How soon a sign-in made elsewhere is noticed; access is renewed a minute ahead of its end."""


@frozen
class Standings:
    """How accounts stand with their venues."""

    of: Mapping[AccountName, Standing] = {}

    def after(self, event: Event) -> "Standings":
        """The standings after one event."""
        if not isinstance(event, SIGN_INS):
            return self
        (name,) = accounts_of(event) or ("",)
        account = AccountName(name)
        before = self.of.get(account, Standing())
        return Standings({**self.of, account: before.after(event)})


def login_memory(name: str) -> Memory[Standings]:
    """What a VenueLogin remembers."""
    return Memory(
        name, kind=Standings, begin=Standings, step=Standings.after, interest=interest(SIGN_INS)
    )


class LoginLine:
    """A sign-in on a loop of its own; what a look at it brought is told under the line's name."""

    def __init__(self, name: str, sign_in: SignIn, tell: Callable[[object], None]) -> None:
        self.name = name
        self._sign_in = sign_in
        self._tell = tell
        self._loop = LoopThread(f"{name}-line", sign_in.close)

    def look(self) -> None:
        """See to it that access lasts; SignedIn, SignedOut or NotRenewed is told."""
        self._loop.start(self._look())

    def refused(self, token: str) -> None:
        """The venue did not take a token: get another one."""
        self._loop.call(self._sign_in.refused, token)
        self.look()

    def close(self) -> None:
        """End it, within a few seconds."""
        self._loop.close()

    def close_soon(self) -> None:
        """End it, without waiting."""
        self._loop.close_soon()

    async def _look(self) -> None:
        try:
            access = await self._sign_in.access()
            until = self._sign_in.until
        except AuthExpiredError as error:
            self._tell(SignedOut(self.name, str(error)))
        except BrokerError as error:
            self._tell(NotRenewed(self.name, str(error)))
        except Exception as error:
            # A bug in keeping it alive must not end the trying.
            log.exception("sign_in_failed_oddly")
            self._tell(NotRenewed(self.name, repr(error)))
        else:
            self._sign_in.listen(self._noticed)
            self._tell(SignedIn(self.name, access, until or access.expires_at))

    def _noticed(self) -> None:
        self._tell(Noticed(self.name))


class VenueLogin(EventSourced[Standings]):
    """Hands access to its accounts whenever it changes, and writes down who is signed in.

    There is one for all accounts that share a sign-in: two owners of one refresh token would put
    each other out. An account that asks before anything is known is answered once it is.
    """

    def __init__(
        self,
        birth: Birth,
        *,
        journal: Address,
        reader: Recall,
        alarms: Alarms,
        accounts: tuple[AccountName, ...],
        make_sign_in: Callable[[], SignIn],
    ) -> None:
        super().__init__(
            birth, journal=journal, reader=reader, memory=login_memory(birth.address.name)
        )
        self._accounts = accounts
        self._make_sign_in = make_sign_in
        self._told: Admitted | None = None
        self._reply_to: dict[AccountName, Address] = {}
        self._lines = count(1)
        self._line: LoginLine | None = None
        self._is_renewed = True
        self._looking = self.own(alarms).every(LOOK_EVERY_S, self.address, LOOK)

    def recovered(self) -> None:
        """Look at once."""
        if self._line is None:
            name = f"{self.address.name}/{self.incarnation}.{next(self._lines)}"
            self._line = LoginLine(name, self._make_sign_in(), self._tell_self)
        self._line.look()

    def on_end(self, error: BaseException | None) -> None:  # noqa: ARG002 - whatever the cause
        """Keep nothing alive any more."""
        self._looking.cancel()
        if self._line is not None:
            self._line.close()

    def revoked(self) -> None:
        """Whoever replaces a hung actor has a line of his own."""
        if self._line is not None:
            self._line.close_soon()

    def _tell_self(self, message: object) -> None:
        self.address.tell(message, control=True)

    # --- messages -------------------------------------------------------------------------------

    def handle(self, message: object) -> None:
        """What accounts ask, and what the line tells."""
        match message:
            case Tick():
                self._on_line(LoginLine.look)
            case LetIn(account=account, reply_to=reply_to):
                self._reply_to[account] = reply_to
                if self._told is not None:
                    reply_to.tell(self._told, control=True)
            case TokenRefused(token=token):
                self._on_line(lambda line: line.refused(token))
            case Noticed():
                for address in self._reply_to.values():
                    address.tell(Stirred(), control=True)
            case SignedIn() | SignedOut() | NotRenewed():
                if self._line is not None and message.line == self._line.name:
                    self._heard(message)
            case _:
                raise TypeError(f"the VenueLogin does not know {message!r}")

    def _on_line(self, do: Callable[[LoginLine], None]) -> None:
        if self._line is not None:
            do(self._line)

    def _heard(self, message: SignedIn | SignedOut | NotRenewed) -> None:
        now, cause = self.clock.now(), self.address.name
        match message:
            case SignedIn(access=access, until=until):
                facts = facts_of_sign_in(self._accounts, self.state.of, until, now)
                self._hand_out(access)
            case SignedOut(reason=reason):
                facts = facts_of_sign_out(self._accounts, self.state.of, reason, now)
                self._hand_out(None, reason)
            case NotRenewed(reason=reason):
                facts = ()
                if self._is_renewed:
                    log.warning("sign_in_not_renewed", extra={"login": cause, "reason": reason})
        self._is_renewed = not isinstance(message, NotRenewed)
        for fact in facts:
            self.append(fact, cause=cause)

    def _hand_out(self, access: Access | None, reason: str = "") -> None:
        told = Admitted(access, reason)
        if told == self._told:
            return
        self._told = told
        for address in self._reply_to.values():
            address.tell(told, control=True)
