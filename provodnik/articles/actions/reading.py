"""What readers do: say whether it helped; ask in vain."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.articles import policies
from provodnik.articles.actions.base import changing
from provodnik.articles.models import Asked, Vote
from provodnik.articles.queries.search import words_in
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line

MOST_ASKED = 2000  # kept; the rarest of the oldest go first
_COUNT = """
INSERT INTO articles_asked (words, times, at) VALUES (%s, 1, %s)
ON CONFLICT (words) DO UPDATE SET times = articles_asked.times + 1, at = excluded.at
"""
# A number, an address: what a person may have looked for himself by.
_PERSONAL = re.compile(r"@|\d{4,}")


def vote(pk: int, version: int, *, helped: bool, by: User, at: datetime, text: str = "") -> Vote:
    """One word a person and version; a later one replaces the earlier. `version`: the number that the page showed."""
    with changing(pk) as article:
        require(policies.may_vote(by, article))
        voted = article.versions.filter(number=version).first()
        if voted is None:
            raise Refused(_("There is no such version."))
        made, _new = Vote.objects.update_or_create(
            version=voted, user_id=by.pk, defaults={"helped": helped, "text": one_line(text, 1000), "at": at}
        )
        article.revision -= 1  # a vote disturbs no editor
        return made


def asked_in_vain(typed: str, *, at: datetime) -> None:
    """Remember the words of a search that gave nothing; never by whom, never what looks like a person's."""
    words = " ".join(words_in(typed, 8))[:100]
    if len(words) < 3 or _PERSONAL.search(typed):
        return
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [words, at])
    if Asked.objects.count() > MOST_ASKED:
        rare = Asked.objects.order_by("times", "at").values("pk")[: MOST_ASKED // 10]
        Asked.objects.filter(pk__in=list(rare.values_list("pk", flat=True))).delete()


def forget(pk: int) -> None:
    """The words were seen to: an article was written, or none is needed."""
    Asked.objects.filter(pk=pk).delete()
