"""Where the letters of the demo land."""


def deliver(*, envelope_from: str, recipients: list[str], raw: bytes) -> None:
    """Keep a letter that the demo's mail server has been offered.

    `envelope_from` may be "" (a bounce); `recipients` has one address at least; `raw` is the letter as it
    came, at most 25 MB. Raises when it cannot be kept: the sender is then told to try again (452).
    """
    raise RuntimeError("the demo has no post box yet")
