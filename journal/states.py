"""A folded state as JSON and back: what is read is equal to what was written, or nothing is."""

from functools import cache
from typing import Any, Generic, TypeVar

import orjson
from cattrs import Converter

from journal.errors import UnfitState
from journal.fields import reader_of, writer_of


S = TypeVar("S")


class StateCodec(Generic[S]):
    """Writes and reads the values of one attrs class; safe to call from any thread.

    Raises TypeError on construction where a field is declared as what JSON cannot hold exactly.
    """

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind
        self._write = writer_of(kind)
        self._read = reader_of(kind, Converter())

    def encode(self, state: S) -> bytes:
        """The state's JSON, in one line, after reading it back.

        Raises:
            UnfitState: a value does not fit its field, or it reads back as another.
        """
        try:
            body = orjson.dumps(self._write(state), option=orjson.OPT_UTC_Z)
        except Exception as error:  # whatever a wrong value provokes is a wrong value
            raise UnfitState(f"{self._kind.__name__} cannot be written: {error}") from error
        if self.decode(body) != state:
            raise UnfitState(f"{self._kind.__name__} reads back as another state")
        return body

    def decode(self, body: bytes) -> S:
        """The state that `encode` was given, sharing nothing with it.

        Raises:
            UnfitState: the JSON does not fit the class.
        """
        try:
            state: S = self._read(orjson.loads(body), self._kind)
        except Exception as error:  # whatever a broken body provokes is a broken body
            raise UnfitState(f"{self._kind.__name__} cannot be read: {error!r}") from error
        return state


@cache
def state_codec(kind: type[Any]) -> StateCodec[Any]:
    """The codec of a class, put together once: its functions are compiled from its fields."""
    return StateCodec(kind)
