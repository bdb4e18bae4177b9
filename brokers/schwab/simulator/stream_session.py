"""One connection to the streamer: what it has subscribed to, and what it is told. No sockets."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, evolve, field, frozen

from brokers.schwab.simulator import stream_words as words
from brokers.schwab.simulator.answers import Json
from brokers.schwab.simulator.model import World
from brokers.schwab.simulator.stream_activity import SUBSCRIBED, Told, told_of
from brokers.schwab.simulator.stream_market import (
    LAST_ACTIVITY,
    LAST_CHART,
    LAST_LEVEL_ONE,
    change,
    chart,
    snapshot,
)
from brokers.schwab.simulator.tape import MINUTE, Tape


LEVEL_ONE: Final = "LEVELONE_EQUITIES"
CHART: Final = "CHART_EQUITY"
ACTIVITY: Final = "ACCT_ACTIVITY"
LAST_FIELD: Final = {LEVEL_ONE: LAST_LEVEL_ONE, CHART: LAST_CHART, ACTIVITY: LAST_ACTIVITY}
MOST_SYMBOLS: Final = 500


@frozen(kw_only=True)
class Subscription:
    """The keys and fields of a service, each in the order they were named."""

    keys: tuple[str, ...]
    fields: tuple[int, ...]


@define(kw_only=True)
class Session:
    """What one signed-in connection is told; `seq` counts anew for each service and sign-in."""

    tape: Tape
    subscriptions: dict[str, Subscription] = field(factory=dict)
    _seq: dict[str, int] = field(factory=dict)
    _charted: datetime | None = None

    def asked(self, request: Json, world: World, now: datetime) -> Iterator[Json]:
        """The answer to a request after the sign-in, and the data that follows at once."""
        service, command = str(request.get("service", "")), str(request.get("command", ""))
        before = self.subscriptions.get(service)
        code, message = self._taken(service, command, request.get("parameters"))
        yield words.responded(request, code, message, _ms(now))
        if code == words.DONE and command in ("SUBS", "ADD"):
            yield from self._first(service, before, world, now)

    def changed(self, before: World, after: World, now: datetime) -> Iterator[Json]:
        """What the subscriptions bring of a change."""
        if ACTIVITY in self.subscriptions:
            yield from self._activities(list(told_of(before, after)), now)
        if (wanted := self.subscriptions.get(LEVEL_ONE)) is not None:
            moved = [
                item
                for symbol in wanted.keys
                if (quote := after.quotes.get(symbol)) is not None
                and (was := before.quotes.get(symbol)) is not None
                and was is not quote
                and (item := change(was, quote, wanted.fields)) is not None
            ]
            if moved:
                yield words.data(LEVEL_ONE, moved, _ms(now))

    def passed(self, world: World, now: datetime) -> Iterator[Json]:
        """The bar of the minute that has ended, once."""
        minute = now.replace(second=0, microsecond=0)
        first, self._charted = self._charted is None, self._charted or minute
        wanted = self.subscriptions.get(CHART)
        if first or wanted is None or minute <= self._charted:
            return
        self._charted = minute
        content = []
        for symbol in wanted.keys:
            quote = world.quotes.get(symbol)
            bar = self.tape.minute(quote, minute - MINUTE) if quote is not None else None
            if bar is not None:
                content.append(chart(bar, self._next(CHART), wanted.fields))
        if content:
            yield words.data(CHART, content, _ms(now))

    # --- requests -------------------------------------------------------------------------------

    def _taken(self, service: str, command: str, parameters: Any) -> tuple[int, str]:
        if service not in LAST_FIELD:
            return words.NO_SERVICE, f"Service {service} not available."
        if command not in words.FAILED:
            return words.BAD_COMMAND, f"Bad command {command}."
        told = parameters if isinstance(parameters, Mapping) else {}
        keys = _listed(told.get("keys"))
        if service != ACTIVITY:
            keys = tuple(key.upper() for key in keys)
        fields = _numbers(told.get("fields"), LAST_FIELD[service])
        if fields is None or _lacks(command, keys, fields):
            return words.FAILED[command], f"{command} command failed"
        if not self._kept(service, command, keys, fields):
            return words.TOO_MANY_SYMBOLS, f"{MOST_SYMBOLS} symbols at most"
        return words.DONE, f"{command} command succeeded"

    def _kept(
        self, service: str, command: str, keys: tuple[str, ...], fields: tuple[int, ...]
    ) -> bool:
        old = self.subscriptions.get(service)
        if service == ACTIVITY and command == "ADD":
            # As it is at Schwab: it is answered with success, and brings nothing.
            return True
        had, having = (old.keys, old.fields) if old is not None else ((), ())
        match command:
            case "ADD":
                keys = tuple(dict.fromkeys((*had, *keys)))
            case "UNSUBS":
                keys = tuple(key for key in had if key not in keys)
            case "VIEW":
                keys = had
            case _:
                pass
        if len(keys) > MOST_SYMBOLS:
            return False
        self.subscriptions[service] = Subscription(keys=keys, fields=fields or having)
        if not keys:
            del self.subscriptions[service]
        return True

    def _first(
        self, service: str, before: Subscription | None, world: World, now: datetime
    ) -> Iterator[Json]:
        wanted = self.subscriptions.get(service)
        if wanted is None:
            return
        if service == ACTIVITY:
            yield from self._activities([Told(account="", kind=SUBSCRIBED, data="")], now)
        if service == LEVEL_ONE:
            told = before.keys if before is not None and before.fields == wanted.fields else ()
            new = [world.quotes[key] for key in wanted.keys if key in world.quotes]
            fresh = [evolve(each, at=now) for each in new if each.symbol not in told]
            content = [snapshot(each, wanted.fields) for each in fresh]
            if content:
                yield words.data(LEVEL_ONE, content, _ms(now))

    # --- data -----------------------------------------------------------------------------------

    def _activities(self, told: list[Told], now: datetime) -> Iterator[Json]:
        key = self.subscriptions[ACTIVITY].keys[0]
        for each in told:
            values = {"1": each.account, "2": each.kind, "3": each.data}
            content = {"seq": self._next(ACTIVITY), "key": key} | values
            yield words.data(ACTIVITY, [content], _ms(now))

    def _next(self, service: str) -> int:
        self._seq[service] = self._seq.get(service, 0) + 1
        return self._seq[service]


def _listed(text: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in str(text or "").split(",") if each.strip()))


def _numbers(text: Any, last: int) -> tuple[int, ...] | None:
    """The fields named, or None: they are numbers of the service, ascending."""
    named = _listed(text)
    if not all(each.isdecimal() and int(each) <= last for each in named):
        return None
    numbers = tuple(int(each) for each in named)
    return numbers if list(numbers) == sorted(numbers) else None


def _lacks(command: str, keys: tuple[str, ...], fields: tuple[int, ...]) -> bool:
    if command == "VIEW":
        return not fields
    return not keys or (command == "SUBS" and not fields)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
