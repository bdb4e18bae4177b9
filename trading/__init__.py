"""The rules of alert and order, pure: no I/O, no threads, no clock of its own, no actor."""
