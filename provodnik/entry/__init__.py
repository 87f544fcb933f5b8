"""How employees get in: slips on paper, the first password, by what name one signs in."""
