"""The gate's log: browsed, looked at, judged."""
