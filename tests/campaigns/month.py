"""A month of quotes and alerts, lived twice from one seed: the same ledger to the cent."""

from tests.campaigns.table import Findings
from tests.stateful.month import DAYS, month


def campaign(seed: int, runs: int) -> Findings:
    """So many months, each twice."""
    found = Findings((6, 6, 8, 8, 12, 12, 8))
    found.head("seed", "days", "alerts", "fills", "equity", "flows", "verdict")
    for each in range(seed, seed + runs):
        first, again = month(each, DAYS), month(each, DAYS)
        wrong = [*first.found]
        if first.ledger != again.ledger:
            wrong.append("the second ledger is another one")
        if first.books != again.books:
            wrong.append("the second books are others")
        cells = (each, DAYS, first.alerts, first.fills, first.equity, first.flows)
        found.row(*cells, found=wrong)
    return found
