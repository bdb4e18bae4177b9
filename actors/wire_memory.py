"""What an account's line to its venue remembers."""

from actors.interests import interest
from actors.memory import Drawn, Memory
from actors.risk_memory import WIRE_FACTS
from trading.alert_events import AlertAccepted, StillHeld
from trading.changed import changed
from trading.desk import Desk, new_desk
from trading.desk_fold import OF_SIGNALS, evolve_desk, priced
from trading.event import Event
from trading.vocabulary import AccountName


def wire_memory(account: AccountName) -> Memory[Desk]:
    """The memory of an account's BrokerActor: risk's desk, but for signals, which risk decides."""
    return Memory(
        name=f"broker:{account}",
        kind=Desk,
        begin=lambda: new_desk(account),
        step=_evolve,
        interest=interest(WIRE_FACTS, account),
        drawn=Drawn(f"risk:{account}", _of_desk),
    )


def _evolve(desk: Desk, event: Event) -> Desk:
    """Of alerts only the prices; what a person was told is nothing to it."""
    match event:
        case AlertAccepted():
            return priced(desk, event)
        case StillHeld():
            return desk
        case _:
            return evolve_desk(desk, event)


def _of_desk(_: Desk, desk: Desk) -> Desk:
    return changed(desk, **OF_SIGNALS)
