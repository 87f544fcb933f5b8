"""What the API remembers for a day, and loses by a lawful erasure (docs/adr/0018): answers kept for a repeat, files on
their way. A repeat of what was erased finds no answer and is judged anew."""

from __future__ import annotations

from django.db.models.expressions import RawSQL

from provodnik.api.models import Answer, Upload
from provodnik.core.parts import Whom

# an answer tells of a request by its number, wherever in it; a draft's says no number
_ABOUT = """
body ? 'draft'
OR jsonb_path_exists(body, '$.**.number ? (@ == $numbers[*])', jsonb_build_object('numbers', %s::jsonb))
"""


def erase(numbers: list[int], kinds: frozenset[str]) -> list[int]:
    if kinds & {"texts", "names"}:
        Answer.objects.annotate(about=RawSQL(_ABOUT, [str(numbers)])).filter(about=True).delete()  # noqa: S611
    return []


def forget(whom: Whom) -> list[int]:
    """Everything that was sent by the person's own tokens."""
    if whom.user is None:
        return []
    Answer.objects.filter(token__owner=whom.user).delete()
    sent = Upload.objects.filter(owner=whom.user)
    bytes_of = list(sent.values_list("blob", flat=True))
    sent.delete()
    return bytes_of
