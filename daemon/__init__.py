"""The composition root: the one room beside app.py that knows all the others."""
