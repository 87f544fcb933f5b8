"""Tells systemd that a service is ready (sd_notify(3)): the services that wait for it start then, not before."""

from __future__ import annotations

import contextlib
import os
import socket


def ready() -> None:
    """Say so to whoever started us, if he asked for it; a deaf one is no reason to fail."""
    place = os.environ.pop("NOTIFY_SOCKET", "")  # our children have nothing to say there
    if not place:
        return
    address = f"\0{place[1:]}" if place.startswith("@") else place
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice:
        notice.sendto(b"READY=1", address)
