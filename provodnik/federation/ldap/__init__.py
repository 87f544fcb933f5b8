"""A client of directories (RFC 4511): finds one person, proves his password, reads a few of his attributes."""
