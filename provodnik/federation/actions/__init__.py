"""What happens to directories, providers and identities."""
