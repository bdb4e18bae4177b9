"""A local Schwab to rehearse on: sign-in, accounts, orders and quotes, in a process of its own."""
