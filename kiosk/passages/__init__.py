"""Who passed: recorded as facts, with a picture for those who agreed to one; what makes a passage ordinary."""
