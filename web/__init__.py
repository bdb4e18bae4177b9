"""The edge: where alerts arrive, and where people and programs look and act."""
