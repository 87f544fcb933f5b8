"""A reading process that misbehaves on command: for the tests of the sandbox only."""

import os
import signal
import sys
from collections.abc import Collection

from provodnik.channels.email.child import main
from provodnik.channels.email.parse.values import Understood
from provodnik.channels.email.parse.whole import understand


def odd(raw: bytes, *, authserv_ids: Collection[str] = ()) -> Understood:
    """Does what the subject says."""
    letter = understand(raw, authserv_ids=authserv_ids)
    if letter.subject == "hang":
        signal.pause()
    elif letter.subject == "spin":
        while True:
            pass
    elif letter.subject == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif letter.subject == "swell":
        found = []
        while True:
            found.append(bytes(16 * 1024 * 1024))
    elif letter.subject == "babble":
        os.write(_SINK, b"\xff\xff\xff\xff" * 10)
    elif letter.subject == "nonsense":
        os.write(_SINK, b"\x00\x00\x00\x02{}")
    elif letter.subject == "print":
        sys.stdout.write("noise")
        sys.stdout.flush()
    return letter


if __name__ == "__main__":
    _SINK = os.dup(1)
    main(odd)
