"""A process that takes a batch is killed in the middle, for real; another one goes on and everything is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from provodnik.desk.tests.factories import NOW
from provodnik.exchange.actions import applying, receiving
from provodnik.exchange.models import Batch, Stage, Thing
from provodnik.exchange.tests.factories import Sender, crowd, take
from provodnik.people.models import Employment, PeopleEvent, Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]

# Dies by SIGKILL in the middle of a portion: after it was taken, before its transaction is committed.
PROGRAM = """
import os, signal, sys
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EXCHANGE_DIR, settings.FILES_DIR = sys.argv[4], sys.argv[5]
from provodnik.exchange.actions import applying, running
from provodnik.exchange.models import Batch
from provodnik.exchange.tests.factories import MOMENT
applying.PORTION = 4
count, at = applying._count, [int(sys.argv[3])]
def dying(*given):
    count(*given)
    at[0] -= 1
    if not at[0]:
        os.kill(os.getpid(), signal.SIGKILL)
applying._count = dying
running.take(Batch.objects.get(pk=int(sys.argv[2])), MOMENT)
"""


def test_killed_in_the_middle_it_goes_on(sender: Sender, monkeypatch: Any) -> None:
    monkeypatch.setattr(applying, "PORTION", 4)
    sender.write(crowd(10))
    (batch,) = receiving.look(sender.base, at=NOW)
    for portion in (1, 3, 2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(connection.settings_dict["NAME"]), str(batch.pk), str(portion),
             str(settings.EXCHANGE_DIR), str(settings.FILES_DIR)],
            env={**os.environ, "PROVODNIK_SECRET_KEY": settings.SECRET_KEY, "PROVODNIK_DATABASE_URL": address()},
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL, done.stderr
        batch.refresh_from_db()
        assert batch.state == "applying"
        # the portion that died took nothing with it: marks and people agree
        people = Thing.objects.filter(kind="person", standing="taken").count()
        assert Person.objects.count() == people
        assert Stage.objects.filter(is_done=True).count() == batch.done == Thing.objects.count()
    assert 0 < batch.done < 23
    take(batch)
    assert Batch.objects.get().state == "done" and not Stage.objects.exists()
    assert (Person.objects.count(), Employment.objects.count(), Thing.objects.count()) == (10, 10, 23)
    assert PeopleEvent.objects.filter(kind="hired").count() == 10


def address() -> str:
    """Of the test's own database, for another process."""
    told = connection.settings_dict
    host = told["HOST"].replace("/", "%2F")
    port = f":{told['PORT']}" if told["PORT"] else ""
    return f"postgresql://{told['USER']}:{told['PASSWORD']}@{host}{port}/{told['NAME']}"
