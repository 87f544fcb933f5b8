"""Faults that other desks and personnel products were published for, each as a test of this one (docs/safety.md)."""
