"""Pages of payslips."""
