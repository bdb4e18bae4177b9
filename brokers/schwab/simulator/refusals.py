"""Why Schwab rejects an order that it has answered with 201. Pure."""

from decimal import Decimal

from brokers.schwab.simulator.model import Account, Order, Status, World
from trading.money import ZERO
from trading.vocabulary import Side


NO_MONEY = "You do not have enough available cash/buying power for this order."
OVERSOLD = "This order may result in an oversold/overbought position in your account."
WRONG_SIDE = "Buy stop orders must be above the ask, sell stop orders below the bid."
NO_SHORTS = "Short sales are not allowed in a cash account."
UNKNOWN_SYMBOL = "The symbol could not be resolved."


def refusal(world: World, account: Account, order: Order) -> str | None:
    """The reason in Schwab's kind of words, or None."""
    terms = order.terms
    if terms is None:
        return None
    quote = world.quotes.get(terms.symbol)
    if quote is None:
        return UNKNOWN_SYMBOL
    if terms.stop_price is not None:
        meets = quote.against(terms.side) or quote.price or ZERO
        is_buy = terms.side is Side.BUY
        if terms.stop_price <= meets if is_buy else terms.stop_price >= meets:
            return WRONG_SIDE
    if terms.instruction == "SELL_SHORT" and account.kind == "CASH":
        return NO_SHORTS
    if not terms.opens and _exceeds_holding(world, account, order):
        return OVERSOLD
    if terms.opens:
        price = terms.price or terms.stop_price or quote.against(terms.side) or quote.price or ZERO
        if price * terms.quantity > spendable(world, account):
            return NO_MONEY
    return None


def spendable(world: World, account: Account) -> Decimal:
    """What may still be spent: twice the equity less positions on margin, else the cash."""
    if account.kind == "CASH":
        return max(account.cash, ZERO)
    held = sum((abs(p.quantity) * world.price(s) for s, p in account.positions.items()), ZERO)
    return max(equity(world, account) * 2 - held, ZERO)


def equity(world: World, account: Account) -> Decimal:
    """Cash and what the positions are worth."""
    worth = (p.quantity * world.price(s) for s, p in account.positions.items())
    return account.cash + sum(worth, ZERO)


def _exceeds_holding(world: World, account: Account, order: Order) -> bool:
    """Whether exits of the symbol, this one included, ask for more than is held.

    Both legs of an OCO stand for the same shares, so a sibling does not count.
    """
    terms = order.terms
    assert terms is not None  # noqa: S101 - asked for orders with a leg only
    held = account.held(terms.symbol) * (1 if terms.side is Side.SELL else -1)
    # Two legs of one OCO count once.
    asked: dict[int, Decimal] = {}
    for other in world.working(account.number, terms.symbol):
        same = other.terms is not None and other.terms.instruction == terms.instruction
        if other.order_id == order.order_id or not same:
            continue
        if other.status is Status.AWAITING_PARENT_ORDER:
            continue
        if order.parent is not None and other.parent == order.parent:
            continue
        key = other.parent or other.order_id
        asked[key] = max(asked.get(key, ZERO), other.open_quantity)
    return terms.quantity + sum(asked.values(), ZERO) > held
