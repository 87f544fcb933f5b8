"""What actions of articles share: the locked row, its revision, the words that search knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.articles.models import Article, Word
from provodnik.articles.queries.search import words_in
from provodnik.core.decisions import ChangedMeanwhile
from provodnik.desk.search import normal

MOST_WORDS = 4000  # different words of one article that a slip is set right by
_VECTOR = """
UPDATE articles_article SET search =
    setweight(to_tsvector('russian', %s), 'A') || setweight(to_tsvector('russian', %s), 'B')
    || setweight(to_tsvector('russian', %s), 'C') || setweight(to_tsvector('russian', %s), 'D')
WHERE id = %s
"""
_STEMS = """
SELECT DISTINCT ON (stem) stem, word FROM (
    SELECT word, place, (tsvector_to_array(to_tsvector('russian', word)))[1] AS stem
    FROM unnest(%s::text[]) WITH ORDINALITY AS one(word, place)
) AS stems WHERE length(stem) BETWEEN 3 AND 60 ORDER BY stem, place
"""


@contextmanager
def changing(pk: int, *, revision: int | None = None) -> Iterator[Article]:
    """The article, locked for one transaction. `revision`: what the page was made from.
    Raises Article.DoesNotExist, ChangedMeanwhile."""
    with transaction.atomic():
        article = Article.objects.select_for_update(of=("self",)).select_related("published", "section").get(pk=pk)
        if revision is not None and article.revision != revision:
            raise ChangedMeanwhile(_("Somebody changed the article meanwhile. Look at it once more."))
        yield article
        article.revision += 1
        article.save()


def learn(article: Article) -> None:
    """Let search know the published version: its vector, and its words for slips of the finger."""
    version = article.published
    assert version is not None
    texts = [normal(one) for one in (version.title, version.keywords, version.summary, version.plain)]
    with connection.cursor() as cursor:
        cursor.execute(_VECTOR, [*texts, article.pk])
        cursor.execute(_STEMS, [words_in(" ".join(texts), MOST_WORDS)])
        found = cursor.fetchall()
    Word.objects.filter(article=article).delete()
    Word.objects.bulk_create(Word(article=article, stem=stem, shown=word) for stem, word in found)
