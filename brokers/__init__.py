"""The venues, behind one asynchronous interface."""
