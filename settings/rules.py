"""The rules that single settings obey, as attrs validators that speak to people."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_network
from typing import Any, TypeVar

from attrs import Attribute

from settings.faults import BadValue
from trading.alerts import SYMBOL
from trading.sessions import SATURDAY


Rule = Callable[[Any, "Attribute[Any]", Any], None]
Choice = TypeVar("Choice", bound=StrEnum)

TRADINGVIEW = ("52.89.214.238", "34.212.75.30", "54.218.53.128", "52.32.178.7")
"""The addresses alerts come from: tradingview.com/support/solutions/43000529348."""


def above(least: int) -> Rule:
    """A finite number greater than `least`."""

    def rule(_instance: Any, _attribute: "Attribute[Any]", value: Decimal | int) -> None:
        if not Decimal(value).is_finite() or value <= least:
            raise BadValue(f"must be above {least}", value)

    return rule


def at_least(least: int) -> Rule:
    """A whole number that may be `least`."""

    def rule(_instance: Any, _attribute: "Attribute[Any]", value: int) -> None:
        if value < least:
            raise BadValue(f"must be {least} or more", value)

    return rule


def probability(_instance: Any, _attribute: "Attribute[Any]", value: Decimal) -> None:
    """A number from 0 to 1."""
    if not value.is_finite() or not 0 <= value <= 1:
        raise BadValue("must be a probability from 0 to 1", value)


def whole_cents(_instance: Any, _attribute: "Attribute[Any]", value: Decimal) -> None:
    """Dollars with at most two decimals."""
    if value.is_finite() and value != round(value, 2):
        raise BadValue("must have at most 2 decimals", value)


def networks(_instance: Any, _attribute: "Attribute[Any]", value: tuple[str, ...]) -> None:
    """IP addresses or CIDR networks."""
    for text in value:
        try:
            ip_network(text)
        except ValueError:
            raise BadValue("must be IP addresses or networks like 10.0.0.0/8", text) from None


def symbols(_instance: Any, _attribute: "Attribute[Any]", value: tuple[str, ...]) -> None:
    """Stocks and ETFs in their canonical form, at least one."""
    if not value:
        raise BadValue("an empty list lets nothing through; write any, or name symbols")
    symbols_or_none(_instance, _attribute, value)


def symbols_or_none(_instance: Any, _attribute: "Attribute[Any]", value: tuple[str, ...]) -> None:
    """Stocks and ETFs in their canonical form."""
    for text in value:
        if not SYMBOL.fullmatch(text):
            raise BadValue("must be symbols like AAPL or BRK.B", text)


def holdings(_instance: Any, _attribute: "Attribute[Any]", value: Mapping[str, Decimal]) -> None:
    """Numbers of shares by symbol."""
    for text, count in value.items():
        if not SYMBOL.fullmatch(text):
            raise BadValue("must name symbols like AAPL or BRK.B", text)
        if count <= 0:
            raise BadValue(f"{text} must be a number of shares above 0", count)


def weekdays(_instance: Any, _attribute: "Attribute[Any]", value: tuple[date, ...]) -> None:
    """Days on which the exchange might trade."""
    for day in value:
        if day.weekday() >= SATURDAY:
            raise BadValue(f"the exchange never trades on a {day:%A}", str(day))


def empty(_instance: Any, _attribute: "Attribute[Any]", value: tuple[object, ...]) -> None:
    """Nothing yet."""
    if value:
        raise BadValue("notifications are not in this version; write []")


def with_tradingview(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses, with the word `tradingview` spelled out."""
    spelled = ((TRADINGVIEW if text == "tradingview" else (text,)) for text in addresses)
    return tuple(address for some in spelled for address in some)


def or_off(rule: Rule) -> Rule:
    """What the rule asks for, or None."""

    def judge(instance: Any, attribute: "Attribute[Any]", value: Any) -> None:
        if value is not None:
            rule(instance, attribute, value)

    return judge


limit: Rule = or_off(above(0))
"""A limit is above 0, or off: one of 0 would let nothing through without saying so."""


def choice(kind: type[Choice], text: str) -> Choice:
    """The member of an enumeration that `text` names."""
    names = [member.value for member in kind]
    if text in names:
        return kind(text)
    if text in _LATER.get(kind.__name__, ()):
        verb = "is" if len(names) == 1 else "are"
        raise BadValue(f"{text} is not in this version; {', '.join(names)} {verb}")
    if len(names) == 1:
        raise BadValue(f"only {names[0]} in this version", text)
    raise BadValue(f"must be one of {', '.join(names)}", text)


_LATER = {"WhenClosed": ("extended",)}
"""Names people will try, because the documentation speaks of what is to come."""
