"""What stands before every request: how often, how slowly, and never the same one twice."""
