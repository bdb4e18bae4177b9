"""Charles Schwab's Trader API: sign-in, orders, money, market data and the stream that wakes."""
