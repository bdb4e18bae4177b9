"""Random days of an account, and what must hold after each step and at rest.

Everything is drawn from one seed, so that what was found once is found again.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from brokers.ledger_events import PaperAccepted
from brokers.paper_rules import Lending
from tests.actors.room import OPEN
from tests.stateful.house import Account, rules_named
from trading.alert_events import AlertAccepted, AlertQuarantined, SignalApproved, SignalRefused
from trading.by_hand import Adjust, Adopt, Transfer
from trading.external import cash_residual, residuals
from trading.money import CENT, ZERO
from trading.order_events import SubmitStarted
from trading.profit import unexplained
from trading.vocabulary import Action, Code, OrderType, Side, Sides, StrategyName, Symbol


SIDES: Final = {
    StrategyName("alpha"): Sides.LONG_ONLY,
    StrategyName("beta"): Sides.LONG_ONLY,
    StrategyName("gamma"): Sides.LONG_SHORT,
    StrategyName("delta"): Sides.SHORT_ONLY,
}
STRATEGIES: Final = tuple(SIDES)
SYMBOLS: Final = (Symbol("AAPL"), Symbol("MSFT"), Symbol("F"))
RATIOS: Final = ((2, 1), (3, 1), (3, 2), (1, 2))
MOVEMENTS: Final = ("deposit", "withdrawal", "interest", "fee", "dividend")


class Machine:
    """One account's random life; `step` does something, `faults` says what should not be."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        beside = dict.fromkeys(SYMBOLS, Decimal(10_000))
        limits = evolve(OPEN, allow_short=True, reversal_wait_seconds=Decimal(120))
        rules = (
            rules_named(name, external=beside, sides=sides, limits=limits)
            for name, sides in SIDES.items()
        )
        self.account = Account(*rules, cash=200_000, lends=Lending(symbols=frozenset(SYMBOLS)))
        self.prices = dict.fromkeys(SYMBOLS, Decimal(100))
        self.done: Counter[str] = Counter()
        self.splits: set[tuple[Symbol, date]] = set()
        for symbol in SYMBOLS:
            self.account.quoted(symbol, self.prices[symbol])

    def step(self) -> str:
        """Do one thing at random; its name."""
        name, act = self.chance.choices(ACTS, WEIGHTS)[0]
        act(self)
        self.done[name] += 1
        return name

    # --- alerts ---------------------------------------------------------------------------------

    def buy(self) -> None:
        strategy, symbol = self._whose()
        self.account.buy(self._some(), strategy, symbol=symbol, price=self.prices[symbol])
        self._trade(symbol)

    def buy_limit(self) -> None:
        strategy, symbol = self._whose()
        limit = (self.prices[symbol] * self._about(3)).quantize(CENT)
        self.account.buy(
            self._some(),
            strategy,
            symbol=symbol,
            price=self.prices[symbol],
            order_type=OrderType.LIMIT,
            limit_price=limit,
        )
        self._trade(symbol)

    def sell(self) -> None:
        strategy, symbol = self._whose()
        price = self.prices[symbol]
        stop = (price * Decimal("1.05")).quantize(CENT)
        self.account.sell(self._some(), strategy, symbol=symbol, price=price, stop_loss=stop)
        self._trade(symbol)

    def close(self) -> None:
        strategy, symbol = self._whose()
        way = self.chance.choice((Action.CLOSE_LONG, Action.CLOSE_SHORT))
        self.account.alert(way, strategy, symbol, price=self.prices[symbol])
        self._trade(symbol)

    def two_at_once(self) -> None:
        """The second comes before the first has met a price."""
        strategy, symbol = self._whose()
        price = self.prices[symbol]
        self.account.buy(self._some(), strategy, symbol=symbol, price=price)
        self.account.alert(Action.CLOSE_LONG, strategy, symbol, price=price)
        self._trade(symbol)

    def _trade(self, symbol: Symbol) -> None:
        """A moment later the market shows a price, which orders that have arrived meet."""
        self.account.advance(0.5)
        self.account.quoted(symbol, self.prices[symbol])

    # --- the market and the venue ---------------------------------------------------------------

    def price(self) -> None:
        symbol = self.chance.choice(SYMBOLS)
        self.prices[symbol] = (self.prices[symbol] * self._about(4)).quantize(CENT)
        self.account.advance(1)
        self.account.quoted(symbol, self.prices[symbol])

    def outsider(self) -> None:
        """Somebody adds to what is held, or takes no more of it than is not offered already."""
        symbol = self.chance.choice(SYMBOLS)
        ledger = self.account.ledger
        held = ledger.held(symbol)
        adds = Side.BUY if held >= 0 else Side.SELL
        offered = sum(
            (
                o.remaining
                for o in ledger.resting.values()
                if o.terms.symbol == symbol and o.terms.side is not adds
            ),
            ZERO,
        )
        free = int(abs(held) - offered)
        side = self.chance.choice((adds, adds.opposite)) if free > 0 else adds
        quantity = self.chance.randint(1, 20 if side is adds else free)
        self.account.traded_outside(side, quantity, self.prices[symbol], symbol)

    def split(self) -> None:
        """Overnight, once a trading day: no order is out, the books agree, the price follows."""
        symbol, (new, old) = self.chance.choice(SYMBOLS), self.chance.choice(RATIOS)
        self.next_day()
        day = self.account.books.calendar.trading_day(self.account.room.clock.now())
        if (symbol, day) in self.splits:
            return
        self.rest()
        held = self.account.ledger.held(symbol)
        if not held or held * new % old or self.account.desk.live(symbol):
            return
        self.account.looked()
        self.splits.add((symbol, day))
        self.account.split(new, old, symbol)
        self.prices[symbol] = (self.prices[symbol] * old / new).quantize(CENT)
        self.account.quoted(symbol, self.prices[symbol])
        self.account.looked()
        self.account.looked()

    def movement(self) -> None:
        kind = self.chance.choice(MOVEMENTS)
        amount = Decimal(self.chance.randint(1, 50_000)) * CENT
        symbol = self.chance.choice(SYMBOLS) if kind == "dividend" else None
        signed = -amount if kind in ("withdrawal", "fee") else amount
        self.account.moved(kind, signed, symbol=symbol)

    # --- faults ---------------------------------------------------------------------------------

    def deaf(self) -> None:
        """Reports are lost from now on, or come again."""
        self.account.venue.is_deaf = not self.account.venue.is_deaf

    def lost_answer(self) -> None:
        self.account.venue.loses_next_answer = True

    def failed_looks(self) -> None:
        self.account.venue.fails_looks = self.chance.randint(1, 4)

    def restart(self) -> None:
        self._restart(self.chance.choice((1.0, 5.0, 45.0, 400.0)))

    def _restart(self, after_s: float) -> None:
        self.account.restart(after_s)
        for symbol, price in self.prices.items():
            self.account.quoted(symbol, price)

    # --- time and people ------------------------------------------------------------------------

    def wait(self) -> None:
        self.account.advance(self.chance.choice((1, 10, 31, 70)))

    def next_day(self) -> None:
        """Nobody is there overnight: a day of ticks is a day of work."""
        self._restart(86_400)

    def resume(self) -> None:
        self.account.resume()

    def adopt(self) -> None:
        strategy, symbol = self._whose()
        outside = self.account.desk.book.outside(symbol).quantity
        if abs(outside) >= 1:
            quantity = Decimal(self.chance.randint(1, int(abs(outside))))
            price = self.prices[symbol]
            self.account.by_hand(
                Adopt(strategy=strategy, symbol=symbol, quantity=quantity, price=price)
            )

    def transfer(self) -> None:
        strategy, symbol = self._whose()
        held = self.account.held(strategy, symbol)
        if abs(held) >= 1:
            to = self.chance.choice([other for other in STRATEGIES if other != strategy])
            quantity = Decimal(self.chance.randint(1, int(abs(held))))
            self.account.by_hand(
                Transfer(strategy=strategy, to=to, symbol=symbol, quantity=quantity)
            )

    def mistake(self) -> None:
        """The books are put wrong by hand, stay so for a while, and are put right."""
        self.rest()
        symbol = self.chance.choice(SYMBOLS)
        quantity = Decimal(self.chance.randint(1, 5))
        price = self.prices[symbol]
        if self.account.desk.book.net(symbol) < 0:
            return
        self.account.by_hand(Adjust(symbol=symbol, quantity=quantity, price=price))
        for _ in range(self.chance.choice((1, 6))):
            self.account.advance(11)
        self.account.by_hand(Adjust(symbol=symbol, quantity=-quantity, price=price))

    # --- at rest --------------------------------------------------------------------------------

    def rest(self) -> None:
        """All faults heal, every order meets a price or its end, and time passes."""
        self.account.venue.is_deaf = False
        self.account.venue.loses_next_answer = False
        self.account.venue.fails_looks = 0
        for _ in range(4):
            self.account.advance(61)
            for symbol, price in self.prices.items():
                self.account.quoted(symbol, price)

    # --- what must hold -------------------------------------------------------------------------

    def faults(self) -> Iterator[str]:
        """What must hold at every step."""
        book = self.account.desk.book
        for symbol in SYMBOLS:
            shares = {s: book.position(s, symbol).quantity for s in STRATEGIES}
            if any(not SIDES[s].may_hold(share) for s, share in shares.items()):
                yield f"own share: {symbol} is held on the wrong side: {shares}"
            outside = book.outside(symbol).quantity
            held = (*shares.values(), outside)
            if any(share > 0 for share in held) and any(share < 0 for share in held):
                yield f"own share: {symbol} has two signs: {shares}, external {outside}"

    def faults_at_rest(self) -> Iterator[str]:
        """What must hold once nothing is under way."""
        yield from self.faults()
        yield from self._decided_once()
        yield from self._sent_once()
        yield from self._books_close()
        yield from self._orders_are_the_same()
        yield from self._folds_are_the_same()

    def _decided_once(self) -> Iterator[str]:
        decisions: Counter[str] = Counter()
        alerts: set[str] = set()
        for recorded in self.account.room.reader.events():
            match recorded.event:
                case AlertAccepted(alert_id=alert_id):
                    alerts.add(alert_id)
                case SignalApproved() | SignalRefused() | AlertQuarantined():
                    decisions[recorded.event.alert_id] += 1
                case _:
                    pass
        undecided = sorted(alerts - decisions.keys())
        if undecided:
            yield f"I1: undecided: {undecided}"
        yield from (f"I1: {a} was decided {n} times" for a, n in decisions.items() if n > 1)

    def _sent_once(self) -> Iterator[str]:
        taken: Counter[str] = Counter()
        _, reader = self.account.disk.open()
        for recorded in reader.events():
            if isinstance(recorded.event, PaperAccepted):
                taken[recorded.event.order_id] += 1
        started = Counter(
            r.event.order_id
            for r in self.account.room.reader.events()
            if isinstance(r.event, SubmitStarted)
        )
        for counted in (taken, started):
            yield from (f"I2: {o} {n} times" for o, n in counted.items() if n > 1)

    def _books_close(self) -> Iterator[str]:
        account = self.account
        for book in (account.books, account.desk.book):
            for residual in residuals(book, account.ledger.holdings):
                yield f"I3: {residual}"
            if cash_residual(book, account.ledger.cash):
                yield f"I3: cash {book.cash}, the venue has {account.ledger.cash}"
            if abs(unexplained(book)) > Decimal("1E-6"):
                yield f"the books do not close: {unexplained(book)}"
        if account.desk.differences:
            yield f"I3: still named: {dict(account.desk.differences)}"

    def _orders_are_the_same(self) -> Iterator[str]:
        """What works at the venue works in our books, and nothing else does."""
        there = {order.terms.order_id for order in self.account.ledger.resting.values()}
        here = set(self.account.desk.orders)
        if there != here:
            yield f"I3: only at the venue {there - here}, only here {here - there}"
        if any(s.code is Code.POSITION_DIFFERENCE for s in self.account.desk.stops.in_force):
            yield "I11: stopped for a difference that is no more"

    def _folds_are_the_same(self) -> Iterator[str]:
        for actor in self.account.folding:
            if self.account.folded_anew(actor) != actor.state:
                yield f"I5: {actor.address.name} folds to something else"

    # --- chance ---------------------------------------------------------------------------------

    def _whose(self) -> tuple[StrategyName, Symbol]:
        return self.chance.choice(STRATEGIES), self.chance.choice(SYMBOLS)

    def _some(self) -> int:
        return self.chance.randint(1, 20)

    def _about(self, percent: int) -> Decimal:
        return 1 + Decimal(self.chance.randint(-100 * percent, 100 * percent)) / 10_000


