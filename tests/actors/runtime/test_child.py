import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.runtime import Address, Backoff, Child
from tests.actors.runtime.witness import Witness


def test_a_child_makes_its_own_address_with_its_bound() -> None:
    address = Child("risk", Witness.start, bound=7).address
    assert (address.name, address.mailbox.bound) == ("risk", 7)


def test_a_child_may_be_given_an_address_that_others_hold_already() -> None:
    address = Address("risk")
    assert Child("risk", Witness.start, address=address).address is address


def test_a_child_may_not_have_the_address_of_another() -> None:
    with pytest.raises(ValueError, match="child risk has the address of broker"):
        Child("risk", Witness.start, address=Address("broker"))


def test_backoff_doubles_from_first_to_cap() -> None:
    backoff, dice = Backoff(first_s=0.5, cap_s=3, jitter=0), random.Random(1)
    assert [backoff.delay_s(n, dice) for n in (0, 1, 2, 3, 4, 10**6)] == [0.5, 1, 2, 3, 3, 3]


def test_backoff_takes_its_jitter_from_the_randomness_given() -> None:
    backoff = Backoff(first_s=1, cap_s=8, jitter=0.5)
    delays = [backoff.delay_s(0, random.Random(seed)) for seed in range(20)]
    assert delays == [1 + random.Random(seed).uniform(-0.5, 0.5) for seed in range(20)]


@given(st.integers(0, 10_000), st.integers())
def test_backoff_never_leaves_its_band(attempt: int, seed: int) -> None:
    delay = Backoff(first_s=0.05, cap_s=5, jitter=0.2).delay_s(attempt, random.Random(seed))
    assert 0.05 * 0.8 <= delay <= 5 * 1.2
