"""Everything the pages and the API look at or speak to."""

from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import frozen

from actors.messages import JournalHealth
from actors.runtime import Address, Publication, TreeState
from actors.views import View
from journal import Reader
from settings.model import Settings
from settings.secrets import Secret, StateSecrets
from settings.shown import Shown
from trading.clock import Clock
from trading.masking import Mask
from web.readiness import Readiness


@frozen(kw_only=True)
class Edge:
    """What the daemon hands to the edge; all of it may be used from any thread.

    `shown` is every value of the settings with its origin, `mailboxes` are by actor name, `new_id`
    makes an id that begins with the word it is given, `mask` hides secrets in what others wrote,
    before it is kept or shown.
    """

    view: Publication[View]
    tree: Publication[TreeState]
    mailboxes: Mapping[str, Address]
    health: Publication[JournalHealth]
    readiness: Readiness
    reader: Reader
    settings: Settings
    shown: tuple[Shown, ...]
    breaker: Address
    doorkeeper: Address
    api_token: Secret
    mask: Mask
    secrets: StateSecrets
    clock: Clock
    new_id: Callable[[str], str]
    started_at: datetime
    version: str
    sqlite_version: str
