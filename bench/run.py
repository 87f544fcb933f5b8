"""One size: fill, start the product, measure; the figures go to a file as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

django.setup()

from bench import crowd, fill, mail, payday, people, quality, report, stack, web, zup  # noqa: E402 - they need Django ready
from provodnik.__main__ import plan as plan_of  # noqa: E402
from provodnik.config.env import load  # noqa: E402
from provodnik.desk.models import Ticket  # noqa: E402
from provodnik.lifecycle.program import Plan  # noqa: E402

SETTLING = (8, 90)  # seconds: the worker carries outside what the pages left behind; at least, at most
SMALL = 10_000  # requests: the exchange with 1C does not depend on them and is measured once
FEW = 20  # jobs; so many wait at any time


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("total", type=int)
    parser.add_argument("opened", type=int)
    parser.add_argument("answer", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    say(f"{options.total} requests, {options.opened} of them open")
    call_command("prepare", verbosity=0)
    started = time.monotonic()
    fresh = not Ticket.objects.exists()
    if fresh:
        fill.fill(options.total, options.opened, say)
    filled = time.monotonic() - started if fresh else None
    quality.check()
    people.fill(say)
    plan = plan_of(load())
    lines, memory, at_once = _pages(plan, options.only)
    taken = mail.measure(say) if options.only in ("", "letters") else None
    if taken is not None:
        say(f"  {taken.a_second:.0f} letters a second, {taken.wrong} wrong")
    table = quality.table() if options.only in ("", "table") else None
    if table is not None:
        say(f"  a table of {table.rows} rows in {table.seconds:.0f} s, {table.memory:.0f} MB")
    told = zup.measure() if options.only in ("", "exchange") and options.total <= SMALL else None
    if told is not None:
        say(f"  1C: {told.places} places of work in {told.first:.0f} s, a night {told.night:.0f} s")
    paid = payday.measure(plan, say) if options.only in ("", "payday") and options.total <= SMALL else None
    size = report.Size(
        total=options.total,
        lines=lines,
        letters_a_second=taken.a_second if taken else None,
        letters_wrong=taken.wrong if taken else 0,
        memory=memory,
        fill_seconds=filled,
        table_rows=table.rows if table else 0,
        table_seconds=table.seconds if table else None,
        table_memory=table.memory if table else None,
        exchange_places=told.places if told else 0,
        exchange_first=told.first if told else None,
        exchange_night=told.night if told else None,
        exchange_memory=told.memory if told else None,
        payday=asdict(paid) if paid else None,
        crowd_p95=at_once.p95() if at_once else None,
        crowd_answers=at_once.answers if at_once else 0,
        crowd_wrong=len(at_once.wrong) if at_once else 0,
    )
    options.answer.write_text(json.dumps(asdict(size), ensure_ascii=False), encoding="utf-8")
    return 0


def _asked(only: str, name: str) -> bool:
    """`people`: every page of theirs."""
    return name in people.addresses() if only == "people" else only in name


def _settle() -> None:
    """Wait until the worker has done what waited: people who work are measured, not the rest of another measuring."""
    begun = time.monotonic()
    while (lasted := time.monotonic() - begun) < SETTLING[1]:
        time.sleep(1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND"
                " coalesce(scheduled_at, now()) <= now()"
            )
            waiting = cursor.fetchone()[0]
        if waiting <= FEW and lasted >= SETTLING[0]:
            break
    say(f"  the worker settled in {lasted:.0f} s, {waiting} jobs wait")


def _pages(plan: Plan, only: str) -> tuple[list[report.Line], float | None, crowd.Crowd | None]:
    """Every page, a hundred people at once, and the memory of web server and worker after all that."""
    lines: list[report.Line] = []
    postmaster = stack.postmaster_of(plan.database_url)
    if postmaster is None:
        say("the database is on another machine: its processor time is not counted")
    with stack.web(plan) as server:
        for page in web.pages(f"127.0.0.1:{plan.port}"):
            if lines and not _asked(only, page.name):
                continue
            lines.append(web.measure(page, plan.port, [server, postmaster]))
            say(report.one(lines[-1], lines[0]))
        if only not in ("", "crowd"):
            return lines, None, None
        with stack.worker(plan) as worker:
            _settle()
            at_once = crowd.measure(plan.port, say)
            memory = stack.memory(server, worker)
            say(f"  {memory:.0f} MB")
            return lines, memory, at_once


if __name__ == "__main__":
    sys.exit(main())
