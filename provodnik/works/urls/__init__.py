"""Addresses of works: inside the product, and those that need no sign-in."""
