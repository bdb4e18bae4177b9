"""A token bucket, as values."""

from decimal import ROUND_CEILING, Decimal

from attrs import evolve, frozen


@frozen
class Bucket:
    """How many tokens were left at an instant (monotonic seconds)."""

    tokens: Decimal
    at: Decimal


def filled(bucket: Bucket | None, now: Decimal, per_minute: int) -> Bucket:
    """The bucket at an instant: a minute's worth at most, and full at first."""
    full = Decimal(per_minute)
    if bucket is None:
        return Bucket(full, now)
    return Bucket(min(full, bucket.tokens + (now - bucket.at) * full / 60), now)


def taken(bucket: Bucket, per_minute: int) -> tuple[Bucket, int | None]:
    """One token taken; or the bucket as it is and the whole seconds until there is one."""
    if bucket.tokens >= 1:
        return evolve(bucket, tokens=bucket.tokens - 1), None
    missing = (1 - bucket.tokens) * 60 / per_minute
    return bucket, max(int(missing.to_integral_value(ROUND_CEILING)), 1)
