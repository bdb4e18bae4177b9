"""What holds for every test: random examples come from a fixed source, so that a run repeats."""

from hypothesis import settings


settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")
