"""The manuals as PDFs, the same bytes for the same commit and day."""

from __future__ import annotations

from datetime import date

from django.utils import translation

from provodnik.manual import paper, sources
from release.pack import Member


def manuals(day: date) -> dict[str, Member]:
    """docs/manuals/NAME.pdf → the file. `day`: of the release, stands in the foot of each page."""
    with translation.override("ru"):
        return {f"docs/manuals/{book.slug}.pdf": Member(paper.made_of(book, day)) for book in sources.books()}
