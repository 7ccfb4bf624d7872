"""Evaluation: reads what is known, asks the rules, appends what follows. At the district, and at a desk that is cut off."""
