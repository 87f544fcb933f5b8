"""Fills an installation, within its own Django (`provodnik manage shell`): requests in bulk, then kept files.

requests(200_000)    as bench/fill.py makes them
files(4096)          MiB of kept files, tied to messages as attachments
"""

import hashlib
import os
import random
import uuid
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench import fill


def requests(count: int) -> None:
    fill.fill(count, max(count // 20, 400), print)
    said()


def files(mebibytes: int) -> None:
    """Of 70 KiB to 4 MiB, as screenshots and scans are; half of them cannot be packed."""
    left, made, chance = mebibytes * 2**20, 0, random.Random(7)
    root = Path(settings.FILES_DIR)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM desk_message WHERE kind = 'request' ORDER BY id LIMIT 100000")
        messages = [row[0] for row in cursor.fetchall()]
        while left > 0:
            size = min(chance.choice([70, 150, 400, 900, 2000, 4096]) * 1024, max(left, 70 * 1024))
            content = os.urandom(size) if made % 2 else (b"%d " % made) * (size // 8) + os.urandom(64)
            name = uuid.uuid4().hex
            place = root / name[:2] / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            cursor.execute(
                "INSERT INTO core_blob (sha256, size, content, name, created_at) VALUES (%s, %s, NULL, %s, now())"
                " RETURNING id",
                [hashlib.sha256(content).hexdigest(), len(content), name],
            )
            row = cursor.fetchone()
            cursor.execute(
                "INSERT INTO desk_attachment (id, message_id, blob_id, name, content_type, content_id, is_inline)"
                " VALUES (gen_random_uuid(), %s, %s, 'скан.pdf', 'application/pdf', '', false)",
                [messages[made % len(messages)], row[0]],
            )
            left -= len(content)
            made += 1
    print(f"{made} files")
    said()


def said() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM desk_ticket), (SELECT count(*) FROM desk_message),"
            " (SELECT count(*) FROM desk_ticketevent), pg_database_size(current_database()) >> 20,"
            " (SELECT coalesce(sum(size), 0)::bigint >> 20 FROM core_blob WHERE name <> ''),"
            " (SELECT count(*) FROM core_blob WHERE name <> '')"
        )
        row = cursor.fetchone()
    told = "=== requests {}, messages {}, events {}; database {} MiB; files on the disk {} MiB in {}"
    print(told.format(*row), flush=True)
