"""Speed and memory, each beside a baseline that is measured in the same run: `make bench`."""
