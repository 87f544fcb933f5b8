"""What readers of articles leave, and lose with their person by a lawful erasure (docs/adr/0018)."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from provodnik.articles.models import Asked, Vote
from provodnik.core.parts import Whom


def forget(whom: Whom) -> list[int]:
    """Why an article did not help, in the person's words; searches that name him. That it did not help stays."""
    if whom.user is not None:
        Vote.objects.filter(user=whom.user).exclude(text="").update(text="")
    if whom.words:
        Asked.objects.filter(reduce(or_, (Q(words__icontains=word) for word in whom.words))).delete()
    return []
