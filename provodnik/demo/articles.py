"""Instructions of the demo: written, published anew and judged by the people of the two years."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.articles.actions import publishing, reading, writing
from provodnik.articles.models import Article, Asked, Section, Vote
from provodnik.articles.states import Audience, Kind
from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.demo.pictures import screenshot
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Subsystem

KEYS = uuid.UUID("0a4f6c52-7d0e-4a07-9d1a-b8f5f1f7c4aa")
PICTURE = "PICTURE"  # in a text: where the key of the article's picture goes


def write(cast: Cast, now: datetime, chance: random.Random) -> None:
    """Articles with their versions, votes and what was asked in vain. Nothing of it sends a letter."""
    book = data.toml("articles")
    sections = {
        name: Section.objects.create(name=name, position=place) for place, name in enumerate(book["sections"], start=1)
    }
    for row in book["article"]:
        article = _written(row, sections[row["section"]], cast, now, chance)
        if article.published is not None and row.get("audience") != Audience.DESK.value:
            _judge(article, row, _readers(cast, row), now, chance)
    for words, times in book["asked"]:
        reading.asked_in_vain(words, at=now - timedelta(hours=chance.randint(2, 400)))
        Asked.objects.filter(words__startswith=words[:8]).update(times=times)


def _written(row: dict[str, Any], section: Section, cast: Cast, now: datetime, chance: random.Random) -> Article:
    lead, author = cast.desk["galina"], cast.desk[row["by"]]
    day = now - timedelta(days=row["days"])
    at = day.replace(hour=chance.randint(6, 11), minute=chance.randint(0, 59)) if row["days"] > 2 else day
    late = at + timedelta(days=row["days"] * 7 // 10)
    checking = timezone.localdate(now) + timedelta(days=row["check"]) if row["check"] else None
    facts = writing.Settings(
        kind=Kind(row.get("kind", Kind.INSTRUCTION.value)),
        section=section,
        subsystem=Subsystem.objects.filter(name=row.get("subsystem", "")).first(),
        audience=Audience(row.get("audience", Audience.EVERYONE.value)),
        customers=[cast.customers[name] for name in row.get("customers", [])],
        check_by=checking,
    )
    article = writing.start(
        _copy(row, row.get("early", "")), facts, key=uuid.uuid5(KEYS, row["title"]), by=author, at=at
    )
    if row.get("picture"):
        shot = NewFile("снимок экрана.png", "image/png", screenshot(chance))
        [file] = writing.attach(article.pk, [shot], by=author, at=at)
        row = {**row, "text": row["text"].replace(PICTURE, str(file.pk))}
        writing.change(article.pk, _copy(row, row.get("early", "")), None, by=author, at=at)
    if row.get("state") != "draft":
        publishing.publish(article.pk, by=lead, at=at + timedelta(hours=3))
        if "early" in row:
            writing.change(article.pk, _copy(row), None, by=author, at=late)
            publishing.publish(article.pk, note=row["note"], by=lead, at=late + timedelta(hours=5))
        if row.get("state") == "withdrawn":
            publishing.withdraw(article.pk, by=lead, at=late)
    else:
        writing.offer(article.pk, by=author, at=now - timedelta(hours=3))
    return Article.objects.select_related("published").get(pk=article.pk)


def _copy(row: dict[str, Any], early: str = "") -> writing.Copy:
    """What is written; `early`: in place of the last paragraph, as it once was."""
    text = row["text"].strip()
    if early:
        text = f"{text.rpartition(chr(10) * 2)[0]}\n\n{early}"
    return writing.Copy(row["title"], text, row["summary"], row["keywords"])


def _judge(article: Article, row: dict[str, Any], readers: list[User], now: datetime, chance: random.Random) -> None:
    """Votes of people who may read it; «не помогло» with their words."""
    version = article.published
    assert version is not None
    words = row["missing"]
    judges = chance.sample(readers, min(row["helped"] + 2 * len(words), len(readers)))
    votes = []
    for place, reader in enumerate(judges):
        helped = place >= 2 * len(words)
        text = "" if helped or place >= len(words) else words[place]
        at = version.at + (now - version.at) * chance.random()
        votes.append(Vote(version=version, user=reader, helped=helped, text=text, at=at))
    Vote.objects.bulk_create(votes)


def _readers(cast: Cast, row: dict[str, Any]) -> list[User]:
    customers = {cast.customers[name].pk for name in row.get("customers", cast.customers)}
    return [one.user for one in cast.contacts.values() if one.user is not None and one.customer_id in customers]
