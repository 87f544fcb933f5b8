"""How fast PROводник is, and against what: `make bench` (docs/bench.md)."""
