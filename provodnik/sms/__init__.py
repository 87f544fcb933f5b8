"""Messages to phones, by whatever HTTP gateway the organisation has. Off until an administrator sets one up."""
