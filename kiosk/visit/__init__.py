"""A visit at the gate: events come in, effects go out, and a view is shown. No Qt, no clock of its own."""
