"""Payslips: what everybody is paid, for himself and his payroll accountant alone."""
