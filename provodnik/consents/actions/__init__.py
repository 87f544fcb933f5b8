"""What can happen to editions and consents."""
