"""Consents that an employee gave on paper: personnel marks them, 1C is told of them."""
