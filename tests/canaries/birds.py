"""Secrets that are easy to recognise, and every writing in which one may have leaked."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus


COMMON: Final = 'canary-common/"+ß\\-0123456789'
"""The webhook secret: with all that URLs, JSON, HTML and base64 write in another way."""

OWN: Final = "canary-own/&<+'-abcdefghijkl"
"""One strategy's own."""

TOKEN: Final = "canary-token/+=&%-mnopqrstuvwx"
PASSWORD: Final = "canary-password-ß-yz0123456789"
NEW_PASSWORD: Final = "canary-new-password-<&ä>-9876543210"
MISPLACED: Final = "canary-misplaced-secret-in-settings"
"""Written where settings.yaml wants only the place of a secret."""

ALL: Final[Mapping[str, str]] = {
    "webhook secret": COMMON,
    "strategy's secret": OWN,
    "API token": TOKEN,
    "password": PASSWORD,
    "new password": NEW_PASSWORD,
    "misplaced secret": MISPLACED,
}


def writings(secret: str) -> Iterator[str]:
    """The secret in every writing a leak may have, lower case."""
    plain = {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }
    plain |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in plain}
    # Whole groups of four characters say three bytes, whatever stands around them.
    raw = secret.encode()
    for start in range(3):
        group = raw[start : start + (len(raw) - start) // 3 * 3]
        plain |= {b64encode(group).decode(), urlsafe_b64encode(group).decode()}
    return iter({form.lower() for form in plain})


def leaks(places: Mapping[str, str], birds: Mapping[str, str] = ALL) -> set[tuple[str, str]]:
    """Which canary stands in which of these texts."""
    lower = {place: text.lower() for place, text in places.items()}
    return {
        (name, place)
        for name, secret in birds.items()
        for form in writings(secret)
        for place, text in lower.items()
        if form in text
    }


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder as text, but those that are there to hold a secret."""
    return {
        str(path.relative_to(folder)): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "secrets" not in path.parts
    }
