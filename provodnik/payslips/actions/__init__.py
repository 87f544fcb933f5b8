"""What can happen to payslips."""
