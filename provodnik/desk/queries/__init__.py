"""Reads for pages, the API and reports; `now` is an argument."""
