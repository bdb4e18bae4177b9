"""How market data refuses: the documents' shape, with the parameter that was wrong."""

from typing import Any
from uuid import uuid4

from aiohttp import web

from brokers.schwab.simulator.shell import answer


TITLES = {400: "Bad Request", 404: "Not Found"}


def refused(status: int, detail: str | None = None, **source: Any) -> web.Response:
    """An answer with one error; market data writes its status as a text."""
    error: dict[str, Any] = {"id": str(uuid4()), "status": str(status), "title": TITLES[status]}
    if detail is not None:
        error["detail"] = detail
    if source:
        error["source"] = source
    return answer({"errors": [error]}, status=status)
