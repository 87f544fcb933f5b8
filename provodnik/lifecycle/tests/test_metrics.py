"""Monitoring: who may ask, what it learns, what it never learns (safety A71, A73)."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from provodnik import __version__
from provodnik.channels.models import Outgoing
from provodnik.core import jobs
from provodnik.core.metrics import Family, gauge, gauges, render
from provodnik.core.upkeep import sweep
from provodnik.desk.tests.factories import MailboxFactory, make_ticket
from provodnik.exchange.models import Base
from provodnik.lifecycle import views
from provodnik.lifecycle.metrics import gather
from provodnik.lifecycle.metrics.shared import Counters

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "synthetic-token-of-forty-characters-0000"
CANARY = "zqcanary"


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    gather._last.clear()
    views._last.clear()
    yield
    gather._last.clear()
    views._last.clear()


def ask(client: Client, brought: str = f"Bearer {TOKEN}") -> str:
    response = client.get("/metrics", headers={"Authorization": brought})
    assert response.status_code == 200, response.status_code
    return response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "brought", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ж"]
)
def test_there_is_nothing_without_the_token(client: Client, settings, brought: str) -> None:
    for token in (TOKEN, ""):
        settings.METRICS_TOKEN = token
        headers = {"Authorization": brought} if brought else {}
        response = client.get("/metrics", headers=headers)
        assert response.status_code == 404
        assert __version__ not in response.text
    assert client.post("/metrics").status_code in (404, 405)


@pytest.mark.django_db
def test_everything_is_told_and_nobody_is_named(client: Client, settings, django_assert_max_num_queries) -> None:
    settings.METRICS_TOKEN = TOKEN
    now = timezone.now()
    ticket = make_ticket(subject=CANARY, text=CANARY)
    type(ticket).objects.filter(pk=ticket.pk).update(due_at=now - timedelta(hours=1), requester_name=CANARY)
    box = MailboxFactory.create(
        address=f"{CANARY}@chv.example", name=CANARY, error=CANARY, fetched_at=now, imap_host="x"
    )
    Outgoing.objects.create(
        key="o", about="x", recipient=f"{CANARY}@x.example", subject=CANARY, text=CANARY, message_id="<o@x>",
        created_at=now, next_try_at=now - timedelta(minutes=5), mailbox=box,
    )  # fmt: skip
    Base.objects.create(code=CANARY, name=CANARY, key_sealed="", key_made_at=now, created_at=now)
    jobs.defer(sweep, timestamp=0)
    client.get(f"/reset/{CANARY}/?{CANARY}={CANARY}")
    with django_assert_max_num_queries(60):
        told = ask(client)
    assert CANARY not in told and TOKEN not in told
    assert ask(client) == told  # given again for a while, whatever it costs to make
    figures = dict(re.findall(r"^(provodnik_\S+) (\S+)$", told, re.M))
    assert figures[f'provodnik_info{{version="{settings.VERSION}"}}'] == "1"
    priority = ticket.priority
    assert figures[f'provodnik_requests_open{{priority="{priority}"}}'] == "1"
    assert figures[f'provodnik_requests_overdue{{priority="{priority}"}}'] == "1"
    assert float(figures["provodnik_letter_oldest_wait_seconds"]) >= 300
    assert figures[f'provodnik_mailbox_failing{{mailbox="{box.pk}"}}'] == "1"
    assert figures['provodnik_jobs{state="todo"}'] != "0"
    assert int(figures['provodnik_disk_free_bytes{place="data"}']) > 0
    assert figures["provodnik_gather_failures"] == "0"
    assert int(figures['provodnik_http_requests_total{part="accounts",status="4xx"}']) >= 1
    names = {name.partition("{")[0] for name in figures}
    known = {line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")}
    described = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert {name for name in known if f"`{name}`" not in described} == set()
    assert {re.sub("_(bucket|sum|count)$", "", name) if "duration" in name else name for name in names} <= known


@pytest.mark.django_db
def test_what_breaks_in_one_part_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column")
        yield gauge("never", "", 1)

    monkeypatch.setattr(gather, "work", broken)
    told = gather.text(timezone.now())
    assert "provodnik_gather_failures 1" in told
    assert "provodnik_requests_open" in told


@pytest.mark.django_db
def test_work_is_told_without_figures(client: Client) -> None:
    assert client.get("/healthz/live").json() == {"status": "ok"}
    response = client.get("/healthz/work")  # there is no worker here
    assert (response.status_code, response.json()) == (503, {"status": "failing"})
    views._last.clear()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert client.get("/healthz/work").json() == {"status": "ok"}
    views._last.clear()
    jobs.defer(sweep, timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '10 minutes'")
    assert client.get("/healthz/work").status_code == 503
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    assert client.get("/healthz/work").status_code == 503


def test_a_process_that_lives_answers_without_a_database(client: Client) -> None:
    assert client.get("/healthz/live").status_code == 200  # this test has no database at all


def test_the_format_is_that_of_prometheus() -> None:
    told = render(
        [
            gauges("a", 'told\nin "words" \\', "name", {'q"\\\n': 1.5, "b": float("inf")}),
            gauge("never", "x", None),
            Family("c", "counter", "x", [("", {}, 3.0)]),
        ]
    )
    assert told == (
        '# HELP provodnik_a told\\nin "words" \\\\\n# TYPE provodnik_a gauge\n'
        'provodnik_a{name="q\\"\\\\\\n"} 1.5\nprovodnik_a{name="b"} +Inf\n'
        "# HELP provodnik_never x\n# TYPE provodnik_never gauge\n"
        "# HELP provodnik_c x\n# TYPE provodnik_c counter\nprovodnik_c 3\n"
    )


def in_child(work) -> int:
    """A forked process that does it and is killed, as a worker may be."""
    pid = os.fork()
    if pid == 0:
        work()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    return pid


def test_all_processes_count_together_and_a_killed_one_takes_nothing_away() -> None:
    counters = Counters(["desk", "other"], places=2)
    counters.count("desk", 200, 0.03)
    for _turn in range(5):  # more than there are places: the dead leave theirs
        in_child(lambda: [counters.count("desk", 500, 0.2), counters.count("unheard-of", 302, 99.0)])
    found = counters.totals()
    assert found["desk", "2xx"] == ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], pytest.approx(0.03))
    assert sum(found["desk", "5xx"][0]) == 5
    assert found["other", "3xx"][0][-1] == 5
    assert set(found) == {("desk", "2xx"), ("desk", "5xx"), ("other", "3xx")}


def test_who_finds_no_place_counts_nothing_and_harms_nothing() -> None:
    counters = Counters(["desk"], places=1)
    counters.count("desk", 200, 0.03)
    in_child(lambda: counters.count("desk", 200, 0.03))
    assert sum(counters.totals()["desk", "2xx"][0]) == 1
