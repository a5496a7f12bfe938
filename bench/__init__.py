"""Measures the binder against copying files and against other tools: `make bench`."""
