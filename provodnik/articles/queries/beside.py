"""Articles beside a request of the workbench."""

from __future__ import annotations

from dataclasses import dataclass

from provodnik.accounts.models import User
from provodnik.articles.models import Article
from provodnik.articles.policies import fit_for, may_close_with, may_send, published_for
from provodnik.articles.queries.search import offered, search
from provodnik.core.decisions import Decision
from provodnik.desk.models import Message, MessageKind, Ticket

SHOWN = 6
READ = 1500  # characters of the first message


@dataclass(frozen=True, slots=True)
class Beside:
    """An article beside a request, and whether it may go into an answer and close it."""

    article: Article
    may_send: Decision
    may_close: Decision


def beside(user: User, ticket: Ticket, typed: str = "") -> list[Beside]:
    """What fits the request: by its own words, or by what the specialist typed."""
    if typed.strip():
        articles = [hit.article for hit in search(user, typed).hits[:SHOWN]]
    else:
        first = Message.objects.filter(ticket_id=ticket.pk).exclude(kind=MessageKind.NOTE).order_by("at", "pk")
        text = first.values_list("text", flat=True).first() or ""
        words = f"{ticket.subject}\n{text[:READ]}"
        articles = offered(published_for(user), words, subsystem_id=ticket.subsystem_id)
    fit = set(fit_for(ticket).filter(pk__in=[one.pk for one in articles]).values_list("pk", flat=True))
    return [_told(user, ticket, article, fits=article.pk in fit) for article in articles]


def _told(user: User, ticket: Ticket, article: Article, *, fits: bool) -> Beside:
    send = may_send(article, ticket, fits=fits)
    return Beside(article, send, may_close_with(user, ticket, article, fits=fits))
