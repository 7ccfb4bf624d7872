"""From an accelerometer's signal to a suspected fall, and what came after it."""
