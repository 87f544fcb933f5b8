"""The support desk: requests, their clock and their conversation, as the regulation spells them out."""
