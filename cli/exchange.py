"""One HTTP request to a listener of the daemon on this machine, and its answer."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from attrs import frozen

from cli.failure import Unreachable
from settings.listen import Listen


@frozen
class Answer:
    """What came back, unread."""

    status: int
    body: bytes


def exchange(
    listen: Listen,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    timeout_s: float,
) -> Answer:
    """Send a request and wait for its answer; raises Unreachable. Follows no redirect or proxy."""
    if listen.port == 0:
        raise Unreachable("the settings say port 0, any free one; only a fixed one can be found")
    connection = HTTPConnection(listen.host, listen.port, timeout=timeout_s)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except TimeoutError:
        raise Unreachable(f"no answer from {listen} within {timeout_s:g} s") from None
    except (OSError, HTTPException) as error:
        why = (isinstance(error, OSError) and error.strerror) or "what answers does not speak HTTP"
        raise Unreachable(
            f"no daemon answers at {listen} ({why}); `python app.py daemon` starts it"
        ) from None
    finally:
        connection.close()
