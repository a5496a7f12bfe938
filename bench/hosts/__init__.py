"""Eight hosts on one machine: `python -m bench.hosts`."""
