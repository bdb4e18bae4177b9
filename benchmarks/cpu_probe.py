"""How fast the processor is at the moment: on a shared machine that changes by a factor of two."""

import time


TURNS = 1_000_000


def million_turns_per_s() -> float:
    """Turns of an empty loop in this process; a tenth of a second or less."""
    began = time.perf_counter()
    for _ in range(TURNS):
        pass
    return TURNS / (time.perf_counter() - began) / 1e6
