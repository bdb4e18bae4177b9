"""A socket that listens, or one clear line about why it cannot."""

import socket
from contextlib import closing

from settings.model import Listen


BACKLOG = 1_024


class ListenFailed(Exception):  # noqa: N818 - says what is the matter
    """An address cannot be listened at; the message says which, why, and what to do."""


def listening_socket(listen: Listen, setting: str) -> socket.socket:
    """A TCP socket that listens at the address; `setting` names it in the message.

    Raises:
        ListenFailed: the port is taken, or the host is not this machine's.
    """
    try:
        found = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(BACKLOG)
        except OSError:
            with closing(listening):
                raise
    except OSError as error:
        why = error.strerror or str(error)
        raise ListenFailed(
            f"cannot listen at {listen}: {why}; another program may hold the port, "
            f"or change {setting} in the settings"
        ) from None
    listening.setblocking(False)
    return listening
