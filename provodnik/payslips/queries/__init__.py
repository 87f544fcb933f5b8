"""Reads of payslips."""
