"""Who reads which article, and who may do what with it.

`visible_articles` is the only door: page, list, search, suggestion, file and API go through it; what it does not give
does not exist for the asker (404).
"""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.articles.models import Article, ArticleFile
from provodnik.articles.states import Audience, State, is_legal
from provodnik.core.decisions import YES, Decision, no
from provodnik.desk.models import Ticket
from provodnik.desk.policies import contact_of, may_close
from provodnik.desk.states import Priority, Resolution

PUBLISHED = Q(state=State.PUBLISHED.value)
# What a request that an article answers is closed with (R5, R11): the matter was shown, or the user had not known it.
RESOLUTIONS = (Resolution.SOLVED, Resolution.USER_ERROR)


def is_author(user: User) -> bool:
    """Drafts and withdrawn articles exist for those who write them: the desk and the administrator."""
    return bool(user.is_authenticated and (user.is_desk or user.is_administrator))


def is_publisher(user: User) -> bool:
    return bool(user.is_authenticated and (user.is_lead or user.is_administrator))


def _for_customer(customer_id: int | None) -> Q:
    """What people of a customer (None: of nobody's) may read."""
    everyone = Q(audience=Audience.EVERYONE.value)
    if customer_id is None:
        return everyone
    chosen = Article.customers.through.objects.filter(customer_id=customer_id).values("article_id")
    return everyone | Q(audience=Audience.CUSTOMERS.value, pk__in=chosen)


def visible_articles(user: User) -> QuerySet[Article]:
    """Authors see all. Others what is published for everyone, and for the customer whose living contact they are."""
    if not user.is_authenticated or not user.is_active:
        return Article.objects.none()
    if is_author(user):
        return Article.objects.all()
    contact = contact_of(user)
    return Article.objects.filter(PUBLISHED & _for_customer(contact.customer_id if contact is not None else None))


def published_for(user: User) -> QuerySet[Article]:
    """What the person reads as a reader: authors too see nobody's draft here."""
    return visible_articles(user).filter(PUBLISHED)


def visible_files(user: User) -> QuerySet[ArticleFile]:
    """An author's: all of an article. A reader's: those that the version he sees was published with."""
    files = ArticleFile.objects.filter(article__in=visible_articles(user).values("pk"))
    if is_author(user):
        return files
    return files.filter(article__published__files__pk=F("pk"))


def fit_for(ticket: Ticket) -> QuerySet[Article]:
    """Articles that the requester of a request may read: the only ones that may go into an answer."""
    return Article.objects.filter(PUBLISHED & _for_customer(ticket.customer_id))


def may_send(article: Article, ticket: Ticket, *, fits: bool | None = None) -> Decision:
    """Put the article into an answer: never what its reader may not read. `fits`: whether `fit_for` has it, where that
    is known already."""
    if article.state != State.PUBLISHED.value:
        return no(_("Only a published article can be put into an answer."))
    if article.audience == Audience.DESK.value:
        return no(_("The article is for the desk alone: it cannot be put into an answer."))
    if not (fit_for(ticket).filter(pk=article.pk).exists() if fits is None else fits):
        return no(_("The article is for other customers: this requester may not read it."))
    return YES


def may_close_with(user: User, ticket: Ticket, article: Article, *, fits: bool | None = None) -> Decision:
    """R5: what is solved on the spot with instructions and memos is of low priority."""
    if ticket.priority != Priority.LOW.value:
        return no(_("Only a request of low priority is closed with an article."))
    allowed = may_close(user, ticket, RESOLUTIONS[0].value)
    return may_send(article, ticket, fits=fits) if allowed else allowed


def may_write(user: User) -> Decision:
    """Make a draft, change a working copy."""
    return YES if is_author(user) else no(_("Only the desk and the administrator write articles."))


def may_publish(user: User) -> Decision:
    return YES if is_publisher(user) else no(_("The lead or the administrator publishes."))


def may_settle(user: User, article: Article) -> Decision:
    """Change for whom the article is, its section, its day of checking: of what readers see already only who
    publishes may."""
    if article.state == State.DRAFT.value:
        return may_write(user)
    return may_publish(user)


def may_withdraw(user: User, article: Article) -> Decision:
    if not is_legal(article.state, State.WITHDRAWN):
        return no(_("The article is not published."))
    return may_publish(user)


def may_delete(user: User, article: Article) -> Decision:
    """Only what nobody has ever read; what was published is withdrawn and kept."""
    if article.state != State.DRAFT.value:
        return no(_("What was published is withdrawn, not deleted."))
    if article.author_id == user.pk and is_author(user):
        return YES
    return may_publish(user)


def may_vote(user: User, article: Article) -> Decision:
    if article.state != State.PUBLISHED.value:
        return no(_("The article is not published."))
    return YES
