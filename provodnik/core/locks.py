"""Locks that belong to a process and die with it: PostgreSQL's advisory locks, held by the connection.

For work that must not be done twice at the same time and cannot sit in a transaction (a talk with a mail server). A
killed process loses its connection and so its locks, at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """The first of the two numbers of a lock: what kind of thing is locked. Never reuse one."""

    MAILBOX = 0x7076_0001
    OUTGOING = 0x7076_0002
    ASSIGNMENT = 0x7076_0003
    API_KEY = 0x7076_0004
    HOOK = 0x7076_0005
    SCANNING = 0x7076_0006
    FILES = 0x7076_0007  # held by a backup, too: lifecycle.backup.making


@contextmanager
def alone(kind: Lock, number: int) -> Iterator[bool]:
    """True when nobody else holds the lock; it is held until the block ends. Does not wait, keeps no transaction."""
    # the second number has 32 bits: two things that share it merely wait for each other
    key = [int(kind), number & 0x7FFF_FFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
