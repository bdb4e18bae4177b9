"""The files of quotes that paper accounts trade by: checked at the start, read as they grow."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

from brokers.quote_tape import QuoteTape
from settings.faults import Fault, SettingsFaults, dotted
from settings.load import Loaded
from settings.model import Account
from trading.vocabulary import AccountName


def tape(account: Account) -> QuoteTape:
    """A reader, at its beginning, of the file that an account trades by."""
    return QuoteTape(account.quotes.tape or Path(), timedelta(minutes=account.quotes.bar_minutes))


def quote_sources(loaded: Loaded) -> Mapping[AccountName, Callable[[], QuoteTape]]:
    """How to open the file of each account that has one; each has been read once.

    Raises:
        SettingsFaults: every fault of every file, by line and column.
    """
    if faults := list(quote_faults(loaded)):
        raise SettingsFaults(faults)
    accounts = loaded.settings.accounts.items()
    return {name: partial(tape, account) for name, account in accounts if account.quotes.tape}


def quote_faults(loaded: Loaded) -> Iterator[Fault]:
    """What is wrong in the files, or with reading them, each by its place."""
    for name, account in loaded.settings.accounts.items():
        if (file := account.quotes.tape) is None:
            continue
        path = ("accounts", name, "quotes", "file")
        reader = tape(account)
        try:
            reader.read()
        except OSError as error:
            yield loaded.origins.fault(path, f"cannot be read: {error.strerror or error}")
        for fault in reader.new_faults():
            yield Fault(
                source=file.name,
                line=fault.line,
                column=fault.column,
                setting=dotted(path),
                message=fault.message,
            )
