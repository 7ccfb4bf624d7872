"""The rules. Standard library only, no input or output, no clock of its own: `now` is always an argument."""
