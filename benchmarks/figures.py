"""What a series of measurements comes to."""

from collections.abc import Collection


def percentile(values: Collection[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed, by nearest rank; NaN of no values.

    Of 1,200 values the 99th percentile is the 1,188th: a measured one, nothing interpolated.
    """
    if not values:
        return float("nan")
    ordered = sorted(values)
    rank = -int(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(rank, 1) - 1]
