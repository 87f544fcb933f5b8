"""The figures of the desk (R13)."""
