"""Pages out of templates; everything that is filled in is escaped."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from trading.money import CENT, dollars, plain
from trading.sessions import NEW_YORK


FOLDER = Path(__file__).parent


class Templates:
    """The pages' templates, read once; any thread may render."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            money=money, signed=signed, percent=percent, plain=figure, clock=clock
        )

    def render(self, name: str, **values: object) -> str:
        """The page with its values."""
        return self._environment.get_template(name).render(values)


def money(value: Decimal | None) -> str:
    """Dollars to the cent; a dash where nothing is known."""
    return "–" if value is None else dollars(value)


def signed(value: Decimal | None) -> str:
    """A gain or loss told by sign and arrow, so that it does not hang on colour."""
    if value is None:
        return "–"
    cents = value.quantize(CENT)
    if not cents:
        return "0.00"
    return f"▲ +{cents:,}" if cents > 0 else f"▼ −{-cents:,}"


def percent(value: Decimal | None) -> str:
    """Per cent with its sign."""
    return "–" if value is None else f"{value.quantize(CENT):+}".replace("-", "−") + " %"


def figure(value: Decimal | None) -> str:
    """A number in full."""
    return "–" if value is None else plain(round(value, 6))


def clock(at: datetime) -> Mapping[str, str]:
    """An instant as people trade by it: New York time, with UTC beside."""
    local = at.astimezone(NEW_YORK)
    return {
        "iso": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "day": f"{local:%b %d}",
        "time": f"{local:%H:%M:%S}",
    }
