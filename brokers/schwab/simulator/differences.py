"""Where the simulator follows what was seen live rather than Schwab's own documents."""

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Difference:
    """What is otherwise than in the documents, on which routes, and why.

    A place is `query`, `request`, `answer` or a status, then the path in the JSON and what the
    documents object to: a field they do not have (unknown), a type, a value (enum).
    """

    why: str
    routes: tuple[str, ...]
    places: tuple[str, ...]


ACCOUNTS: Final = ("GET /accounts", "GET /accounts/{accountNumber}")
ORDER_LISTS: Final = ("GET /accounts/{accountNumber}/orders", "GET /orders")
ORDERS: Final = (*ORDER_LISTS, "GET /accounts/{accountNumber}/orders/{orderId}")
WRITES: Final = (
    "POST /accounts/{accountNumber}/orders",
    "PUT /accounts/{accountNumber}/orders/{orderId}",
)
PREVIEW: Final = ("POST /accounts/{accountNumber}/previewOrder",)
TRANSACTIONS: Final = (
    "GET /accounts/{accountNumber}/transactions",
    "GET /accounts/{accountNumber}/transactions/{transactionId}",
)
QUOTES: Final = ("GET /quotes", "GET /{symbol_id}/quotes")
CURRENT: Final = "answer $.securitiesAccount.currentBalances"
CHILDREN: Final = "$.childOrderStrategies.childOrderStrategies"

DIFFERENCES: Final = (
    Difference(
        why="recorded accounts have their total value a second time, outside",
        routes=ACCOUNTS,
        places=("answer $.aggregatedBalance: unknown",),
    ),
    Difference(
        why="recorded current balances have the general ones too, of cash and of market values",
        routes=ACCOUNTS,
        places=tuple(
            f"{CURRENT}.{name}: unknown"
            for name in (
                "accruedInterest",
                "bondValue",
                "cashBalance",
                "cashReceipts",
                "liquidationValue",
                "longMarketValue",
                "longOptionMarketValue",
                "moneyMarketFund",
                "mutualFundValue",
                "pendingDeposits",
                "savings",
                "shortMarketValue",
                "shortOptionMarketValue",
            )
        ),
    ),
    Difference(
        why="recorded accounts say true or false where the documents have a number",
        routes=ACCOUNTS,
        places=tuple(
            f"answer $.securitiesAccount.{when}Balances.isInCall: type"
            for when in ("initial", "projected")
        ),
    ),
    Difference(
        why="a fund traded like a share is held as COLLECTIVE_INVESTMENT, with its type",
        routes=ACCOUNTS,
        places=("answer $.securitiesAccount.positions.instrument.assetType: enum",),
    ),
    Difference(
        why="recorded activities have an id, by which one is told from another",
        routes=ORDERS,
        places=(
            "answer $.orderActivityCollection.activityId: unknown",
            f"answer {CHILDREN}.orderActivityCollection.activityId: unknown",
        ),
    ),
    Difference(
        why="recorded cancelled and replaced orders have an execution CANCELED at price 0",
        routes=ORDERS,
        places=(
            "answer $.orderActivityCollection.executionType: enum",
            f"answer {CHILDREN}.orderActivityCollection.executionType: enum",
        ),
    ),
    Difference(
        why="Schwab's own samples send prices as texts",
        routes=WRITES,
        places=(
            "request $.price: type",
            "request $.stopPrice: type",
            f"request {CHILDREN}.price: type",
            f"request {CHILDREN}.stopPrice: type",
        ),
    ),
    Difference(
        why="every known client sends a preview the order, not the answer's own shape",
        routes=PREVIEW,
        places=tuple(
            f"request $.{name}: unknown"
            for name in (
                "childOrderStrategies",
                "duration",
                "orderLegCollection",
                "orderStrategyType",
                "orderType",
                "session",
            )
        ),
    ),
    Difference(
        why="recorded previews say of a leg what it trades, and which way it takes the position",
        routes=PREVIEW,
        places=(
            "answer $.orderStrategy.orderLegs.instrument: unknown",
            "answer $.orderStrategy.orderLegs.positionEffect: unknown",
        ),
    ),
    Difference(
        why="recorded transactions say of an instrument that it is active",
        routes=TRANSACTIONS,
        places=("answer $.transferItems.instrument.status: unknown",),
    ),
    Difference(
        why="recorded preferences are an object, not a list of them",
        routes=("GET /userPreference",),
        places=("answer $: type",),
    ),
    Difference(
        why="the gateway answers 401 in market data's shape, whatever was asked",
        routes=("GET /accounts",),
        places=("401 $.errors: type",),
    ),
    Difference(
        why="the gateway writes the status as a number, as the documents' own example does",
        routes=("GET /quotes",),
        places=("401 $.errors.status: enum", "401 $.errors.status: type"),
    ),
    Difference(
        why="recorded quotes have the change after hours",
        routes=QUOTES,
        places=(
            "answer $.SYMBOL.quote.postMarketChange: unknown",
            "answer $.SYMBOL.quote.postMarketPercentChange: unknown",
        ),
    ),
)
