"""One alert or one order, folded from its facts: what the view no longer holds."""

from actors.views import AlertView, OrderView, evolve_alert, evolve_order_view
from journal import Reader
from trading.vocabulary import AlertId, OrderId


def order_of(reader: Reader, order_id: OrderId) -> OrderView | None:
    """An order folded from its facts; None where there is none."""
    view: OrderView | None = None
    for record in reader.events(order_id=order_id):
        view = evolve_order_view(view, record.event)
    return view


def alert_of(reader: Reader, alert_id: AlertId) -> AlertView | None:
    """An alert and what became of it, folded from its facts; None where there is none."""
    alert: AlertView | None = None
    for record in reader.events(alert_id=alert_id):
        alert = evolve_alert(alert, record.event)
    return alert
