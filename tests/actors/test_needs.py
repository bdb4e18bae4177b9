"""What waits for a person goes when he need not know it any more."""

from actors.needs import kept_over_night
from tests.actors.facts import still_held
from tests.trading.builders import ACCOUNT, desk, fill
from trading.vocabulary import Side


def test_what_was_to_be_left_is_named_as_long_as_it_is_held() -> None:
    told = (still_held(account=ACCOUNT),)
    held = desk(fill(quantity=10)).book
    (need,) = kept_over_night(told, {ACCOUNT: held})
    assert need.what == f"demo on {ACCOUNT} still holds 10 AAPL: FLATTEN_LATE"
    sold = desk(fill(quantity=10), fill(side=Side.SELL, quantity=10, execution_id="X-2")).book
    assert list(kept_over_night(told, {ACCOUNT: sold})) == []
