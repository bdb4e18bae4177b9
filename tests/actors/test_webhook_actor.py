import json
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from actors.messages import Answer, Receive
from actors.runtime.replies import NoAnswer, ThreadReply
from actors.webhook import MAX_WAITING, Desk, WebhookActor
from settings.secrets import Secret
from tests.actors.facts import AT
from tests.actors.room import Room
from trading.alert_events import AlertAccepted, AlertUnreadable
from trading.alerts import Sender
from trading.masking import Mask
from trading.vocabulary import AccountName, StrategyName, TimestampMeaning


COMMON, OWN = "common-secret-0123456789", "own-secret-9876543210"
PAPER = (AccountName("paper"),)
NUMBERS = count(1)


def desks() -> dict[StrategyName, Desk]:
    def desk(*, is_unique: bool = False, secret: str | None = None, bar: bool = False) -> Desk:
        return Desk(
            accounts=PAPER,
            sender=Sender(timestamp=TimestampMeaning.BAR if bar else TimestampMeaning.TIMENOW),
            id_is_unique=is_unique,
            secret=None if secret is None else Secret(secret),
        )

    return {
        StrategyName("demo"): desk(),
        StrategyName("unique"): desk(is_unique=True),
        StrategyName("guarded"): desk(secret=OWN),
        StrategyName("bars"): desk(bar=True),
    }


