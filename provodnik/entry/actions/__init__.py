"""What happens to slips."""
