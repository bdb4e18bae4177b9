"""What companies do to the shares held of them: splits and dividends. Pure."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from attrs import evolve

from brokers.market import Quote
from brokers.schwab.simulator.life import cancel
from brokers.schwab.simulator.model import Account, Occasion, Position, World
from trading.money import CENT, ZERO


def split(world: World, symbol: str, factor: Decimal, now: datetime) -> World:
    """The world after a split: `factor` shares for each one held, below 1 for a reverse split.

    Orders that rest in the symbol are cancelled, as they were meant for the shares before it; what
    is left of a share is paid out at the new price.
    """
    for order in tuple(world.orders.values()):
        if order.terms is not None and order.terms.symbol == symbol:
            world = cancel(world, order.order_id, now)
    quotes = {**world.quotes}
    if symbol in quotes:
        quotes[symbol] = _split_quote(quotes[symbol], factor, now)
    world = evolve(world, quotes=quotes)
    price = world.price(symbol)
    accounts = {
        number: _split_account(account, symbol, factor, price)
        for number, account in world.accounts.items()
    }
    done = Occasion(kind="split", symbol=symbol, amount=factor, at=now)
    return evolve(world, accounts=accounts, occasions=(*world.occasions, done))


def dividend(world: World, symbol: str, amount: Decimal, now: datetime) -> World:
    """The world after `amount` dollars were paid for each share; who is short of it pays."""
    accounts = {
        number: evolve(account, cash=account.cash + (account.held(symbol) * amount).quantize(CENT))
        for number, account in world.accounts.items()
    }
    done = Occasion(kind="dividend", symbol=symbol, amount=amount, at=now)
    return evolve(world, accounts=accounts, occasions=(*world.occasions, done))


def _split_quote(quote: Quote, factor: Decimal, now: datetime) -> Quote:
    def after(price: Decimal | None) -> Decimal | None:
        return None if price is None else max((price / factor).quantize(CENT), CENT)

    return evolve(
        quote,
        at=now,
        bid=after(quote.bid),
        ask=after(quote.ask),
        last=after(quote.last),
        previous_close=after(quote.previous_close),
    )


def _split_account(account: Account, symbol: str, factor: Decimal, price: Decimal) -> Account:
    before = account.positions.get(symbol)
    if before is None:
        return account
    exact = before.quantity * factor
    whole = exact.to_integral_value(rounding=ROUND_DOWN)
    kept = {key: held for key, held in account.positions.items() if key != symbol}
    if whole != ZERO:
        kept[symbol] = Position(quantity=whole, average=before.average / factor)
    paid = ((exact - whole) * price).quantize(CENT)
    return evolve(account, positions=kept, cash=account.cash + paid)