Step = Callable[[Machine], None]

_WEIGHED: Final[dict[str, tuple[Step, int]]] = {
    "buy": (Machine.buy, 16),
    "buy at a limit": (Machine.buy_limit, 8),
    "sell": (Machine.sell, 10),
    "close": (Machine.close, 8),
    "two at once": (Machine.two_at_once, 4),
    "price": (Machine.price, 16),
    "outsider": (Machine.outsider, 8),
    "split": (Machine.split, 1),
    "movement": (Machine.movement, 4),
    "deaf": (Machine.deaf, 4),
    "lost answer": (Machine.lost_answer, 3),
    "failed looks": (Machine.failed_looks, 2),
    "restart": (Machine.restart, 2),
    "wait": (Machine.wait, 8),
    "next day": (Machine.next_day, 1),
    "resume": (Machine.resume, 6),
    "adopt": (Machine.adopt, 2),
    "transfer": (Machine.transfer, 2),
    "mistake": (Machine.mistake, 1),
}
ACTS: Final = [(name, act) for name, (act, _) in _WEIGHED.items()]
WEIGHTS: Final = [weight for _, weight in _WEIGHED.values()]
EVERY: Final = frozenset(_WEIGHED)


@frozen
class Life:
    """What came of a random life: what is wrong, what was done, which facts there are."""

    found: list[str]
    done: Counter[str]
    facts: Counter[str]


def life(seed: int, steps: int) -> Life:
    """A life of so many steps; it ends with the first that breaks something."""
    machine = Machine(seed)
    try:
        found = _lived(machine, seed, steps)
        facts = Counter(type(r.event).__name__ for r in machine.account.room.reader.events())
        return Life(found, machine.done, facts)
    finally:
        machine.account.end()


def _lived(machine: Machine, seed: int, steps: int) -> list[str]:
    for number in range(1, steps + 1):
        name = machine.step()
        if found := [f"seed {seed} step {number} {name}: {f}" for f in machine.faults()]:
            return found
    machine.rest()
    machine.rest()
    return [f"seed {seed} at rest: {fault}" for fault in machine.faults_at_rest()]
