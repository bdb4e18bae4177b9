"""What actors stand on: addresses that outlive them, mailboxes, timers, a supervisor over Pykka.

The only code of the house that holds a lock or touches a private name of Pykka.
"""

from actors.runtime.address import Address
from actors.runtime.child import Backoff, Child, Restarts
from actors.runtime.clock import SystemClock
from actors.runtime.life import Alive, Birth, Exited, Hopeless, Probe, Started, Waits
from actors.runtime.mailbox import Mailbox, MailboxFull
from actors.runtime.patience import Patience
from actors.runtime.port import Port
from actors.runtime.publication import Publication
from actors.runtime.reminders import Unpark
from actors.runtime.replies import LoopReply, NoAnswer, Reply, ThreadReply, deliver
from actors.runtime.supervisor import Supervisor
from actors.runtime.timers import Alarms, Cancel, Timers
from actors.runtime.tree import Tree, start_tree
from actors.runtime.tree_state import UP, ChildState, State, TreeState
from actors.runtime.worker import Worker


__all__ = [
    "UP",
    "Address",
    "Alarms",
    "Alive",
    "Backoff",
    "Birth",
    "Cancel",
    "Child",
    "ChildState",
    "Exited",
    "Hopeless",
    "LoopReply",
    "Mailbox",
    "MailboxFull",
    "NoAnswer",
    "Patience",
    "Port",
    "Probe",
    "Publication",
    "Reply",
    "Restarts",
    "Started",
    "State",
    "Supervisor",
    "SystemClock",
    "ThreadReply",
    "Timers",
    "Tree",
    "TreeState",
    "Unpark",
    "Waits",
    "Worker",
    "deliver",
    "start_tree",
]
