"""An article in an answer: its words put into the editor, and a request of low priority closed with it (R5)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.articles import policies
from provodnik.articles.models import Article, Use, Version
from provodnik.core.decisions import Refused, require
from provodnik.desk.actions import closing
from provodnik.desk.models import Message, Ticket
from provodnik.desk.states import Resolution

LONGEST_QUOTE = 6000  # characters of an article that are put into an answer


def words_for(article: Article, ticket: Ticket, *, whole: bool) -> str:
    """What is put into an answer: the title with its address, or the steps themselves (`whole`). Raises Refused: an
    article that the requester may not read is never put there."""
    require(policies.may_send(article, ticket))
    assert article.published is not None
    return _composed(article, article.published, whole=whole)


def _composed(article: Article, version: Version, *, whole: bool) -> str:
    address = f"{settings.BASE_URL}{reverse('articles:show', args=[article.pk])}"
    head = _("Instruction “%(title)s”: %(address)s") % {"title": version.title, "address": address}
    if not whole:
        return head
    text = version.plain if len(version.plain) <= LONGEST_QUOTE else version.plain[:LONGEST_QUOTE].rstrip() + "…"
    return f"{version.title}\n\n{text}\n\n{head}"


def close_with(
    pk: int,
    number: int,
    *,
    resolution: Resolution,
    whole: bool,
    by: User,
    at: datetime,
    key: uuid.UUID,
    revision: int | None = None,
) -> Ticket:
    """Answer with the article and close, in one transaction: the article, the request and its notice go together."""
    if resolution not in policies.RESOLUTIONS:
        raise Refused(_("A request is not closed with an article in this way."), field="resolution")
    with transaction.atomic():
        article = Article.objects.select_for_update(of=("self",)).select_related("published").get(pk=pk)
        ticket = Ticket.objects.select_related("customer").get(pk=number)
        if not Message.objects.filter(key=key, ticket=ticket).exists():  # sent twice, it is closed once
            require(policies.may_close_with(by, ticket, article))
        assert article.published is not None
        text = "\n\n".join([_opening(), _composed(article, article.published, whole=whole)])
        ticket = closing.close(number, resolution=resolution, text=text, by=by, at=at, key=key, revision=revision)
        Use.objects.get_or_create(version=article.published, ticket=ticket, defaults={"by_id": by.pk, "at": at})
        return ticket


def _opening() -> str:
    return _("Hello! This instruction answers your question.")
