"""Speed and memory: `./run bench NAME`; the last line of output is one JSON object, ratios are within one run."""
