"""Files of requests: who may have which."""

from __future__ import annotations

from django.db.models import QuerySet

from provodnik.accounts.models import User
from provodnik.desk.models import Attachment, MessageKind
from provodnik.desk.policies import visible_tickets


def visible_attachments(user: User) -> QuerySet[Attachment]:
    """Files of the messages that the asker sees: not a note's, unless he works at the desk."""
    found = Attachment.objects.select_related("blob", "message__ticket").filter(
        message__ticket__in=visible_tickets(user).values("pk")
    )
    return found if user.is_desk else found.exclude(message__kind=MessageKind.NOTE)
