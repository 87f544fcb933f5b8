"""Building and signing releases; for the vendor, never installed at a customer's. See docs/release.md."""
