"""Codes as sentences, for people."""

from collections.abc import Mapping
from typing import Final

from trading.vocabulary import Code


SENTENCES: Final[Mapping[Code, str]] = {
    Code.HALTED: "trading is halted",
    Code.SIGN_IN_ENDS: "someone has to sign in at the venue: in the last hour only exits pass",
    Code.REDUCING: "only exits pass",
    Code.STRATEGY_RETIRED: (
        "the strategy or its account is retired, or it is no longer in the settings: exits only"
    ),
    Code.STALE: "it came or waited too long",
    Code.TIMESTAMP_AHEAD: "its fire time lies in the future: a clock is wrong",
    Code.OUT_OF_ORDER: "a later alert of this strategy and symbol was applied before",
    Code.REPEATED_SIGNAL: "the same signal was traded a moment ago",
    Code.SUPERSEDED: "an exit came while it waited",
    Code.SYMBOL_NOT_ALLOWED: "the strategy does not trade this symbol",
    Code.WHOLE_SHARES_ONLY: "only whole shares are traded",
    Code.NO_REFERENCE_PRICE: "nothing is known of its price",
    Code.QUOTE_TOO_OLD: "the market has not been seen for too long",
    Code.GTC_ENTRY: "entries end with their day",
    Code.SESSION_NOT_OFFERED: "the account trades in the regular session only",
    Code.WRONG_SIDE: "a price of it is on the wrong side of the market",
    Code.ALREADY_LONG: "the strategy is long already and does not add",
    Code.ALREADY_SHORT: "the strategy is short already and does not add",
    Code.SHORT_NOT_ALLOWED: "selling short is not allowed: `allow_short` under risk",
    Code.NOT_BORROWABLE: "the account cannot borrow it to sell it short",
    Code.SHORT_NEEDS_STOP: "what is sold short needs a stop loss no more than 10 % away",
    Code.NOTHING_TO_DO: "there is nothing to close",
    Code.EXIT_ALREADY_FILLED: "its target or stop has closed the position already",
    Code.REVERSAL_NOT_FLAT: "the position that it reverses is not closed",
    Code.OPPOSING_POSITION: "the account holds the other side",
    Code.HELD_EXTERNALLY: (
        "others hold the symbol on this account: adopt it, or name it in the strategy's `external`"
    ),
    Code.MAX_ORDER_VALUE: "the order would be worth too much",
    Code.MAX_POSITION_SIZE: "the position would have too many shares",
    Code.MAX_POSITION_VALUE: "the position would be worth too much",
    Code.MAX_TOTAL_EXPOSURE: "the account would hold too much in all",
    Code.MAX_DAILY_LOSS: "the day has lost its limit",
    Code.CASH: "there is not enough free cash",
    Code.MODE_PAPER: "mode is paper: no order leaves for a live account",
    Code.MARKET_CLOSED: "the market is closed, or about to close",
    Code.ENTRY_WINDOW: "entries are not made at this time of the day",
    Code.ENTRY_DRIFT: "the price moved too far while it waited for the open",
    Code.FLATTEN_LATE: "it was to be left by now, and the market closes soon",
    Code.HELD_OVERNIGHT_UNINTENDED: "it was to be left before the close, and is still held",
    Code.BROKER_NOT_READY: "the broker was not ready in time",
    Code.UNKNOWN_ORDER: "an order of unknown fate was in the way too long",
    Code.SEND_DEADLINE: "the time to send it was over",
    Code.GATE_CLOSED: "trading was stopped or started in between",
    Code.REPLACED: "the account's broker was replaced before it was sent",
    Code.QUARANTINED: "it brought down whoever worked on it three times, so nobody does any more",
    Code.ACCOUNT_PARKED: "the account is parked: its actors could not be kept alive",
    Code.INSUFFICIENT_FUNDS: "the venue says there is not enough money",
    Code.VENUE_REJECTED: "the venue refused it",
    Code.NOT_SENT: "the venue could not be reached, nothing was sent",
    Code.RATE_LIMITED: "the venue asks to wait",
    Code.CANCELLED_FIRST: "cancelled for a newer signal",
    Code.ENTRY_TTL: "its time to fill is over: TradingView may think you are in",
    Code.EXIT_TO_MARKET: "it was marketable and did not fill: the rest goes at the market",
    Code.NO_ANSWER_TO_CANCEL: "the venue has not said that it is cancelled",
    Code.PARTLY_FILLED: "no more of it fills: what has filled is to be protected",
    Code.PROTECTION_RESIZED: "what it protects has changed",
    Code.EXTERNALLY_CLOSED: "the shares that it would close were traded outside of the bot",
    Code.NOT_THAT_MANY: "so many shares are not there",
    Code.SIDE_NOT_HELD: "the strategy does not hold that side",
    Code.ORDERS_IN_THE_WAY: "orders of the strategy in this symbol may still fill",
    Code.CONSECUTIVE_ERRORS: "too many venue errors in a row",
    Code.OPERATOR: "a person asked for it",
    Code.STOP_FILE: "the file STOP exists",
    Code.LATE_FILL: "an order that had ended was filled after all",
    Code.OVERFILL: "the venue filled more than was ordered",
    Code.POSITION_DIFFERENCE: "the venue holds something else than the books, unexplained",
    Code.VENUE_SILENT: "the venue does not say what the account holds",
    Code.MISSED_ALERTS: "nobody watched for a while: alerts may have been missed",
    Code.SHARE_REVERSED: "a fill carried a share through zero",
}


def in_words(code: str, inputs: Mapping[str, str]) -> str:
    """A refusal as a sentence with its numbers: `there is not enough free cash (free_cash 12)`."""
    try:
        sentence = SENTENCES[Code(code)]
    except (KeyError, ValueError):
        sentence = code
    numbers = ", ".join(f"{name} {value}" for name, value in inputs.items() if value)
    return f"{sentence} ({numbers})" if numbers else sentence
