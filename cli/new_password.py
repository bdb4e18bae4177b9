"""A new password for the dashboard and for resuming."""

from pathlib import Path

from cli import asking
from cli.failure import Exit, Failure
from cli.loaded import settings_at
from cli.printing import say
from settings.secrets import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    SecretUnreadable,
    StateSecrets,
)


def set_password(settings: Path, password_file: Path | None) -> None:
    """Put a new password in the place of the old one; it holds at once, daemon or not."""
    folder = settings_at(settings).state_dir / "secrets"
    text = asking.password(password_file, prompt="New password", twice=True)
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        length = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        raise Failure(Exit.USAGE, f"a password has {length}")
    try:
        StateSecrets(folder).set_password(text)
    except (SecretUnreadable, OSError) as error:
        raise Failure(Exit.FAILED, f"the password could not be stored: {error}") from None
    say(f"the new password holds from now on ({folder / 'password'})")
    say("whoever was signed in is signed out")
