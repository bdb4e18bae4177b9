"""Eight days of two accounts under one sign-in: one who renews it, one stream, one person."""

from contextlib import closing
from datetime import timedelta

from tests.campaigns.table import Findings
from tests.situations.week import RENEWED_EVERY, STREAM, TOKENS, WEEK, Household, wrong_after


def campaign(seed: int, runs: int) -> Findings:
    """Every five minutes of them, on a clock of its own."""
    del seed
    found = Findings((8, 10, 10, 8))
    found.head("watched", "renewed", "streams", "verdict")
    for _ in range(runs):
        with closing(Household()) as house:
            watched = WEEK - timedelta(hours=1) - RENEWED_EVERY
            wrong = wrong_after(house, watched)
            asked = house.market.asked
            found.row("8 days", asked[TOKENS], asked[STREAM], found=wrong)
    return found
