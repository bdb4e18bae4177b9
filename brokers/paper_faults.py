"""The trouble that the paper venue makes on purpose."""

from attrs import frozen


@frozen(kw_only=True)
class Faults:
    """Trouble the venue makes on purpose, drawn from a seeded source.

    `timeout_after_accept` is the probability that an order is taken and the answer lost;
    `answer_timeout_s` how long the client then waits for it.
    """

    timeout_after_accept: float = 0.0
    answer_timeout_s: float = 2.0
    seed: int = 1

    @property
    def any(self) -> bool:
        """Whether any fault is switched on."""
        return self.timeout_after_accept > 0


NO_FAULTS = Faults()
