"""The line to the district: the port, how it fails, and the adapter over HTTP."""
