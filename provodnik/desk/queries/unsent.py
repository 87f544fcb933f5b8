"""What a person has written in all requests and nobody reads yet."""

from __future__ import annotations

from django.db.models import Count

from provodnik.accounts.models import User
from provodnik.desk.models import Unsent
from provodnik.desk.policies import visible_tickets

MOST_SHOWN = 200


def drafts_of(user: User) -> list[Unsent]:
    """The newest first; of requests that he may still see."""
    mine = Unsent.objects.filter(user=user, ticket__in=visible_tickets(user))
    return list(
        mine.select_related("ticket").annotate(count=Count("files")).order_by("-changed_at", "-pk")[:MOST_SHOWN]
    )
