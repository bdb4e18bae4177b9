"""Taking known secrets out of a text, in whatever writing they stand there."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus


MASK: Final = "***"
_SHORTEST_ENCODED: Final = 6
"""Of a shorter secret the base64 is so short that it stands in many a text by chance."""

_SHORT: Final = 80
_NUMBER: Final = re.compile(r"[0-9tz.:e+-]+", re.IGNORECASE)


class Mask:
    """Replaces every known secret: plain, in any case, and as URLs, JSON, HTML, Python and base64
    write it.

    It shows nothing of what it knows. What has less than `shortest` characters needs no hiding,
    and no number or time unless it `hides_numbers`. Every method may be called from any thread.
    """

    __slots__ = ("_forms", "_search_short", "hides_numbers", "shortest")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # The longest first: a secret may begin with another one.
        self._forms = tuple(
            (form.lower(), re.compile(re.escape(form), re.IGNORECASE))
            for form in sorted(forms, key=len, reverse=True)
        )
        self.shortest: float = min(map(len, forms), default=float("inf"))
        self.hides_numbers = any(map(_NUMBER.fullmatch, forms))
        # Ids come again and again, each time in another line.
        self._search_short = lru_cache(maxsize=1_000)(self._search)

    def finds(self, text: str) -> bool:
        """Whether there is anything to hide."""
        if len(text) < self.shortest:
            return False
        return self._search_short(text) if len(text) <= _SHORT else self._search(text)

    def _search(self, text: str) -> bool:
        lower = text.lower()
        for form, _ in self._forms:  # noqa: SIM110 - any() with its generator takes twice as long
            if form in lower:
                return True
        return False

    def hide(self, text: str) -> str:
        """The text with *** for each secret."""
        if not self.finds(text):
            return text
        for _, pattern in self._forms:
            text = pattern.sub(MASK, text)
        return text


def _forms(secret: str) -> Iterator[str]:
    for form in {*_written(secret), *_base64(secret)}:
        yield form
        yield _in_json(form)  # as a body in a body, or in a log line


def _written(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield _in_json(secret)
    yield json.dumps(secret)[1:-1]
    yield _in_json(secret).replace("/", "\\/")
    yield quote(raw, safe="")
    yield quote(raw)
    yield quote_plus(raw)
    yield html.escape(secret)
    yield repr(secret)[1:-1]


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _base64(secret: str) -> Iterator[str]:
    """What of the secret's base64 is the same wherever in a longer text the secret stands."""
    if len(secret) < _SHORTEST_ENCODED:
        return
    raw = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + raw).decode()[first:last]
