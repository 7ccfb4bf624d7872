"""Accuracy on recorded data: `./run evaluate NAME …`; the last line of output is one JSON object."""
