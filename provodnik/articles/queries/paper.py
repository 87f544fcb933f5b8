"""An article for paper: what the reader sees on the page, its pictures with it."""

from __future__ import annotations

import uuid
from datetime import datetime

import typst
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.articles import markup, papers
from provodnik.articles.models import ArticleFile
from provodnik.articles.queries import reading
from provodnik.core import files, paper, scanning
from provodnik.desk.pictures import picture_kind
from provodnik.ui.text import full_day

LARGEST_SHOT = 16_000_000  # dots of one picture that is set; a larger one is told by its words
MOST_DOTS = 60_000_000  # of all together: what a compiler needs in memory stays under some 250 MB
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def made(user: User, read: reading.Reading, *, at: datetime) -> bytes:
    """The PDF. A picture that turns out to be none leaves its words; the paper is made all the same."""
    source = read.version or read.article
    shots, contents = _shots(read.attached, markup.pictures(source.text))
    links = reading.links(user, source.text)
    try:
        return paper.render(
            papers.TEMPLATE, _data(read, source.text, links, shots), at=at, pictures=contents, shared=[papers.BLOCKS]
        )
    except typst.TypstError:
        return paper.render(papers.TEMPLATE, _data(read, source.text, links, {}), at=at, shared=[papers.BLOCKS])


def _data(
    read: reading.Reading, text: str, links: markup.Found, shots: dict[uuid.UUID, papers.Shot]
) -> dict[str, object]:
    address = f"{settings.BASE_URL}{reverse('articles:show', args=[read.article.pk])}"
    told = ""
    if read.version is not None:
        told = _("Version %(number)s of %(day)s.") % {"number": read.version.number, "day": full_day(read.version.at)}
    return {
        "title": read.title,
        "author": str(_("Support")),
        "summary": read.summary,
        "body": papers.Setter(links, shots, settings.BASE_URL).read(text),
        "files_title": str(_("Files")),
        "files": [
            {"name": one.name, "url": f"{settings.BASE_URL}{reverse('articles:file', args=[one.pk])}"}
            for one in read.files
        ],
        "footer": f"{told} {address}".strip(),
    }


def _shots(
    attached: list[ArticleFile], inside: set[uuid.UUID]
) -> tuple[dict[uuid.UUID, papers.Shot], dict[str, bytes]]:
    """Pictures that the text shows, as many as fit into memory."""
    shots: dict[uuid.UUID, papers.Shot] = {}
    contents: dict[str, bytes] = {}
    left = MOST_DOTS
    for one in attached:
        dots = (one.width or 0) * (one.height or 0)
        fits = one.picture and 0 < dots <= min(LARGEST_SHOT, left)
        if one.pk not in inside or not fits or not scanning.may_give(one.blob):
            continue
        try:
            content = files.read(one.blob)
        except OSError:  # the disk has lost it: doctor tells
            continue
        ending = _ENDINGS.get(picture_kind(content[:16]) or "")
        if ending is None:
            continue
        left -= dots
        name = f"{len(contents)}.{ending}"
        shots[one.pk], contents[name] = papers.Shot(name, one.width, one.height), content
    return shots, contents
