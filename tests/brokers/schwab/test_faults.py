"""Faults on every write, by seed: each order at the desk is one of ours, none is there twice."""

from random import Random

import pytest

from brokers.base import BrokerError, RejectedError, UnreachableError
from tests.brokers.schwab.desk import Desk
from tests.brokers.schwab.server import Hands
from tests.brokers.schwab.test_schwab_venue import Room, in_room, limit
from trading.vocabulary import OrderId


FAULTS = ("", "", "", "before", "after", "no location", "400", "401", "429", "500")
ORDERS = 40


@pytest.mark.parametrize("seed", range(8))
def test_no_fault_makes_an_order_twice_or_loses_one(seed: int) -> None:
    chance = Random(seed)
    ids: dict[OrderId, str] = {}
    unknown: list[OrderId] = []

    async def send(room: Room, name: OrderId) -> None:
        room.desk.fault = chance.choice(FAULTS)
        try:
            ids[name] = await room.venue.submit(limit(chance.randint(1, 5), name))
        except (RejectedError, UnreachableError):
            room.desk.fault = ""
        except BrokerError:
            unknown.append(name)

    async def read_back(room: Room) -> None:
        for name in tuple(unknown):
            if (found := await room.venue.find(name)) is not None:
                unknown.remove(name)
                ids[name] = found.broker_order_id

    async def scenario(room: Room) -> None:
        for number in range(ORDERS):
            await send(room, OrderId(f"o{number}"))
            room.hands.pass_by(chance.choice((1, 1, 30, 200)))
            if chance.random() < 0.3:
                await read_back(room)
        await read_back(room)
        assert sorted(ids.values()) == sorted(str(number) for number in room.desk.orders)
        assert len(set(ids.values())) == len(ids) == room.desk.posts

    in_room(scenario, Desk(Hands()), like_order_waits_s=0.005)
