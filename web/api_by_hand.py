"""The API's acts on the books: adopt, transfer, adjust."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

import falcon
from attrs import define, field, frozen

from settings.model import Settings
from trading.alerts import SYMBOL
from trading.by_hand import Adjust, Adopt, Ask, Transfer
from trading.money import ZERO
from trading.vocabulary import AccountName, StrategyName, Symbol
from web.api import answer
from web.asked import texts_of
from web.by_hand import BooksByHand, said
from web.callers import Caller
from web.edge import Edge
from web.objects import Json
from web.problems import Wrong, invalid


LARGEST: Final = Decimal(10**9)
FINEST: Final = 6


@frozen
class AdoptShares:
    """POST /api/positions/{symbol}/adopt: external shares become a strategy's; nothing trades."""

    edge: Edge
    books: BooksByHand

    def on_post(self, req: falcon.Request, resp: falcon.Response, symbol: str) -> None:
        """`strategy`, `quantity`, `price`, `reason`, and `account` where there are several."""
        names = ("account", "strategy", "quantity", "price", "reason")
        read = Reading(self.edge.settings, texts_of(req.context.body, names))
        account = read.account()
        ask = Adopt(
            strategy=read.strategy("strategy", account),
            symbol=read.symbol(symbol),
            quantity=read.amount("quantity"),
            price=read.amount("price"),
        )
        answer(resp, _booked(self.books, read, account, ask, req.context.caller))


@frozen
class TransferShares:
    """POST /api/positions/{symbol}/transfer: one strategy's shares become another's."""

    edge: Edge
    books: BooksByHand

    def on_post(self, req: falcon.Request, resp: falcon.Response, symbol: str) -> None:
        """`strategy` (that has them), `to`, `quantity`, `reason`, perhaps `account`."""
        names = ("account", "strategy", "to", "quantity", "reason")
        read = Reading(self.edge.settings, texts_of(req.context.body, names))
        account = read.account()
        ask = Transfer(
            # It may be gone from the settings: this is how what it held finds another owner.
            strategy=StrategyName(read.text("strategy")),
            to=read.strategy("to", account),
            symbol=read.symbol(symbol),
            quantity=read.amount("quantity"),
        )
        answer(resp, _booked(self.books, read, account, ask, req.context.caller))


@frozen
class AdjustBooks:
    """POST /api/adjust: shares or cash that the books have too few or too many of."""

    edge: Edge
    books: BooksByHand

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        """`reason`, and `cash`, or `symbol`, `quantity` and `price`; a `strategy` or external."""
        names = ("account", "strategy", "symbol", "quantity", "price", "cash", "reason")
        texts = texts_of(req.context.body, names)
        read, of_shares = Reading(self.edge.settings, texts), "symbol" in texts
        account = read.account()
        ask = Adjust(
            strategy=read.strategy("strategy", account) if "strategy" in texts else None,
            symbol=read.symbol(texts["symbol"]) if of_shares else None,
            quantity=read.signed("quantity") if of_shares else ZERO,
            price=read.amount("price") if of_shares else ZERO,
            cash=read.signed("cash") if "cash" in texts or not of_shares else ZERO,
        )
        if not of_shares:
            read.none_of(("strategy", "quantity", "price"), "is of shares; name a symbol too")
        answer(resp, _booked(self.books, read, account, ask, req.context.caller))


def _booked(
    books: BooksByHand, read: "Reading", account: AccountName, ask: Ask, caller: Caller
) -> Json:
    """What is answered to an act that is durable."""
    reason = read.text("reason")
    read.end()
    booked = books.book(account, ask, reason, caller)
    return {
        "status": "booked",
        "act_id": booked.act_id,
        "account": account,
        "what": said(ask),
        "before": dict(booked.before),
        "after": dict(booked.after),
    }


@define
class Reading:
    """The texts of a body as what they stand for; every fault is kept, and told at the end."""

    _settings: Settings
    _texts: Mapping[str, str]
    _wrong: list[Wrong] = field(factory=list)

    def text(self, name: str) -> str:
        """A text that has to be there."""
        if not self._texts.get(name):
            self._wrong.append(Wrong(name, "is required"))
        return self._texts.get(name, "")

    def account(self) -> AccountName:
        """The account that is named, or the only one."""
        known = tuple(self._settings.accounts)
        if "account" not in self._texts and len(known) == 1:
            return known[0]
        account = AccountName(self.text("account"))
        if account and account not in known:
            self._wrong.append(Wrong("account", f"there is none; there is {', '.join(known)}"))
        return account

    def strategy(self, name: str, account: AccountName) -> StrategyName:
        """A strategy of the settings that trades on the account."""
        strategy = StrategyName(self.text(name))
        known = [n for n, s in self._settings.strategies.items() if account in s.accounts]
        if strategy and strategy not in known:
            there = f"on {account} there is {', '.join(known) or 'none'}"
            self._wrong.append(Wrong(name, f"there is none of this name; {there}"))
        return strategy

    def symbol(self, text: str) -> Symbol:
        """A symbol, in capitals."""
        symbol = text.upper()
        if not SYMBOL.fullmatch(symbol):
            self._wrong.append(Wrong("symbol", "must be a symbol like AAPL or BRK.B"))
        return Symbol(symbol)

    def amount(self, name: str) -> Decimal:
        """A number above 0."""
        number = self.signed(name)
        if number < 0:
            self._wrong.append(Wrong(name, "must be above 0"))
        return number

    def signed(self, name: str) -> Decimal:
        """A number that is not 0."""
        text = self.text(name)
        try:
            number = Decimal(text or "1")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number == 0 or abs(number) > LARGEST:
            self._wrong.append(Wrong(name, f"must be a number, not 0, of at most {LARGEST}"))
            return Decimal(1)
        if round(number, FINEST) != number:
            self._wrong.append(Wrong(name, f"has at most {FINEST} decimals"))
        return number

    def none_of(self, names: tuple[str, ...], problem: str) -> None:
        """These mean nothing here."""
        self._wrong += [Wrong(name, problem) for name in names if name in self._texts]

    def end(self) -> None:
        """Raise Problem with every fault there is."""
        if self._wrong:
            raise invalid("INVALID_BODY", self._wrong)
