"""The command line's bodies: ask the daemon's API, read files, print. No actor runs here."""
