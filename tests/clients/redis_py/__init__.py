"""redis-py against a server of its own: `python -m unittest discover` in tests/clients runs it."""
