"""What doctor asks of articles."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from provodnik.core.parts import Finding

# Published, and search knows neither its words nor their stems: nobody would ever find it.
_UNKNOWN = """
SELECT id FROM articles_article AS article WHERE state = 'published'
AND (search IS NULL OR NOT EXISTS (SELECT 1 FROM articles_word WHERE article_id = article.id)) ORDER BY id LIMIT 100
"""


def known_to_search() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_UNKNOWN)
        numbers = [str(number) for (number,) in cursor.fetchall()]
    if numbers:
        told = _("Published articles that search does not know: %(numbers)s. Publish them anew.")
        yield Finding("error", told % {"numbers": ", ".join(numbers)})
    else:
        yield Finding("ok", _("Search knows every published article."))