class Gateway:
    """What the edge is to the actor: it sends bodies and reads answers."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def send(self, body: bytes, token: str | None = COMMON) -> ThreadReply[Answer]:
        reply = ThreadReply[Answer]()
        self.room.address("webhook").tell(
            Receive(
                id=f"alert-{next(NUMBERS)}",
                at=self.room.clock.now(),
                body=body,
                token=token,
                address="192.0.2.1",
                reply=reply,
            )
        )
        return reply

    def ask(self, body: bytes, token: str | None = COMMON) -> Answer:
        reply = self.send(body, token)
        self.room.run()
        return reply.wait(0)


def body(**fields: Any) -> bytes:
    known = {"strategy": "demo", "ticker": "AAPL", "action": "buy", "quantity": 10}
    return json.dumps(known | fields).encode()


def webhook(room: Room, *, rate: int | None = None, incarnation: int = 1) -> Gateway:
    room.begin(
        WebhookActor(
            room.birth("webhook", incarnation),
            journal=room.address("journal"),
            reader=room.reader,
            strategies=desks(),
            secret=Secret(COMMON),
            mask=Mask([COMMON, OWN]),
            rate_per_minute=rate,
            dedup_window=timedelta(seconds=45),
        )
    )
    return Gateway(room)


@pytest.fixture
def room() -> Room:
    room = Room()
    room.journal()
    return room


@pytest.fixture
def gateway(room: Room) -> Gateway:
    return webhook(room)


def is_answered(reply: ThreadReply[Answer]) -> bool:
    try:
        reply.wait(0)
    except NoAnswer:
        return False
    return True


# --- accepted -----------------------------------------------------------------------------------


def test_an_alert_is_accepted_when_it_is_on_disk_and_not_before(
    room: Room, gateway: Gateway
) -> None:
    reply = gateway.send(body())
    room.run("webhook")
    assert not is_answered(reply)
    room.run()
    (accepted,) = room.events(AlertAccepted)
    assert reply.wait(0) == Answer(200, {"status": "accepted", "alert_id": accepted.alert_id})
    assert accepted.routes == PAPER


def test_a_repetition_is_answered_with_the_id_of_the_first(gateway: Gateway) -> None:
    first = gateway.ask(body())
    again = gateway.ask(body())
    assert again == Answer(200, {"status": "duplicate", "alert_id": first.body["alert_id"]})


def test_two_equal_bodies_in_one_batch_are_accepted_once(room: Room, gateway: Gateway) -> None:
    replies = [gateway.send(body()) for _ in range(4)]
    room.run()
    statuses = [reply.wait(0).body["status"] for reply in replies]
    assert statuses == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert len(room.events(AlertAccepted)) == 1


def test_the_fire_time_is_known_only_where_the_timestamp_is_one(
    room: Room, gateway: Gateway
) -> None:
    stamp = AT.isoformat()
    gateway.ask(body(timestamp=stamp))
    gateway.ask(body(strategy="bars", timestamp=stamp))
    assert [e.fired_at for e in room.events(AlertAccepted)] == [AT, None]


# --- dedup over time and restarts ---------------------------------------------------------------


def test_tomorrows_equal_body_is_a_new_alert(room: Room, gateway: Gateway) -> None:
    gateway.ask(body())
    room.clock.advance(86_400)
    assert gateway.ask(body()).body["status"] == "accepted"


def test_a_repetition_does_not_prolong_the_window(room: Room, gateway: Gateway) -> None:
    gateway.ask(body())
    room.advance(44)
    assert gateway.ask(body()).body["status"] == "duplicate"
    room.advance(2)
    assert gateway.ask(body()).body["status"] == "accepted"


def test_a_repetition_that_is_not_answered_yet_does_not_prolong_it_either(
    room: Room, gateway: Gateway
) -> None:
    gateway.ask(body())
    room.clock.advance(44)
    repeated = gateway.send(body())
    room.run("webhook")
    room.clock.advance(2)
    new = gateway.send(body())
    room.run()
    assert [r.wait(0).body["status"] for r in (repeated, new)] == ["duplicate", "accepted"]


def test_a_unique_id_is_known_for_ever(room: Room, gateway: Gateway) -> None:
    named = body(strategy="unique", id="7")
    gateway.ask(named)
    room.clock.advance(1e7)
    assert gateway.ask(body(strategy="unique", id="7", quantity=3)).body["status"] == "duplicate"


def test_a_fire_time_is_known_for_ever(room: Room, gateway: Gateway) -> None:
    gateway.ask(body(timestamp=AT.isoformat()))
    room.clock.advance(1e7)
    assert gateway.ask(body(timestamp=AT.isoformat())).body["status"] == "duplicate"


def test_a_bar_time_tells_nothing_for_ever(room: Room, gateway: Gateway) -> None:
    bars = body(strategy="bars", timestamp=AT.isoformat())
    gateway.ask(bars)
    room.advance(46)
    assert gateway.ask(bars).body["status"] == "accepted"


def test_numbers_rise_across_restarts(room: Room, gateway: Gateway) -> None:
    for _ in range(3):
        gateway.ask(body())
        room.advance(46)
        room.end("webhook")
        gateway = webhook(room)
    numbers = [int(e.dedup.rpartition("/")[2]) for e in room.events(AlertAccepted)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 3
    assert gateway.ask(body()).body["status"] == "accepted"
    assert gateway.ask(body()).body["status"] == "duplicate"


# --- refused ------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_and_journalled(room: Room, gateway: Gateway) -> None:
    answer = gateway.ask(body(ticker="ES1!", quantity=-3, colour="red"))
    assert (answer.status, answer.body["code"]) == (400, "INVALID_ALERT")
    faults = answer.body["faults"]
    assert isinstance(faults, list)
    assert [f["place"] for f in faults] == ["ticker", "quantity", "colour"]
    (unreadable,) = room.events(AlertUnreadable)
    assert len(unreadable.faults) == 3
    assert unreadable.alert_id == answer.body["alert_id"]


@pytest.mark.parametrize(
    "broken", [b"", b"buy now", b'{"strategy": "demo"', b"[1]", b"\xff", b'"text"', b"{}"]
)
def test_a_broken_body_of_a_genuine_sender_is_journalled(
    room: Room, gateway: Gateway, broken: bytes
) -> None:
    assert gateway.ask(broken).status == 400
    assert len(room.events(AlertUnreadable)) == 1


@pytest.mark.parametrize("fields", [{}, {"secret": "wrong"}, {"secret": "\ud800"}, {"secret": 7}])
def test_a_wrong_secret_is_401(gateway: Gateway, fields: dict[str, object]) -> None:
    assert gateway.ask(body(**fields), token=None).status == 401


def test_the_secret_may_stand_in_the_body(gateway: Gateway) -> None:
    assert gateway.ask(body(secret=COMMON), token=None).status == 200


@pytest.mark.parametrize(
    ("strategy", "secret", "status"),
    [("guarded", OWN, 200), ("guarded", COMMON, 401), ("demo", OWN, 401), ("demo", COMMON, 200)],
)
def test_a_strategys_own_secret_alone_holds_for_it(
    gateway: Gateway, strategy: str, secret: str, status: int
) -> None:
    assert gateway.ask(body(strategy=strategy, secret=secret), token=None).status == status


def test_an_own_secret_does_not_open_an_unknown_strategy(gateway: Gateway) -> None:
    assert gateway.ask(body(strategy="nobody"), token=OWN).status == 401
    assert gateway.ask(body(strategy="nobody"), token=COMMON).status == 400


def test_a_body_too_broken_to_name_a_strategy_may_carry_any_secret(gateway: Gateway) -> None:
    broken = f'{{"secret": "{OWN}", "strategy": "guarded",,}}'.encode()
    assert gateway.ask(broken, token=None).status == 400


@pytest.mark.parametrize("sent", [b"", b"noise", b"{}", body(), body(secret="guess"), b"\xff\x00"])
def test_unauthenticated_requests_write_nothing(room: Room, gateway: Gateway, sent: bytes) -> None:
    before = room.store.head
    assert gateway.ask(sent, token=None).status in (400, 401)
    assert gateway.ask(sent, token="wrong").status == 401
    assert room.store.head == before


def test_too_many_are_429_with_when_to_come_back(room: Room) -> None:
    gateway = webhook(room, rate=2)
    answers = [gateway.ask(body(quantity=n)) for n in (1, 2, 3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert answers[2].retry_after_s == 30
    room.advance(30)
    assert gateway.ask(body(quantity=3)).status == 200


def test_one_strategys_flood_does_not_limit_another(room: Room) -> None:
    gateway = webhook(room, rate=1)
    for n in range(3):
        gateway.ask(body(quantity=n + 1))
    assert gateway.ask(body(strategy="unique")).status == 200


def test_strangers_do_not_use_up_a_strategys_limit(room: Room) -> None:
    gateway = webhook(room, rate=1)
    for _ in range(3):
        gateway.ask(body(), token="wrong")
    assert gateway.ask(body()).status == 200


# --- the disk -----------------------------------------------------------------------------------


def test_what_the_disk_refuses_is_503_and_accepted_when_sent_again(
    room: Room, gateway: Gateway
) -> None:
    room.store.refusal = "disk full"
    assert gateway.ask(body()).body["code"] == "JOURNAL_CANNOT_COMMIT"
    room.store.refusal = None
    room.advance(5)
    assert gateway.ask(body()).body["status"] == "accepted"


def test_a_swamped_journal_is_503(room: Room, gateway: Gateway) -> None:
    room.address("journal").mailbox.bound = 0
    for sent in (body(), body(ticker="ES1!")):
        assert gateway.ask(sent).status == 503


def test_no_more_alerts_wait_for_the_disk_than_agreed(room: Room, gateway: Gateway) -> None:
    replies = [gateway.send(body(quantity=n + 1)) for n in range(MAX_WAITING + 1)]
    room.run("webhook")
    assert replies[-1].wait(0).status == 503
    assert not any(is_answered(reply) for reply in replies[:-1])
    room.run()
    assert {reply.wait(0).status for reply in replies[:-1]} == {200}


def test_whoever_waits_when_the_actor_ends_is_told_to_try_again(
    room: Room, gateway: Gateway
) -> None:
    reply = gateway.send(body())
    room.run("webhook")
    room.end("webhook", ValueError("boom"))
    assert reply.wait(0).status == 503


def test_a_late_answer_from_the_journal_to_a_former_self_is_no_concern(
    room: Room, gateway: Gateway
) -> None:
    reply = gateway.send(body())
    room.run("webhook")
    room.end("webhook", ValueError("boom"))
    gateway = webhook(room, incarnation=2)
    assert len(room.events(AlertAccepted)) == 1  # it stood before the Join
    assert reply.wait(0).status == 503
    assert gateway.ask(body()).body["status"] == "duplicate"


# --- secrets ------------------------------------------------------------------------------------


def spread(secret: str) -> list[bytes]:
    """A secret in every place of an alert where somebody may put it."""
    names = ("ticker", "action", "quantity", "price", "strategy", "message", "id", "timestamp")
    fields = [body(**{name: secret}) for name in names]
    odd = [body(**{secret: 1}), body(message=secret * 90), body(nested={"secret": secret})]
    raw = [
        f'{{"secret": "{secret}",,}}'.encode(),
        f"{secret} is my secret".encode(),
        ("x" * 4090 + secret).encode(),
        f'{{"{secret}": 1, "{secret}": 2}}'.encode(),
        body(secret=secret, ticker="?"),
    ]
    return [*fields, *odd, *raw]


@pytest.mark.parametrize("secret", [COMMON, OWN])
def test_secrets_stand_nowhere_in_the_journal_nor_in_an_answer(
    room: Room, gateway: Gateway, secret: str
) -> None:
    before = room.store.head
    answers = [gateway.ask(sent, token=COMMON) for sent in spread(secret)]
    kept = json.dumps([list(row) for row in room.store.rows]) + " ".join(room.store.keys)
    shown = kept + json.dumps([dict(answer.body) for answer in answers])
    assert room.store.head >= before + len(answers) - 2
    assert secret[:12] not in shown


def test_an_alert_is_not_spoilt_by_a_secret_that_is_a_part_of_its_strategys_name(
    room: Room,
) -> None:
    actor = WebhookActor(
        room.birth("webhook"),
        journal=room.address("journal"),
        reader=room.reader,
        strategies=desks(),
        secret=Secret("demo"),
        mask=Mask(["demo", OWN]),
        rate_per_minute=None,
        dedup_window=timedelta(seconds=45),
    )
    room.begin(actor)
    gateway = Gateway(room)
    assert gateway.ask(body(), token="demo").status == 200
    answer = gateway.ask(body(ticker="?"), token="demo")
    faults = answer.body["faults"]
    assert isinstance(faults, list)
    assert [f["place"] for f in faults] == ["ticker"]
    assert room.events(AlertUnreadable)[0].strategy == "demo"


def test_who_is_turned_away_is_told_once_a_minute_and_counted(
    room: Room, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        gateway.ask(body(), token="wrong")
    gateway.ask(b"{")
    room.advance(60)
    gateway.ask(body(), token="wrong")
    told = [(vars(r)["code"], vars(r)["since_last"]) for r in caplog.records]
    assert told == [("BAD_SECRET", 1), ("BAD_SECRET", 5)]
    assert caplog.messages == ["alert_turned_away"] * 2


def test_a_duplicate_is_logged_under_the_first_one_s_id(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    first = gateway.ask(body()).body["alert_id"]
    gateway.ask(body())
    assert [vars(r)["alert_id"] for r in caplog.records] == [first]


def test_an_unknown_message_is_a_bug(room: Room, gateway: Gateway) -> None:
    with pytest.raises(TypeError, match="does not know"):
        room.actors["webhook"].receive("hello")
    assert gateway.ask(body()).status == 200
