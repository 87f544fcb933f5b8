"""Files about people go with whom they are about: at a person's erasure every extract is thrown away."""

from __future__ import annotations

from provodnik.core.parts import Whom
from provodnik.privacy.models import Extract


def forget(whom: Whom) -> list[int]:
    """All of them: a file of looks names anybody. Who still needs one makes it anew."""
    rows = list(Extract.objects.values_list("pk", "blob"))
    Extract.objects.filter(pk__in=[pk for pk, _blob in rows]).delete()
    return [blob for _pk, blob in rows if blob is not None]
