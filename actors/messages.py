"""Everything actors and the edge say to each other: immutable, one thing a class."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from attrs import Factory, frozen

from actors.histogram import Histogram
from actors.interests import Interest
from actors.runtime import Address, Reply
from brokers.base import Balances, Report, VenueOrder
from journal import Draft, Recorded
from trading.breaker import NO_STOPS, Stops
from trading.events import Scope
from trading.statement import Statement
from trading.vocabulary import AccountName, BrokerOrderId, Code, OrderId


# --- to and from the Journal --------------------------------------------------------------------


@frozen
class Join:
    """A new incarnation takes over its name: what its former self still sends is refused."""

    address: Address
    interest: Interest
    incarnation: int
    last_error: str | None = None


@frozen
class Joined:
    """Fold everything up to `head`; publications go on from there. `epoch` marks your appends."""

    epoch: int
    head: int


@frozen
class Append:
    """Please make these facts durable, all or none."""

    draft: Draft


@frozen
class Published:
    """What was committed and concerns you; a `previous` you have not seen means a gap."""

    previous: int
    seq: int
    records: tuple[Recorded, ...] = ()


@frozen
class Taken:
    """A draft was refused: its key exists, and this is the first event under it."""

    draft: Draft
    key: str
    first: Recorded


@frozen
class NotCommitted:
    """These drafts are not durable and never will be; throw away what was built on them."""

    epoch: int
    drafts: tuple[Draft, ...]


@frozen
class CannotBeWritten:
    """One of these drafts holds what the journal has no form for; none of them is durable."""

    epoch: int
    drafts: tuple[Draft, ...]
    reason: str


@frozen(kw_only=True)
class JournalHealth:
    """Whether the Journal can commit, how long it took last, and all commits of this process.

    `has_failed` says that it tried and could not; `p95_seconds` is that of the latest commits, and
    `slow` a sentence while it is too long.
    """

    commits: bool = False
    reason: str = "starting"
    has_failed: bool = False
    head: int = 0
    commit_seconds: float = 0.0
    commits_timed: Histogram = Histogram()  # noqa: RUF009 - immutable
    p95_seconds: float = 0.0
    slow: str = ""


@frozen
class Answer:
    """What the edge sends back: an HTTP status and a JSON object."""

    status: int
    body: Mapping[str, object]
    retry_after_s: int | None = None


@frozen(kw_only=True)
class Receive:
    """A request that came in, unread; `token` is what the URL carried."""

    id: str
    at: datetime
    body: bytes
    token: str | None
    address: str
    reply: Reply[Answer]


# --- stopping and starting ----------------------------------------------------------------------


@frozen(kw_only=True)
class Halt:
    """A person stops trading in a scope."""

    id: str
    at: datetime
    scope: Scope
    reason: str
    by: str
    code: Code = Code.OPERATOR
    reply: Reply["HaltAnswer"] | None = None


@frozen(kw_only=True)
class HaltAnswer:
    """What was reached when the answer went out: whose gates confirmed, all stops then and now."""

    act_id: str
    scope: Scope
    generation: int
    durable: bool
    gates: Mapping[AccountName, bool]
    before: Stops = NO_STOPS
    after: Stops = NO_STOPS


@frozen(kw_only=True)
class Resume:
    """A person who signed in starts trading again in a scope."""

    id: str
    at: datetime
    scope: Scope
    reason: str
    by: str
    reply: Reply["ResumeAnswer"] | None = None


@frozen(kw_only=True)
class ResumeAnswer:
    """Whether trading starts again, `refused` says why not; and all stops then and now."""

    act_id: str
    scope: Scope
    lifted: int = 0
    refused: str = ""
    before: Stops = NO_STOPS
    after: Stops = NO_STOPS


@frozen
class CloseGate:
    """Let no entry of this scope out from now on, before anything is on disk."""

    scope: Scope
    generation: int
    reply_to: Address


@frozen
class GateClosed:
    """The gate is closed where it matters: on the loop that writes to the wire."""

    account: AccountName
    generation: int


# --- risk, broker, book -------------------------------------------------------------------------


@frozen
class CancelOrders:
    """Take these working orders off the venue's book."""

    order_ids: tuple[OrderId, ...]
    code: Code


@frozen
class LookFor:
    """Look once more for an order that was not at the venue."""

    order_id: OrderId


class Fate(StrEnum):
    """What is known after one attempt to send an order."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FUNDS = "funds"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Sent:
    """The outcome of sending one order; NOT_SENT and REFUSED, by the gate, are certain."""

    order_id: OrderId
    fate: Fate
    broker_order_id: BrokerOrderId | None = None
    code: Code = Code.VENUE_REJECTED
    detail: str = ""
    inputs: dict[str, str] = Factory(dict)


@frozen
class Reported:
    """The venue told something unasked."""

    report: Report


@frozen
class Heard:
    """All that a wire had to tell in one turn of its loop, in order: one message, not many."""

    messages: tuple[object, ...]


@frozen
class Connected:
    """The venue is open; this is the account's money there. `wire` is the number of who tells it:
    that a former wire was connected says nothing of the next one.
    """

    wire: str
    balances: Balances


@frozen
class ConnectFailed:
    """The venue could not be opened; `retry_after_s` is how long it asks to be left alone."""

    wire: str
    reason: str
    retry_after_s: float | None = None
    is_signed_out: bool = False


@frozen
class CancelFailed:
    """The venue could not be asked for an order's end."""

    order_id: OrderId
    reason: str


@frozen(kw_only=True)
class FoundOut:
    """What a read-back found: the order, None: it is not there, or why it could not be read.

    The venue was asked no earlier than `asked_at`.
    """

    order_id: OrderId
    asked_at: datetime
    found: VenueOrder | None = None
    error: str = ""


@frozen
class BookChanged:
    """An account's statement as of `seq`; only the latest counts."""

    seq: int
    statement: Statement


@frozen
class ShowBook:
    """Please tell the dashboard how your book stands."""


# --- told to oneself, by a timer or at once -----------------------------------------------------


@frozen
class Tick:
    """Something to look at again; `name` says what."""

    name: str
