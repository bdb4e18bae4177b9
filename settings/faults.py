"""What is wrong with the settings, said so that it can be mended, and without a secret in it."""

import difflib
from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen


SettingPath = tuple[str | int, ...]
"""Where a setting stands: names of sections and entries, numbers of list items."""

_SECRET_ENDINGS = ("secret", "password", "token", "key")
_NAMED_BY_PEOPLE = (("accounts",), ("strategies",))
_LONGEST_ECHO = 60


class BadValue(ValueError):  # noqa: N818 - it reads as what it is; the faults made of it are errors
    """A value that breaks a rule. `got` is kept apart from the rule, so that it can be left out."""

    def __init__(self, rule: str, got: Decimal | int | str | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.got = got

    def said_at(self, path: SettingPath) -> str:
        """The sentence for a setting at `path`; what may be a secret is not repeated."""
        if self.got is None or is_secret(path):
            return self.rule
        got = f"{self.got:f}" if isinstance(self.got, Decimal) else repr(self.got)
        short = got if len(got) <= _LONGEST_ECHO else f"{got[:_LONGEST_ECHO]}..."
        return f"{self.rule}; got {short}"


def is_secret(path: SettingPath) -> bool:
    """Whether a value at or below `path` may be a secret, going by the names on the way."""
    # What people call their accounts and strategies says nothing: `monkey` is no key.
    own_names = (*path[:1], *path[2:]) if path[:1] in _NAMED_BY_PEOPLE else path
    return any(str(part).lower().endswith(_SECRET_ENDINGS) for part in own_names)


def dotted(path: SettingPath) -> str:
    """The path as people write it: strategies.demo.accounts[0]; nothing below a secret's name."""
    shown = ""
    for end, part in enumerate(path, start=1):
        shown += f"[{part}]" if isinstance(part, int) else f".{part}"
        if is_secret(path[:end]):
            break
    return shown.removeprefix(".")


@frozen(kw_only=True)
class Fault:
    """One thing that is wrong, and where.

    `source` is the file's name or `env NAME`; line 0 is no line; `setting` is its dotted path.
    """

    source: str
    line: int = 0
    column: int = 0
    setting: str = ""
    message: str

    @property
    def order(self) -> tuple[bool, int, int, str, str]:
        """Faults of the file by their place, then those of the environment by name."""
        from_environment = self.source.startswith("env ")
        return from_environment, self.line, self.column, self.source, self.setting

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        return ": ".join(part for part in (place, self.setting, self.message) if part)


class SettingsFaults(Exception):  # noqa: N818 - the faults of the settings, all of them
    """The settings cannot be used; `str()` has one line for each fault, ordered by place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults, key=lambda fault: fault.order))
        super().__init__("\n".join(map(str, self.faults)))


def did_you_mean(word: str, known: Iterable[str], prefix: str = "") -> str:
    """The end of a sentence about an unknown word: the known one nearest to it, if any is near.

    The prefix that all of them have is left out of the comparison.
    """
    words = [name.removeprefix(prefix) for name in known]
    near = difflib.get_close_matches(word.removeprefix(prefix), words, n=1)
    return f". Did you mean {prefix}{near[0]}?" if near else ""
