"""Two invented years, played in the order of time."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.demo import (
    articles,
    assignment,
    exchange,
    marks,
    pay,
    signed,
    slips,
    staff,
    transfers,
    wishes,
    workbench,
    works,
)
from provodnik.demo.cases import Step, Writer
from provodnik.demo.ledger import odd_letters
from provodnik.demo.people import settle
from provodnik.demo.play import Player
from provodnik.desk import announce
from provodnik.desk.actions import deadlines
from provodnik.desk.models import Contact, Ticket
from provodnik.desk.queries import deadlines as reached
from provodnik.quality.actions.cases import catch_up_all

SEED = 14
REQUESTS = 1500
SMALL = 30
LOOK = timedelta(days=4)
Say = Callable[[str], None]


def load(say: Say, *, now: datetime | None = None, small: bool = False) -> None:
    """Fill an empty database. The caller's transaction makes it all or nothing."""
    now = (now or timezone.now()).replace(microsecond=0)
    chance = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    cast = settle(timezone.localdate(now), chance, small=small)
    say(_("People: %(count)s.") % {"count": Contact.objects.count()})
    staff.hire(cast, now)
    transfers.before(cast, now)
    writer = Writer(cast, now, chance)
    cases = [*writer.history(SMALL if small else REQUESTS), *writer.today()]
    steps = sorted((step for steps in cases for step in steps), key=lambda step: step.at)
    with quickly():
        perform(steps, Player(cast, chance, now), say)
        see_deadlines(now)
    odd_letters(cast.mailbox, now)
    articles.write(cast, now, chance)
    works.lead(cast, now)
    marks.put(cast, now, chance)
    assignment.arrange(cast, now)
    workbench.furnish(cast, now)
    exchange.connect(cast, now)
    transfers.today(cast, now)
    slips.give(now)
    wishes.ask(now)
    pay.pay(cast, now)
    signed.sign(now)
    catch_up_all()  # what is written down silently nobody is told of, the report of quality neither


@contextmanager
def quickly() -> Iterator[None]:
    """Half of the statements would be savepoints, and here nothing is rolled back but everything; nor is there much
    rubbish to collect."""
    before = connection.features.uses_savepoints
    connection.features.uses_savepoints = False
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        connection.features.uses_savepoints = before


def perform(steps: list[Step], player: Player, say: Say) -> None:
    """Step by step, telling after each twentieth part how far it is; deadlines are seen every few days."""
    looked, part = steps[0].at, max(1, len(steps) // 20)
    for done, step in enumerate(steps, start=1):
        if step.at - looked > LOOK:
            see_deadlines(step.at)
            looked = step.at
        player.play(step)
        if done % part == 0 or done == len(steps):
            say(
                _("Two years of requests: %(done)s of %(count)s steps, %(requests)s requests.")
                % {"done": done, "count": len(steps), "requests": Ticket.objects.count()}
            )


def see_deadlines(now: datetime) -> None:
    """What the desk's periodic look would have noticed by then."""
    with announce.silent():
        for moment in [*reached.near(now), *reached.overdue(now)]:
            deadlines.notice(moment, now=moment.moment)
