"""What a released version left behind, brought to what stands here: a process of its own, with settings of its own.

python -m tests.upgraded    # migrates, asks doctor, opens pages; writes a line of JSON
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import setup_test_environment

PAGES = {"innokenty": ["/desk/"], "galina": ["/quality/"], "anna": ["/articles/"], "admin": ["/settings/"]}


def doctor() -> tuple[int, list[str]]:
    said = io.StringIO()
    status = 0
    try:
        call_command("doctor", "--strict", stdout=said)
    except SystemExit as error:
        status = int(error.code or 0)
    return status, said.getvalue().splitlines()


def pages() -> dict[str, int]:
    from provodnik.accounts.models import User

    found: dict[str, int] = {}
    for login, paths in PAGES.items():
        client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
        client.force_login(User.objects.get(login=login))
        for path in paths:
            found[f"{login} {path}"] = client.get(path).status_code
    return found


def main() -> None:
    django.setup()
    setup_test_environment()
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("prepare", "--at-once", stdout=io.StringIO())
    with connection.cursor() as cursor:  # no worker runs here, and doctor would miss it
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE status = 'todo'")
    status, lines = doctor()
    told: dict[str, Any] = {
        "doctor": status,
        "wrong": [line for line in lines if line.startswith("✗")],
        "pages": pages(),
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
