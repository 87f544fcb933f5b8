"""A simulated day of an installation, in a process of its own that is watched from outside (tests/test_quiet_day.py).

Twenty-four hours, hour by hour: every periodic job that is due in that hour, all jobs that come of it, letters that
arrive and leave, and every hour some of the pages, opened by those who work with them. Arguments: port of the IMAP
server, its user and password, port of the SMTP server. Says at its end what was done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice

import django

django.setup()

import time_machine  # noqa: E402 - models and jobs are known once Django is set up
from django.urls import reverse  # noqa: E402
from procrastinate.contrib.django import app  # noqa: E402

from provodnik.channels.models import Inbound, Mailbox, Outgoing, Security  # noqa: E402
from provodnik.desk.tests.factories import NOW  # noqa: E402
from provodnik.hooks.models import Subscription  # noqa: E402
from tests.mail import run_jobs  # noqa: E402
from tests.matrix import ROWS  # noqa: E402
from tests.world import World, build  # noqa: E402

HOURS = 24
PAGES = 9  # of each hour


def main(imap_port: int, user: str, password: str, smtp_port: int) -> None:
    with time_machine.travel(NOW, tick=True):
        world = build()
    settle(imap_port, user, password, smtp_port)
    doors, opened, done = cycle(pages(world)), 0, 0
    for hour in range(HOURS):
        at = NOW + timedelta(hours=hour)
        with time_machine.travel(at, tick=True):
            done += look_after(at)
            for name, person, address in islice(doors, PAGES):
                answer = world.client(person).get(address)
                assert answer.status_code < 500, (name, answer.status_code)
                opened += 1
    taken, sent = Inbound.objects.count(), Outgoing.objects.filter(state="sent").count()
    sys.stdout.write(f"pages {opened} jobs {done} letters {taken} sent {sent}\n")


def settle(imap_port: int, user: str, password: str, smtp_port: int) -> None:
    """What the administrator has configured: one mailbox, and nothing else outside."""
    for table in (Mailbox, Subscription):  # of the world
        table.objects.update(is_active=False)
    box = Mailbox(name="Поддержка", address="support@desk.example")
    box.imap_host, box.imap_port, box.imap_security = "127.0.0.1", imap_port, Security.NONE
    box.imap_username, box.imap_password = user, password
    box.smtp_host, box.smtp_port, box.smtp_security = "127.0.0.1", smtp_port, Security.NONE
    box.save()


def pages(world: World) -> Iterator[tuple[str, str, str]]:
    """(route, person, address) of each page that is somebody's."""
    for name, row in ROWS.items():
        if "GET" in row.methods:
            thing, people = next(((thing, people) for thing, people in row.things.items() if people), ("", ()))
            if people:
                yield name, people[-1], reverse(name, kwargs=world.things[name][thing] if thing else {})


def look_after(at: datetime) -> int:
    """Every periodic job that is due within the hour, once; then all that waits. Returns how many were due."""
    count = 0
    for periodic in app.periodic_registry.periodic_tasks.values():
        minute_to_weekday = periodic.cron.split()
        if minute_to_weekday[1] in ("*", str(at.hour)):
            periodic.task.func(timestamp=int(at.timestamp()))
            count += 1
    run_jobs()
    return count


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
