"""What can happen at the desk: one function a business verb. Each locks, decides, changes, records, announces."""
