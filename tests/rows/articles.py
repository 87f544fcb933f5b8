"""Rows of articles. everyone's, of customer A, of customer B, the desk's, a draft, one that was withdrawn."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.articles.actions import publishing, reading, writing
from provodnik.articles.models import Article, Asked, Section
from provodnik.articles.states import Audience
from provodnik.articles.tests.factories import PIXEL, for_customers
from provodnik.desk.actions.base import NewFile
from provodnik.desk.states import Priority
from tests.rowwords import ADMINISTRATORS, BOTH, CONTACTS, DESK, GET, OF_A, OF_B, POST, SIGNED_IN, Row, to, work

AUTHORS = (*DESK, *ADMINISTRATORS)
PUBLISHERS = ("lead", *ADMINISTRATORS)
# What everybody may read, and what the people of one customer, the desk and the authors may.
READERS = {
    "everyones": SIGNED_IN,
    "of_a": (*OF_A, *AUTHORS),
    "of_b": (*OF_B, *AUTHORS),
    "desks": AUTHORS,
    "draft": AUTHORS,
    "withdrawn": AUTHORS,
    "missing": (),
}
FEW = {name: READERS[name] for name in ("everyones", "of_b", "withdrawn", "missing")}
WRITTEN = {"everyones": AUTHORS, "draft": AUTHORS, "missing": ()}
SETTLED = {"everyones": PUBLISHERS, "draft": PUBLISHERS, "missing": ()}
VERSIONS = {"everyones": AUTHORS, "desks": AUTHORS, "missing": ()}
BESIDE = {"everyones": DESK, "desks": DESK, "missing": ()}

SECRET = "канарейкастатьи"

ROWS: dict[str, Row] = {
    "articles:index": to(SIGNED_IN),
    "articles:section": Row(GET, {"everyones": SIGNED_IN, "of_b": (*OF_B, *AUTHORS), "missing": ()}),
    "articles:suggest": to(SIGNED_IN, POST),
    "articles:show": Row(GET, READERS),
    "articles:print": Row(GET, FEW),
    "articles:pdf": Row(GET, FEW),
    "articles:vote": Row(POST, FEW),
    "articles:ask": Row(POST, {"everyones": CONTACTS, "of_b": OF_B, "desks": (), "missing": ()}),
    "articles:file": Row(GET, FEW),
    "articles:picture": Row(GET, READERS),
    "articles:authors": to(AUTHORS),
    "articles:new": to(AUTHORS, BOTH),
    "articles:preview": to(AUTHORS, POST),
    "articles:asked": to(AUTHORS),
    "articles:forget": Row(POST, {"there": PUBLISHERS, "missing": ()}),
    "articles:sections": to(PUBLISHERS),
    "articles:section_new": to(PUBLISHERS, BOTH),
    "articles:section_edit": Row(BOTH, {"everyones": PUBLISHERS, "missing": ()}),
    "articles:section_remove": Row(POST, {"everyones": PUBLISHERS, "missing": ()}),
    "articles:edit": Row(BOTH, WRITTEN),
    "articles:withdraw": Row(POST, SETTLED),
    "articles:checked": Row(POST, SETTLED),
    "articles:delete": Row(POST, WRITTEN),
    "articles:detach": Row(POST, WRITTEN),
    "articles:versions": Row(GET, WRITTEN),
    "articles:differ": Row(GET, VERSIONS),
    "articles:version": Row(GET, VERSIONS),
    "articles:restore": Row(POST, VERSIONS),
    "articles:beside": work(),
    "articles:words": Row(GET, BESIDE),
    "articles:close": Row(BOTH, BESIDE),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """One article of each audience and state, each with a picture; the words of foreign ones are canaries."""
    from tests.world import CANARY_A, CANARY_B, MISSING, MISSING_KEY, WORD

    lead, now = world.people["lead"], timezone.now()
    ours, theirs = world.own.customer, world.foreign.customer
    shelves = {name: Section.objects.create(name=f"Раздел {name}") for name in ("everyones", "of_b")}
    audiences: dict[str, dict[str, Any]] = {
        "everyones": {"section": shelves["everyones"]},
        "of_a": for_customers(ours),
        "of_b": {**for_customers(theirs), "section": shelves["of_b"]},
        "desks": {"audience": Audience.DESK},
        "draft": {},
        "withdrawn": {},
    }
    # the administrator writes articles too: the desk's own word, which he never reads, stands in none
    canaries = {"of_a": CANARY_A, "of_b": CANARY_B, "desks": SECRET, "draft": SECRET, "withdrawn": SECRET}
    made: dict[str, tuple[Article, uuid.UUID]] = {}
    for name, facts in audiences.items():
        canary = canaries.get(name, "")
        copy = writing.Copy(f"{WORD} {canary}", f"{WORD}: {canary}. Нажмите «Печать».", summary=canary)
        article = writing.start(copy, writing.Settings(**facts), key=uuid.uuid4(), by=lead, at=now)
        [file] = writing.attach(article.pk, [NewFile(f"{canary}.png", "image/png", PIXEL)], by=lead, at=now)
        if name != "draft":
            publishing.publish(article.pk, by=lead, at=now)
        if name == "withdrawn":
            publishing.withdraw(article.pk, by=lead, at=now)
        made[name] = (article, file.pk)
    reading.asked_in_vain("чего никто не нашёл", at=now)
    by_pk = {name: {"pk": article.pk} for name, (article, _key) in made.items()} | {"missing": {"pk": MISSING}}
    by_key = {name: {"key": key} for name, (_article, key) in made.items()} | {"missing": {"key": MISSING_KEY}}
    by_both = {name: {"pk": article.pk, "key": key} for name, (article, key) in made.items()}
    versions = {name: {"pk": article.pk, "version": 1} for name, (article, _key) in made.items()}
    shelf = {name: {"pk": one.pk} for name, one in shelves.items()} | {"missing": {"pk": MISSING}}
    low = _low(world)
    beside = {name: {"number": low, "pk": article.pk} for name, (article, _key) in made.items()}
    found = {route: by_pk for route, row in ROWS.items() if row.things and list(row.things) != [""]}
    return found | {
        "articles:section": shelf,
        "articles:section_edit": shelf,
        "articles:section_remove": shelf,
        "articles:file": by_key,
        "articles:picture": by_key,
        "articles:detach": by_both | {"missing": {"pk": MISSING, "key": MISSING_KEY}},
        "articles:version": versions | {"missing": {"pk": MISSING, "version": 1}},
        "articles:restore": versions | {"missing": {"pk": MISSING, "version": 1}},
        "articles:beside": world.things["desk:ticket"],
        "articles:words": beside | {"missing": {"number": low, "pk": MISSING}},
        "articles:close": beside | {"missing": {"number": low, "pk": MISSING}},
        "articles:forget": {"there": {"pk": Asked.objects.get().pk}, "missing": {"pk": MISSING}},
    }


def _low(world: Any) -> int:
    from provodnik.desk.actions import facts

    facts.change_priority(
        world.own.pk, priority=Priority.LOW, reason="вопрос", by=world.people["specialist"], at=timezone.now()
    )
    return int(world.own.pk)
