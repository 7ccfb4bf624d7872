"""The district over HTTP, as docs/PROTOCOL.md describes it."""
