"""Every setting there is, as a page: `python -m settings.reference > docs/settings.md`."""

from collections.abc import Iterator
from typing import Any

import attrs

from settings.described import DESCRIPTIONS, NAME
from settings.faults import SettingPath
from settings.model import Settings
from settings.not_enforced import NOT_ENFORCED
from settings.overrides import bare_type, entry_type, is_section, variable
from settings.shown import as_json, written


_HEAD = """\
# Every setting

Settings are one file, `settings.yaml`, and the environment. What is not written has its default;
a variable goes over the file. `python app.py check-settings` shows every value and where it comes
from, or every fault at once; the Settings page shows the values the daemon runs with.

- A variable's name is the setting's in capitals, `__` between its parts, `-` as `_`:
  `strategies.my-own.retired` is `TRADING_BOT__STRATEGIES__MY_OWN__RETIRED`. Variables override
  entries of `accounts` and `strategies`; they make none.
- Names of other programs (`TRADING_BOT__BROKER__NAME`, `TRADING_BOT__ENGINE__...`,
  `TOS_REFRESH_TOKEN`) are answered with the one to use here, all at once.
- `null` (or nothing) is off. A list in a variable is JSON: `["AAPL", "BRK.B"]`.
- A secret stands neither in the file nor in such a variable; they say where it is found:
  `credential:NAME` (systemd's `LoadCredential`), `file:PATH` (which nobody else may be able to
  read: `chmod 600`) or `env:NAME`.
- Limits under `accounts.NAME.risk` hold on that account, those under `strategies.NAME.risk` for
  that strategy on every account: a strategy's go over an account's, an account's over `risk`.

What the daemon goes by is written into its journal at every start. It refuses to start (status 78,
every case named) where a known account is at another broker than it was, and where an account or a
strategy is gone that still holds a position, an order that may fill or an undecided alert: put it
back, with `retired: true` if it is only to leave what it has.
"""

_SECTIONS = (
    ("The daemon", ("mode", "state_dir", "logging", "notifications")),
    ("The web", ("web",)),
    ("An account", ("accounts",)),
    ("A strategy", ("strategies",)),
    ("Limits", ("risk", "circuit_breaker")),
    ("The exchange's days", ("calendar",)),
)


def page() -> str:
    """The page as Markdown."""
    known = dict(defaults())
    parts = [_HEAD]
    for title, roots in _SECTIONS:
        rows = [_row(path, known[path]) for root in roots for path in known if path[0] == root]
        head = ["| setting | default | unit | what it is | variable |", "|---|---|---|---|---|"]
        parts += [f"## {title}\n", "\n".join(head + rows) + "\n"]
    names = ", ".join(f"`{name}`" for name in sorted(NOT_ENFORCED))
    parts += [
        "## Not in this version\n",
        f"Among limits these may be `null` and nothing else: {names}.\n",
    ]
    return "\n".join(parts)


def defaults(kind: Any = Settings, here: SettingPath = ()) -> Iterator[tuple[SettingPath, str]]:
    """The path of every setting, NAME for the entries of a map, and its default as written."""
    for field in attrs.fields(kind):
        path, inner = (*here, field.name), bare_type(field.type)
        if entry := entry_type(inner):
            yield from defaults(entry, (*path, NAME))
        elif is_section(inner):
            inherits = field.default is None
            for at, default in defaults(inner, path):
                yield at, "inherited" if inherits else default
        else:
            yield path, _default(path, field.default)


def _default(path: SettingPath, default: object) -> str:
    if default is attrs.NOTHING:
        return "required"
    if path[-1] == "symbols":
        return "`any`"
    return f"`{written(as_json(default))}`"


def _row(path: SettingPath, default: str) -> str:
    name = ".".join(map(str, path))
    told = DESCRIPTIONS[name]
    cells = (f"`{name}`", default, told.unit, told.sentence, f"`{variable(path)}`")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is what the command is for
