"""The client that waits. Made of `_async` by scripts/unasync, but for transport.py."""
