"""What the simulator keeps from start to start: its world, its key and secret, its grants."""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web
from attrs import frozen
from cattrs.preconf.orjson import make_converter

from brokers.schwab.simulator.desk import Desk
from brokers.schwab.simulator.grants import Grants
from brokers.schwab.simulator.model import World


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FORMAT: Final = 1

_CONVERTER: Final = make_converter()
_CONVERTER.register_unstructure_hook(Decimal, str)
_CONVERTER.register_structure_hook(Decimal, lambda text, _: Decimal(text))
_CONVERTER.register_unstructure_hook(timedelta, lambda span: span.total_seconds())
_CONVERTER.register_structure_hook(timedelta, lambda seconds, _: timedelta(seconds=seconds))


@frozen(kw_only=True)
class State:
    """Everything that a rehearsal goes on with; faults and bars are not of it."""

    app_key: str
    app_secret: str
    grants: Grants
    world: World
    format: int = FORMAT


def load(path: Path) -> State | None:
    """The state in a file; None where there is none yet.

    Raises:
        OSError, ValueError: it cannot be read, or is not the simulator's.
    """
    if not path.exists():
        return None
    try:
        state = _CONVERTER.loads(path.read_bytes(), State)
    except Exception as wrong:
        # cattrs collects what is wrong in groups of its own.
        raise ValueError(f"{path} is no state of this simulator") from wrong
    if state.format != FORMAT:
        raise ValueError(f"{path} is of another version of the simulator")
    return state


def save(path: Path, desk: Desk) -> None:
    """Put a desk's state into a file, whole and on the disk, or leave what was there.

    Raises:
        OSError: it could not be written.
    """
    state = State(
        app_key=desk.app_key, app_secret=desk.app_secret, grants=desk.grants, world=desk.world
    )
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_CONVERTER.dumps(state, option=orjson.OPT_NON_STR_KEYS))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def keeping(desk: Desk, path: Path) -> Any:
    """Around every handler: what it changed is on the disk before it is answered."""
    kept: tuple[World, Grants] | None = None

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal kept
        response = await handler(request)
        if kept is None or kept[0] is not desk.world or kept[1] is not desk.grants:
            save(path, desk)
            kept = (desk.world, desk.grants)
        return response

    return around
