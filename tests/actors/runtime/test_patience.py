from actors.runtime import Patience


def test_more_deaths_than_allowed_within_the_period_are_too_many() -> None:
    patience = Patience(intensity=2, period_s=60)
    assert [patience.is_one_too_many(None, at) for at in (0, 1, 2)] == [False, False, True]


def test_a_death_a_period_ago_counts_no_more() -> None:
    patience = Patience(intensity=1, period_s=60)
    assert [patience.is_one_too_many(None, at) for at in (0, 60, 119)] == [False, False, True]


def test_each_group_has_patience_of_its_own() -> None:
    patience = Patience(intensity=1, period_s=60)
    assert [patience.is_one_too_many(group, 0) for group in ("a", "b", None)] == [False] * 3
    assert patience.is_one_too_many("a", 1)


def test_renewed_patience_has_seen_no_death() -> None:
    patience = Patience(intensity=0, period_s=60)
    assert patience.is_one_too_many("a", 0)
    patience.renew("a")
    patience.renew("never seen")
    patience.intensity = 1
    assert not patience.is_one_too_many("a", 1)
