"""VenueLogin: access kept alive on a line of its own, handed to accounts, and written down."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from actors.login_messages import Admitted, LetIn, SignedOut, Stirred, TokenRefused
from actors.venue_login import LOOK_EVERY_S, VenueLogin
from brokers.base import AuthExpiredError, BrokerError, UnreachableError
from brokers.sign_in import Access
from tests.actors.facts import AT, PAPER
from tests.actors.room import Room
from trading.sign_ins import SignInDue, VenueSignedIn, VenueSignedOut
from trading.vocabulary import AccountName


LOGIN = "login:schwab-1"
IRA = AccountName("ira")
WEEK = AT + timedelta(days=7)


class ScriptedSignIn:
    """Answers with what stands in `next`; an error there is raised."""

    def __init__(self) -> None:
        self.next: Access | Exception = AuthExpiredError("nobody is signed in")
        self.until: datetime | None = WEEK
        self.refusals: list[str] = []
        self.closed = threading.Event()

    async def access(self) -> Access:
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def refused(self, token: str) -> None:
        self.refusals.append(token)
        self.next = access("another")

    def listen(self, happened: Callable[[], None]) -> None:
        self.happened = happened

    async def close(self) -> None:
        self.closed.set()


def access(token: str) -> Access:
    return Access(token=token, expires_at=AT + timedelta(minutes=30))


class House:
    """A VenueLogin on a real line, and two accounts that listen."""

    def __init__(self) -> None:
        self.room = Room()
        self.room.journal()
        self.sign_in = ScriptedSignIn()

    def begin(self, incarnation: int = 1) -> None:
        self.login = VenueLogin(
            self.room.birth(LOGIN, incarnation),
            journal=self.room.address("journal"),
            reader=self.room.reader,
            alarms=self.room.timers,
            accounts=(PAPER, IRA),
            make_sign_in=lambda: self.sign_in,
        )
        self.room.begin(self.login)

    def asks(self, account: AccountName) -> None:
        self.room.address(LOGIN).tell(LetIn(account, self.room.address(f"broker:{account}")))
        self.room.run()

    def admitted(self, account: AccountName) -> list[Admitted]:
        """What it has been told since it was last asked, as soon as there is any."""
        address = self.room.address(f"broker:{account}")
        self.room.until(lambda: bool(address.letters), LOGIN)
        return [message for message in address.take() if isinstance(message, Admitted)]

    def until_there_are(
        self, kind: type[VenueSignedIn | VenueSignedOut | SignInDue], n: int
    ) -> None:
        self.room.until(lambda: len(self.room.events(kind)) >= n, LOGIN)


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.login.on_end(None)
    assert house.sign_in.closed.wait(5)


def test_nobody_is_signed_in_and_it_is_written_down_once(house: House) -> None:
    house.begin()
    house.asks(PAPER)
    (told,) = house.admitted(PAPER)
    assert told == Admitted(None, "nobody is signed in")
    house.until_there_are(VenueSignedOut, 2)
    house.room.advance(LOOK_EVERY_S)
    assert [event.account for event in house.room.events(VenueSignedOut)] == [PAPER, IRA]


def test_who_asks_before_anything_is_known_is_answered_then(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.asks(IRA)
    assert house.admitted(PAPER) == house.admitted(IRA) == [Admitted(access("first"))]
    house.until_there_are(VenueSignedIn, 2)
    assert {event.until for event in house.room.events(VenueSignedIn)} == {WEEK}


def test_a_sign_in_made_elsewhere_is_noticed_and_handed_on(house: House) -> None:
    house.begin()
    house.asks(PAPER)
    house.admitted(PAPER)
    house.sign_in.next = access("late")
    house.room.advance(LOOK_EVERY_S)
    assert house.admitted(PAPER) == [Admitted(access("late"))]


def test_renewed_access_is_handed_on_and_the_same_is_not(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.admitted(PAPER)
    house.room.advance(LOOK_EVERY_S)
    house.sign_in.next = access("second")
    house.room.advance(LOOK_EVERY_S)
    assert house.admitted(PAPER) == [Admitted(access("second"))]
    assert len(house.room.events(VenueSignedIn)) == 2


def test_something_that_happened_at_the_venue_wakes_every_account(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.asks(IRA)
    house.admitted(PAPER)
    house.admitted(IRA)
    house.sign_in.happened()
    for account in (PAPER, IRA):
        address = house.room.address(f"broker:{account}")
        house.room.until(lambda: bool(house.room.address("broker:paper").letters), LOGIN)
        assert address.told == [Stirred()]


def test_a_token_that_the_venue_refused_is_replaced_for_all(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.asks(IRA)
    house.admitted(PAPER)
    house.admitted(IRA)
    house.room.address(LOGIN).tell(TokenRefused("first"))
    assert house.admitted(PAPER) == house.admitted(IRA) == [Admitted(access("another"))]
    assert house.sign_in.refusals == ["first"]


@pytest.mark.parametrize("error", [UnreachableError("away"), BrokerError("x"), ValueError("odd")])
def test_bad_weather_takes_nothing_away(house: House, error: Exception) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.admitted(PAPER)
    house.sign_in.next = error
    house.room.advance(LOOK_EVERY_S)
    house.room.advance(LOOK_EVERY_S)
    house.sign_in.next = access("second")
    house.room.advance(LOOK_EVERY_S)
    assert house.admitted(PAPER) == [Admitted(access("second"))]
    assert house.room.events(VenueSignedOut) == []


def test_its_end_is_told_in_time(house: House) -> None:
    house.sign_in.next, house.sign_in.until = access("first"), AT + timedelta(hours=24)
    house.begin()
    house.until_there_are(SignInDue, 2)
    assert {(event.account, event.hours) for event in house.room.events(SignInDue)} == {
        (PAPER, 24),
        (IRA, 24),
    }


def test_a_venue_that_does_not_say_until_when_lasts_as_long_as_its_access(house: House) -> None:
    house.sign_in.next, house.sign_in.until = access("first"), None
    house.begin()
    house.until_there_are(VenueSignedIn, 2)
    assert house.room.events(VenueSignedIn)[0].until == access("first").expires_at


def test_a_new_incarnation_writes_nothing_down_anew(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.until_there_are(VenueSignedIn, 2)
    house.room.end(LOGIN)
    house.begin(2)
    house.asks(PAPER)
    assert house.admitted(PAPER) == [Admitted(access("first"))]
    assert len(house.room.events(VenueSignedIn)) == 2


def test_what_a_former_line_says_is_nothing(house: House) -> None:
    house.sign_in.next = access("first")
    house.begin()
    house.asks(PAPER)
    house.admitted(PAPER)
    house.room.address(LOGIN).tell(SignedOut("another line", "no"))
    house.room.run()
    assert house.room.events(VenueSignedOut) == []


def test_a_token_refused_before_there_is_a_line_is_seen_to_later(house: House) -> None:
    house.begin()
    line, house.login._line = house.login._line, None
    house.login.handle(TokenRefused("x"))
    house.login._line = line
    assert house.sign_in.refusals == []


def test_revoked_it_ends_without_waiting(house: House) -> None:
    house.begin()
    house.login.revoked()
    house.login.revoked()


def test_it_knows_what_it_is_told(house: House) -> None:
    house.begin()
    with pytest.raises(TypeError, match="does not know 7"):
        house.login.handle(7)


def test_no_token_shows_itself() -> None:
    assert "geheim" not in repr(
        (access("geheim"), Admitted(access("geheim")), TokenRefused("geheim"))
    )
